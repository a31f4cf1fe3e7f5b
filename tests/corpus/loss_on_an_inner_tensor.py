# Keras 2's add_loss on symbolic tensors: a layer that only the loss needs belongs to the model.
# kind: right
# only: 2
# expect: nothing
import tensorflow as tf
from tensorflow.keras import backend as K
from tensorflow.keras import layers, models

x = layers.Input(shape=(20,))
mean = layers.Dense(2)(x)
log_var = layers.Dense(2)(x)
z = layers.Lambda(lambda t: t[0] + K.exp(t[1] / 2) * K.random_normal(K.shape(t[0])))([mean, log_var])
outputs = layers.Dense(20)(z)
check = layers.Dense(1, name="check")(outputs)
vae = models.Model(x, outputs)
vae.add_loss(K.mean(K.square(x - outputs)) - 0.5 * K.mean(1 + log_var - K.square(mean) - K.exp(log_var)))
vae.add_loss(tf.reduce_mean(check))
vae.compile(optimizer="adam")
