# Weights of one's own, input_shape as the argument of build, several inputs in a list.
# kind: right
# expect: nothing
import keras
import tensorflow as tf
from keras import layers


class Attention(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.score = layers.Dense(1, use_bias=False)

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer="glorot_uniform", name="kernel")
        super().build(input_shape)

    def call(self, x):
        weights = tf.nn.softmax(self.score(tf.tanh(tf.matmul(x, self.kernel))), axis=1)
        return tf.reduce_sum(weights * x, axis=1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[-1])

    def get_config(self):
        return {**super().get_config(), "units": self.units}


sequence = keras.Input(shape=(15, 6))
x = layers.Bidirectional(layers.GRU(5, return_sequences=True))(sequence)
model = keras.Model(sequence, layers.Dense(2)(Attention(7)(x)))
