# A layer is taken off and another put on: the old head is removed, not forgotten. Borrowed layers tell no input.
# kind: right
# infos: KS301 line 11
import keras
from keras import layers

model = keras.Sequential([keras.Input((10,)), layers.Dense(6), layers.Dense(100, name="old_head")])
model.pop()
model.add(layers.Dense(2, name="new_head"))

second = keras.Sequential()
for layer in model.layers[:-1]:
    second.add(layer)
second.add(layers.Dense(7, name="other_head"))
