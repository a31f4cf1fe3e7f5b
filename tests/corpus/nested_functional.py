# Models as layers of models, two levels deep, the middle one called twice.
# kind: right
# expect: nothing
import keras
from keras import layers

patch = keras.Input(shape=(8,), name="patch")
inner = keras.Model(patch, layers.Dense(4)(patch), name="inner")
pair = keras.Input(shape=(8,), name="pair")
middle = keras.Model(pair, layers.Dense(2)(inner(pair)), name="middle")
a, b = keras.Input(shape=(8,)), keras.Input(shape=(8,))
outer = keras.Model([a, b], layers.Add()([middle(a), middle(b)]), name="outer")
