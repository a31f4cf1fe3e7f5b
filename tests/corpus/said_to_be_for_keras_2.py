# The file asks for the Keras of TensorFlow 2.15 before it imports anything, and runs with the new one all the same.
# kind: right
# infos[3]: KS302 line 6
import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"

import tensorflow as tf

model = tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(3,)), tf.keras.layers.Dense(1)])
