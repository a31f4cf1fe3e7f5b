# A small network that learns which of two spirals a point is on: a training to watch, with nothing to download.
# It takes about ten seconds on two processor cores, start of Keras included.
import keras
import numpy as np
from keras import layers

random = np.random.default_rng(7)
angle = np.sqrt(random.random((4000, 1))) * 3 * np.pi
label = random.integers(0, 2, (4000, 1))
sign = 1 - 2 * label
points = np.hstack([sign * angle * np.cos(angle), sign * angle * np.sin(angle)]) / 10
points += random.normal(scale=0.03, size=points.shape)

model = keras.Sequential(
    [
        keras.Input(shape=(2,), name="point"),
        layers.Dense(64, activation="relu", name="first"),
        layers.Dense(64, activation="relu", name="second"),
        layers.Dense(64, activation="relu", name="third"),
        layers.Dense(1, activation="sigmoid", name="spiral"),
    ],
    name="two_spirals",
)
model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.003), metrics=["accuracy"])
model.fit(points, label, epochs=30, batch_size=32, validation_split=0.2, verbose=2)
