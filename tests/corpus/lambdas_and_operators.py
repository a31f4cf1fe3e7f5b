# Lambda layers, operators and slices on symbolic tensors.
# kind: right
# expect: nothing
import keras
from keras import layers

inputs = keras.Input(shape=(10, 4))
first = inputs[:, 0, :]
mean = layers.Lambda(lambda t: t * 0.5, name="half")(first)
centred = (first - mean) / 2.0
x = layers.Dense(4, activation="tanh")(centred)
gate = layers.Dense(4, activation="sigmoid")(centred)
model = keras.Model(inputs, gate * x + (1.0 - gate) * first)
