# A layer at class level is shared by all objects of the class.
# kind: right
# expect: nothing
import keras
import numpy as np
from keras import layers


class Shared(layers.Layer):
    table = layers.Embedding(20, 4)

    def call(self, ids):
        return self.table(ids)


first, second = Shared(), Shared()
ids = keras.Input(shape=(5,), dtype="int32")
model = keras.Model(ids, layers.Add()([first(ids), second(ids)]))
