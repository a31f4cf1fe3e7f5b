# The template is copied, never called: its copies are.
# kind: right
# expect: nothing
import copy

import keras
from keras import layers

template = layers.Dense(16, activation="relu")
config = template.get_config()
inputs = keras.Input(shape=(5,))
x = inputs
for number in range(3):
    x = layers.Dense.from_config({**config, "name": f"copy_{number}"})(x)
pattern = layers.Dropout(0.25)
x = copy.deepcopy(pattern)(x)
model = keras.Model(inputs, x)
