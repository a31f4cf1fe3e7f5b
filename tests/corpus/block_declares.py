# A layer of one's own holds two Dense layers; the inner declarations stem from its first use.
# kind: discarded
# expect: KS101 line 11 widen
import keras
from keras import layers


class FeedForward(layers.Layer):
    def __init__(self, width, **kwargs):
        super().__init__(**kwargs)
        self.widen = layers.Dense(4 * width, activation="gelu", input_shape=(512,), name="widen")
        self.narrow = layers.Dense(width, name="narrow")

    def call(self, x):
        return x + self.narrow(self.widen(x))


tokens = keras.Input(shape=(20, 64))
model = keras.Model(tokens, FeedForward(64, name="ffn")(tokens))
