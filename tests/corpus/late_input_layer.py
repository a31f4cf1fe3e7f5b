# Keras 2 takes an InputLayer in the middle for an identity, whatever it says.
# kind: discarded
# only: 2
# expect: KS104 line 11 late
# infos: KS104 line 13 equal
import keras
from keras import layers

model = keras.Sequential()
model.add(layers.Dense(3, input_shape=(5,)))
model.add(layers.InputLayer(input_shape=(7,), name="late"))
model.add(layers.Dense(2))
model.add(keras.Input(shape=(2,), name="equal"))
model.add(layers.Dense(1))
