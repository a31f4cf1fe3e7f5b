# Layers assigned in a subclassed model: nobody ever looks at what they declare.
# kind: discarded
# expect: KS101 line 13
# infos: KS102 line 14
import keras
import numpy as np
from keras import layers


class Critic(keras.Model):
    def __init__(self, hidden=32):
        super().__init__(name="critic")
        self.hidden = layers.Dense(hidden, activation="tanh", input_shape=(10,))
        self.value = layers.Dense(1, input_shape=(32,))

    def call(self, state):
        return self.value(self.hidden(state))


critic = Critic()
critic(np.zeros((1, 4), dtype="float32"))
