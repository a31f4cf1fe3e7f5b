# Augmentation is a small Sequential of its own, called inside the network.
# kind: right
# expect: nothing
from tensorflow import keras
from tensorflow.keras import layers

augment = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.1), layers.RandomZoom(0.1)])
inputs = keras.Input(shape=(32, 32, 3))
x = augment(inputs)
x = layers.Rescaling(1.0 / 255)(x)
x = layers.SeparableConv2D(8, 3, padding="same", use_bias=False)(x)
residual = layers.Conv2D(8, 1, strides=2, padding="same")(x)
x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
x = layers.add([x, residual])
x = layers.GlobalAveragePooling2D()(x)
model = keras.Model(inputs, layers.Dense(1)(layers.Dropout(0.5)(x)))
