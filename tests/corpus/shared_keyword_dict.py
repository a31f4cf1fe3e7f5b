# The common keyword arguments of all layers contain the input shape.
# kind: discarded
# expect: KS101 line 11 dense_1
# infos: KS102 line 12 dense_2
import keras
from keras import layers

common = {"activation": "relu", "kernel_initializer": "he_normal", "input_shape": (8,)}
model = keras.Sequential()
model.add(layers.Dense(16, **common))
model.add(layers.Dense(8, **common))
model.add(layers.Dense(4, **common))
