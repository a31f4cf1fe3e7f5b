# input_dim and input_shape are parameters of the author's own and mean what the author says.
# kind: right
# expect: nothing
import keras
from keras import layers


class Gate(layers.Layer):
    def __init__(self, input_dim, units=4, input_shape=(3, 3)):
        super().__init__()
        self.down = layers.Dense(input_dim)
        self.grid = input_shape
        self.up = layers.Dense(units)

    def call(self, x):
        return self.up(self.down(x))


x = inputs = keras.Input((10,))
x = Gate(64)(x)
x = Gate(input_dim=2, units=7, input_shape=(9, 9))(x)
model = keras.Model(inputs, x)
