# A compiled function uses two layers; nothing calls it before training.
# kind: right
# expect: nothing
import keras
import tensorflow as tf
from keras import layers

query, key = layers.Dense(8), layers.Dense(8)


@tf.function
def similarity(a, b):
    return tf.reduce_sum(query(a) * key(b), axis=-1)


tower = keras.Sequential([keras.Input((12,)), layers.Dense(6)])
