"""A build that fails: the graph up to the failing call, the layer with what came in, and what it needed."""

import keras
from keras import layers

image = keras.Input((28, 28, 1), name="image")
x = layers.Conv2D(16, 3, activation="relu", name="conv_1")(image)
x = layers.MaxPooling2D(name="pool")(x)
x = layers.Flatten(name="flatten")(x)
x = layers.Conv2D(32, 3, activation="relu", name="conv_2")(x)
x = layers.GlobalAveragePooling2D(name="average")(x)
model = keras.Model(image, layers.Dense(10, name="digits")(x))
