# A GAN in one file: the discriminator's second convolution repeats the size of the picture.
# kind: discarded
# expect: KS101 line 20 conv2d_1
import keras
from keras import layers


def make_generator(noise=16):
    model = keras.Sequential(name="generator")
    model.add(layers.Dense(7 * 7 * 4, input_dim=noise))
    model.add(layers.Reshape((7, 7, 4)))
    model.add(layers.Conv2DTranspose(1, 4, strides=4, padding="same", activation="tanh"))
    return model


def make_discriminator(shape=(28, 28, 1)):
    model = keras.Sequential(name="discriminator")
    model.add(layers.Conv2D(8, 5, strides=2, padding="same", input_shape=shape))
    model.add(layers.LeakyReLU())
    model.add(layers.Conv2D(16, 5, strides=2, padding="same", input_shape=shape))
    model.add(layers.Flatten())
    model.add(layers.Dense(1))
    return model


generator = make_generator()
discriminator = make_discriminator()
discriminator.trainable = False
noise = keras.Input(shape=(16,))
gan = keras.Model(noise, discriminator(generator(noise)), name="gan")
