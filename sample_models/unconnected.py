# "I had jumped a few layers": a branch that nothing uses, a layer that is never called, an Input in no model.
# Keras builds and trains this without a word; none of the three is in model.summary().
import keras
from keras import layers

image = keras.Input(shape=(28, 28, 1), name="image")
mask = keras.Input(shape=(28, 28, 1), name="mask")

x = layers.Conv2D(16, 3, activation="relu", name="conv_1")(image)
y = layers.Conv2D(32, 3, activation="relu", name="conv_2")(x)
x = layers.MaxPooling2D(2, name="pool")(x)  # meant (y): conv_2 is left behind
x = layers.GlobalAveragePooling2D(name="average")(x)
hidden = layers.Dense(64, activation="relu", name="hidden")
outputs = layers.Dense(10, activation="softmax", name="digits")(x)

model = keras.Model(image, outputs, name="digit_model")
model.summary()
