# The output projection has no layer of its own: it multiplies with the embedding's weights.
# kind: right
# expect: nothing
import keras
import tensorflow as tf
from keras import layers


class TiedDecoder(layers.Layer):
    def __init__(self, embedding, **kwargs):
        super().__init__(**kwargs)
        self.embedding = embedding

    def call(self, x):
        return tf.matmul(x, tf.convert_to_tensor(self.embedding.weights[0]), transpose_b=True)


tokens = keras.Input(shape=(12,), dtype="int32")
embedding = layers.Embedding(100, 8)
x = layers.LSTM(8, return_sequences=True)(embedding(tokens))
model = keras.Model(tokens, TiedDecoder(embedding)(x))
