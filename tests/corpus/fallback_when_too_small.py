# A convolution that does not fit is tried, and a Dense takes its place.
# kind: right
# expect: nothing
import keras
from keras import layers

inputs = keras.Input(shape=(5, 5, 1))
try:
    x = layers.Conv2D(4, 7)(inputs)
except ValueError:
    x = layers.Dense(4)(layers.Flatten()(inputs))
model = keras.Model(inputs, x)
