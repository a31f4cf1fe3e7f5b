# An Input for the mask was prepared and never given to the model.
# kind: unconnected
# expect: KS203 line 8 mask
import keras
from keras import layers

tokens = keras.Input(shape=(64,), dtype="int32", name="tokens")
mask = keras.Input(shape=(64,), dtype="bool", name="mask")
x = layers.Embedding(1000, 8)(tokens)
x = layers.GlobalAveragePooling1D()(x)
model = keras.Model(tokens, layers.Dense(2)(x))
