# Two residual blocks, the second with a projection on its shortcut: branches and Adds, and nothing to report.
import keras
from keras import layers

inputs = keras.Input(shape=(32, 32, 3), name="image")
x = layers.Conv2D(16, 3, padding="same", activation="relu", name="stem")(inputs)

shortcut = x
x = layers.Conv2D(16, 3, padding="same", activation="relu", name="block1_conv1")(x)
x = layers.Conv2D(16, 3, padding="same", name="block1_conv2")(x)
x = layers.Add(name="block1_add")([shortcut, x])
x = layers.ReLU(name="block1_relu")(x)

shortcut = layers.Conv2D(32, 1, strides=2, name="block2_project")(x)
x = layers.Conv2D(32, 3, strides=2, padding="same", activation="relu", name="block2_conv1")(x)
x = layers.Conv2D(32, 3, padding="same", name="block2_conv2")(x)
x = layers.Add(name="block2_add")([shortcut, x])
x = layers.ReLU(name="block2_relu")(x)

x = layers.GlobalAveragePooling2D(name="average")(x)
outputs = layers.Dense(10, activation="softmax", name="classes")(x)

model = keras.Model(inputs, outputs, name="residual")
model.summary()
