# A subclassed model keeps a Dropout that its call has forgotten.
# kind: unconnected
# expect: KS204 line 12
import keras
from keras import layers


class Tagger(keras.Model):
    def __init__(self):
        super().__init__()
        self.encode = layers.Dense(32, activation="relu")
        self.dropout = layers.Dropout(0.4)
        self.decode = layers.Dense(5)

    def call(self, x):
        return self.decode(self.encode(x))


tagger = Tagger()
tagger(keras.Input(shape=(12,)))
