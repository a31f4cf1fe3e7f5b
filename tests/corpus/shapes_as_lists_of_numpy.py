# Shapes as lists and numpy integers, computed from data.
# kind: discarded
# expect: KS101 line 12 dense_1
# expect: KS101 line 13 dense_2
import keras
import numpy as np

data = np.zeros((100, 5), dtype="float32")
size = np.int64(data.shape[1])
model = keras.Sequential()
model.add(keras.layers.Dense(7, input_shape=[size]))
model.add(keras.layers.Dense(7, input_shape=[size * 2]))
model.add(keras.layers.Dense(7, input_shape=list(data.shape[1:]) + []))
