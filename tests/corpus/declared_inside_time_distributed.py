# Inside TimeDistributed: what one step gets agrees, and what another network's step got does not.
# kind: discarded
# infos: KS103 line 10 agrees
# expect: KS103 line 11 differs
# infos: KS103 line 12 whole
import keras
from keras import layers

steps = keras.Input(shape=(5, 3))
x = layers.TimeDistributed(layers.Dense(8, input_dim=3, name="agrees"))(steps)
x = layers.TimeDistributed(layers.Dense(4, input_dim=3, name="differs"))(x)
x = layers.TimeDistributed(layers.Dense(2, input_shape=(5, 4), name="whole"))(x)
model = keras.Model(steps, x)
