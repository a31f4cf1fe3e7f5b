# A GAN as a model of models: it has no call, both halves decide for themselves.
# kind: right
# expect: nothing
import keras
from keras import layers

discriminator = keras.Sequential(
    [keras.Input(shape=(28, 28, 1)), layers.Conv2D(4, 3, strides=2), layers.Flatten(), layers.Dense(1)],
    name="discriminator",
)
generator = keras.Sequential(
    [layers.Dense(7 * 7 * 2, input_shape=(8,)), layers.Reshape((7, 7, 2)), layers.UpSampling2D(4)],
    name="generator",
)
adversary = keras.Sequential([generator, layers.Conv2D(1, 1), discriminator], name="adversary")
