# The case it began with: the second size is dropped, and the targets do not fit sixteen outputs.
# kind: discarded
# expect: KS101 line 11 dense_1
# expect: KS402 line 13
import keras
import numpy as np
from keras import layers, models

sample = models.Sequential()
sample.add(layers.Dense(32, input_shape=(4,)))
sample.add(layers.Dense(16, input_shape=(44,)))
sample.compile(loss="binary_crossentropy", optimizer="adam")
sample.fit(np.ones((10, 4)), np.ones((10,)), verbose=0)
