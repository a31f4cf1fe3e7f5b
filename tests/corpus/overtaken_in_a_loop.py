# Each round of the loop starts again from the inputs; only the last round's layer is used.
# kind: unconnected
# expect: KS202 line 9 dense
import keras
from keras import layers

inputs = keras.Input(shape=(40,))
for width in (64, 32, 16):
    h = layers.Dense(width, activation="relu")(inputs)
model = keras.Model(inputs, layers.Dense(1)(h))
