# A subclassed model that nobody calls: what its layer declares was never looked at.
# kind: discarded
# expect: KS105 line 12
# infos: KS301 line 19
import keras
from keras import layers


class Policy(keras.Model):
    def __init__(self):
        super().__init__()
        self.features = layers.Dense(64, input_shape=(8,))
        self.logits = layers.Dense(4)

    def call(self, state):
        return self.logits(self.features(state))


policy = Policy()
