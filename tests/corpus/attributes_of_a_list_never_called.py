# A subclassed model keeps the layers of two paths and walks only one of them.
# kind: unconnected
# expect: KS204 line 15 side_a
# expect: KS204 line 16 side_b
import keras
import numpy as np
from keras import layers


class TwoPaths(keras.Model):
    def __init__(self):
        super().__init__()
        self.main_path = [layers.Dense(8, activation="relu") for _ in range(2)]
        self.side_path = [
            layers.Dense(4, name="side_a"),
            layers.Dense(4, name="side_b"),
        ]
        self.end = layers.Dense(1)

    def call(self, x):
        for layer in self.main_path:
            x = layer(x)
        return self.end(x)


net = TwoPaths()
net(np.ones((2, 6), dtype="float32"))
