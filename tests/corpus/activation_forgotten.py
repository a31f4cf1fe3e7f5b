# A LeakyReLU is prepared, and the layers say "relu" all the same.
# kind: unconnected
# expect: KS201 line 6 leaky_re_lu
import tensorflow as tf

leaky = tf.keras.layers.LeakyReLU()
model = tf.keras.models.Sequential(name="plain")
model.add(tf.keras.Input(shape=(7,)))
model.add(tf.keras.layers.Dense(14, activation="relu"))
model.add(tf.keras.layers.Dense(1))
