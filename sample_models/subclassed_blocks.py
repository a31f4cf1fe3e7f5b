"""A subclassed model made of blocks, with a layer in each block that its `call` has forgotten.

Keras builds a subclassed model from what its `call` computes: what is only assigned in `__init__` stays without
weights, and no summary marks it. Fold and unfold the blocks with `z`.
"""

import keras
from keras import layers


class Block(layers.Layer):
    def __init__(self, width, **kwargs):
        super().__init__(**kwargs)
        self.attention = layers.MultiHeadAttention(num_heads=4, key_dim=width // 4)
        self.first_norm = layers.LayerNormalization()
        self.second_norm = layers.LayerNormalization()
        self.widen = layers.Dense(4 * width, activation="gelu")
        self.narrow = layers.Dense(width)

    def call(self, x):
        x = self.first_norm(x + self.attention(x, x))
        return self.first_norm(x + self.narrow(self.widen(x)))


class Reader(keras.Model):
    def __init__(self, vocabulary=5000, width=64, depth=2):
        super().__init__(name="reader")
        self.embed = layers.Embedding(vocabulary, width)
        self.blocks = [Block(width, name=f"block_{number}") for number in range(depth)]
        self.pool = layers.GlobalAveragePooling1D()
        self.classify = layers.Dense(2, activation="softmax")

    def call(self, tokens):
        x = self.embed(tokens)
        for block in self.blocks:
            x = block(x)
        return self.classify(self.pool(x))


reader = Reader()
reader(keras.Input((128,), dtype="int32"))
