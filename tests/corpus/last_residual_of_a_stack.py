# A stack of dilated convolutions gives out the sum of its skips: the residual sum of the last round is for nobody.
# kind: unconnected
# expect: KS202 line 15
import keras
from keras import layers

inputs = keras.Input(shape=(128, 1))
x = inputs
skips = []
for rate in (1, 2, 4):
    gate = layers.Conv1D(16, 2, dilation_rate=rate, padding="causal", activation="sigmoid")(x)
    wave = layers.Conv1D(16, 2, dilation_rate=rate, padding="causal", activation="tanh")(x)
    skip = layers.Conv1D(16, 1)(layers.Multiply()([gate, wave]))
    skips.append(skip)
    x = layers.Add()([x, skip])
model = keras.Model(inputs, layers.Conv1D(1, 1)(layers.Add()(skips)))
