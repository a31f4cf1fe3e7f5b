# Preprocessing layers that are adapted and called on data, outside every model.
# kind: right
# expect: nothing
import keras
import numpy as np
from keras import layers

table = np.random.rand(30, 4).astype("float32")
normalize = layers.Normalization(axis=-1)
normalize.adapt(table)
scaled = normalize(table)
buckets = layers.Discretization(bin_boundaries=[0.2, 0.5, 0.8])
colours = layers.StringLookup(vocabulary=["red", "green", "blue"])
size = colours.vocabulary_size()

inputs = keras.Input((4,))
model = keras.Model(inputs, layers.Dense(size)(normalize(inputs)))
column = np.asarray(buckets(table[:, 0]))
