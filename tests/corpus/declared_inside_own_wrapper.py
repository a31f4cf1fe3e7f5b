# A wrapper of one's own calls what it was given on its own input; the inner declaration is for something else.
# kind: discarded
# expect: KS103 line 19 wrong
# infos: KS103 line 20 harmless
import keras
from keras import layers


class Residual(layers.Layer):
    def __init__(self, inner, **kwargs):
        super().__init__(**kwargs)
        self.inner = inner

    def call(self, x):
        return x + self.inner(x)


vector = keras.Input(shape=(16,))
x = Residual(layers.Dense(16, input_shape=(99,), name="wrong"))(vector)
x = Residual(layers.Dense(16, input_shape=(16,), name="harmless"))(x)
model = keras.Model(vector, x)
