# The layers stand in a tuple and are folded over the input.
# kind: right
# expect: nothing
import functools

import keras
from keras import layers

stack = tuple(layers.Dense(width, activation="relu") for width in (16, 8, 4))
inputs = keras.Input(shape=(10,))
outputs = functools.reduce(lambda x, layer: layer(x), stack, inputs)
model = keras.Model(inputs, outputs)
