# Keras 2 turns tf.* on symbolic tensors into layers of its own.
# kind: right
# only: 2
# expect: nothing
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

inputs = keras.Input(shape=(6, 8))
x = layers.Dense(4)(inputs)
x = tf.nn.relu(x) + tf.reduce_mean(inputs, axis=-1, keepdims=True)
x = tf.concat([x[:, :3], x[:, 3:]], axis=1)
model = keras.Model(inputs, tf.reduce_max(x, axis=1))
