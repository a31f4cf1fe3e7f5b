# A skip connection written with + whose result is never used.
# kind: unconnected
# expect: KS202 line 9 second
import keras
from keras import layers

inputs = keras.Input(shape=(8,))
x = layers.Dense(8, name="first")(inputs)
y = layers.Dense(8, name="second")(x)
skip = x + y
outputs = layers.Dense(2, name="out")(x)
model = keras.Model(inputs, outputs)
