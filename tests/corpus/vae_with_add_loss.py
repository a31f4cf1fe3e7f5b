# A variational autoencoder: the sampling layer draws noise and adds the divergence as a loss.
# kind: right
# expect: nothing
import keras
import tensorflow as tf
from keras import layers


class Sampling(layers.Layer):
    def call(self, inputs):
        mean, log_var = inputs
        self.add_loss(-0.5 * tf.reduce_mean(1 + log_var - tf.square(mean) - tf.exp(log_var)))
        return mean + tf.exp(0.5 * log_var) * tf.random.normal(tf.shape(mean))


pixels = keras.Input(shape=(64,))
hidden = layers.Dense(16, activation="relu")(pixels)
mean = layers.Dense(2, name="mean")(hidden)
log_var = layers.Dense(2, name="log_var")(hidden)
z = Sampling()([mean, log_var])
encoder = keras.Model(pixels, [mean, log_var, z], name="encoder")
latent = keras.Input(shape=(2,))
decoder = keras.Model(latent, layers.Dense(64, activation="sigmoid")(latent), name="decoder")
vae = keras.Model(pixels, decoder(encoder(pixels)[2]), name="vae")
