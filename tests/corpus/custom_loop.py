# A training loop with GradientTape over two networks that meet only there.
# kind: right
# expect: nothing
import keras
import numpy as np
import tensorflow as tf
from keras import layers

features = keras.Sequential([keras.Input((6,)), layers.Dense(4, activation="relu")])
readout = layers.Dense(1)
x, y = np.zeros((8, 6), "float32"), np.zeros((8, 1), "float32")
for _ in range(2):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((readout(features(x)) - y) ** 2)
    variables = features.trainable_variables + readout.trainable_variables
    gradients = tape.gradient(loss, variables)
