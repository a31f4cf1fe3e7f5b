# An InputLayer is added first; the declaration behind it is an older one.
# kind: discarded
# expect: KS101 line 8 encode
import tensorflow as tf

model = tf.keras.models.Sequential()
model.add(tf.keras.layers.InputLayer(input_shape=(48,)))
model.add(tf.keras.layers.Dense(24, input_shape=(64,), name="encode"))
model.add(tf.keras.layers.Dense(48, name="decode"))
