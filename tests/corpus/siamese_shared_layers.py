# One set of layers for two inputs: each is called twice, none is left over.
# kind: right
# expect: nothing
import keras
import tensorflow as tf
from keras import layers

conv = layers.Conv2D(4, 3, activation="relu")
pool = layers.GlobalAveragePooling2D()
embed = layers.Dense(16)


def encode(picture):
    return embed(pool(conv(picture)))


anchor, other = keras.Input((32, 32, 1)), keras.Input((32, 32, 1))
distance = layers.Lambda(lambda pair: tf.abs(pair[0] - pair[1]))([encode(anchor), encode(other)])
model = keras.Model([anchor, other], layers.Dense(1)(distance))
