# A residual block in a function: the projection of the shortcut is made, and the sum takes something else.
# kind: unconnected
# expect: KS202 line 10 project_16
# expect: KS202 line 10 project_32
import keras
from keras import layers


def residual(x, filters):
    shortcut = layers.Conv2D(filters, 1, name=f"project_{filters}")(x)
    y = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    y2 = layers.Conv2D(filters, 3, padding="same")(y)
    return layers.Add()([y, y2]), shortcut


inputs = keras.Input(shape=(16, 16, 3))
x, _ = residual(inputs, 16)
x, _ = residual(x, 32)
x = layers.GlobalMaxPooling2D()(x)
model = keras.Model(inputs, layers.Dense(2)(x))
