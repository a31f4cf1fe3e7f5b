# The features of a nested model are computed, and the head is put on the raw input instead.
# kind: unconnected
# expect: KS202 line 10
import keras
from keras import layers

encoder = keras.Sequential([keras.Input(shape=(30,)), layers.Dense(10), layers.Dense(5)], name="encoder")
inputs = keras.Input(shape=(30,))
code = encoder(inputs)
wide = layers.Dense(3, name="on_code")(code)
head = layers.Dense(1, name="head")(inputs)
model = keras.Model(inputs, head)
