# A Sequential held by a subclassed model: its first layer decides, its second one only seems to.
# kind: discarded
# expect: KS101 line 14
import keras
from keras import layers


class DeepQ(keras.Model):
    def __init__(self):
        super().__init__()
        self.body = keras.Sequential(
            [
                layers.Dense(24, activation="relu", input_shape=(4,)),
                layers.Dense(24, activation="relu", input_shape=(4,)),
            ]
        )
        self.q = layers.Dense(2)

    def call(self, state):
        return self.q(self.body(state))


agent = DeepQ()
agent(keras.Input(shape=(4,)))
