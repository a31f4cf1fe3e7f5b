# The same (44,) on the first layer: here it decides, and the data must have 44 columns.
import numpy as np
from keras import layers, models

model = models.Sequential()
model.add(layers.Dense(32, input_shape=(44,)))
model.add(layers.Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam")

x = np.random.default_rng(0).normal(size=(10, 44))
y = np.random.default_rng(1).integers(0, 2, size=(10, 1)).astype("float32")
model.fit(x, y)
