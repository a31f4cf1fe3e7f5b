# The second normalisation of a transformer block is made and never used: the first one is called twice.
# kind: unconnected
# expect: KS204 line 14
import keras
from keras import layers


class Block(layers.Layer):
    def __init__(self, width, heads, **kwargs):
        super().__init__(**kwargs)
        self.attention = layers.MultiHeadAttention(heads, width // heads)
        self.mlp = layers.Dense(width, activation="relu")
        self.norm1 = layers.LayerNormalization()
        self.norm2 = layers.LayerNormalization()

    def call(self, x):
        x = self.norm1(x + self.attention(x, x))
        return self.norm1(x + self.mlp(x))


sequence = keras.Input(shape=(10, 16))
model = keras.Model(sequence, Block(16, 2)(sequence))
