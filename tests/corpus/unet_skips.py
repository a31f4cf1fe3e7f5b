# A small U-Net: tensors are kept in a list and joined on the way up.
# kind: right
# expect: nothing
import keras
from keras import layers

inputs = keras.Input(shape=(32, 32, 1))
x, skips = inputs, []
for filters in (4, 8):
    x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    skips.append(x)
    x = layers.MaxPooling2D()(x)
x = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
for filters, skip in zip((8, 4), reversed(skips)):
    x = layers.Conv2DTranspose(filters, 2, strides=2)(x)
    x = layers.concatenate([x, skip])
model = keras.Model(inputs, layers.Conv2D(1, 1, activation="sigmoid")(x))
