# A subclassed model keeps its layers in lists, dicts and tuples and finds them by name.
# kind: right
# expect: nothing
import keras
import numpy as np
from keras import layers


class Pyramid(keras.Model):
    def __init__(self, widths=(8, 4)):
        super().__init__()
        self.steps = []
        for width in widths:
            self.steps.append(layers.Dense(width, activation="relu"))
        self.heads = {"mean": layers.Dense(1), "variance": layers.Dense(1, activation="softplus")}
        for number in range(2):
            setattr(self, f"gate_{number}", layers.Dense(4, activation="sigmoid"))

    def call(self, x):
        for step in self.steps:
            x = step(x)
        for number in range(2):
            x = x * getattr(self, f"gate_{number}")(x)
        return {name: head(x) for name, head in self.heads.items()}


model = Pyramid()
model(np.zeros((1, 3), dtype="float32"))
