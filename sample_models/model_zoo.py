"""Functions that make models, and none that is called: name one, with the arguments it is to get.

    kerascope 'sample_models/model_zoo.py:classifier(classes=100)'

Without a name, those that need no arguments are called and shown.
"""

import keras
from keras import layers


def autoencoder(code=32):
    image = keras.Input((784,), name="image")
    encoded = layers.Dense(code, activation="relu", name="code")(image)
    decoded = layers.Dense(784, activation="sigmoid", name="decoded")(encoded)
    return keras.Model(image, decoded, name="autoencoder"), keras.Model(image, encoded, name="encoder")


def classifier(classes, width=16):
    model = keras.Sequential(name="classifier")
    model.add(keras.Input((32, 32, 3)))
    for factor in (1, 2, 4):
        model.add(layers.Conv2D(factor * width, 3, padding="same", activation="relu"))
        model.add(layers.MaxPooling2D())
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dense(classes, activation="softmax"))
    return model


class Regressor(keras.Model):
    """Has no shapes until it is told its input: `--input-shape "(None, 12)"`, or `i` on the screen."""

    def __init__(self, hidden=24):
        super().__init__(name="regressor")
        self.hidden = layers.Dense(hidden, activation="relu")
        self.value = layers.Dense(1)

    def call(self, features):
        return self.value(self.hidden(features))
