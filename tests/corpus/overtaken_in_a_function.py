# In a helper a normalisation is applied to x and its result bound to a name that nobody returns.
# kind: unconnected
# expect: KS202 line 10 layer_normalization
import keras
from keras import layers


def block(x, width):
    y = layers.Dense(width)(x)
    z = layers.LayerNormalization()(y)
    return layers.Activation("relu")(y)


inputs = keras.Input(shape=(5,))
x = block(block(inputs, 8), 8)
model = keras.Model(inputs, layers.Dense(1)(x))
