# A plain class of the author's holds the layers and calls them; one of them only on demand.
# kind: right
# expect: nothing
import keras
from keras import layers


class Builder:
    def __init__(self):
        self.hidden = layers.Dense(6)
        self.extra = layers.Dense(6)

    def network(self, deep=False):
        inputs = keras.Input(shape=(4,))
        x = self.hidden(inputs)
        if deep:
            x = self.extra(x)
        return keras.Model(inputs, x)


model = Builder().network()
