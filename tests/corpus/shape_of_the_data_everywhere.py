# Conv1D over a signal: x.shape[1:] is declared on each convolution; the agreeing ones are information.
# kind: discarded
# infos: KS102 line 12 conv1d_1
# expect: KS101 line 13 conv1d_2
import keras
import numpy as np
from keras.layers import Conv1D, Dense, GlobalAveragePooling1D

signal = np.zeros((20, 128, 2), dtype="float32")
model = keras.Sequential()
model.add(Conv1D(2, 3, padding="same", input_shape=signal.shape[1:]))
model.add(Conv1D(4, 3, padding="same", input_shape=signal.shape[1:]))
model.add(Conv1D(8, 3, padding="same", input_shape=signal.shape[1:]))
model.add(GlobalAveragePooling1D())
model.add(Dense(1))
