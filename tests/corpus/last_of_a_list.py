# A slice leaves the last layer of the list out.
# kind: unconnected
# expect: KS201 line 10 left_out
import keras
from keras import layers

stack = [
    layers.Dense(32, activation="relu"),
    layers.Dense(16, activation="relu"),
    layers.Dense(8, activation="relu", name="left_out"),
]
inputs = keras.Input(shape=(20,))
x = inputs
for layer in stack[:-1]:
    x = layer(x)
model = keras.Model(inputs, layers.Dense(1)(x))
