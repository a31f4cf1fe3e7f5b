# A layer of one's own hands **kwargs on to Keras, so its input_shape is a declaration like any other.
# kind: discarded
# expect: KS101 line 20 undo
import keras
from keras import layers


class Scale(layers.Layer):
    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        return x * self.factor


model = keras.Sequential()
model.add(Scale(0.1, input_shape=(6,)))
model.add(layers.Dense(3))
model.add(Scale(10.0, input_shape=(6,), name="undo"))
