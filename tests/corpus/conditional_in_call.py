# A layer that call uses in training only, and one that only some settings need.
# kind: right
# expect: nothing
import keras
from keras import layers


class Net(keras.Model):
    def __init__(self, deep=False):
        super().__init__()
        self.noise = layers.GaussianNoise(0.1)
        self.first = layers.Dense(8)
        self.deep = deep
        self.second = layers.Dense(8)
        self.last = layers.Dense(1)

    def call(self, x, training=False):
        if training:
            x = self.noise(x)
        x = self.first(x)
        if self.deep:
            x = self.second(x)
        return self.last(x)


net = Net()
net(keras.Input(shape=(3,)))
