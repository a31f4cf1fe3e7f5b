# The Input leaves the length open; a fixed length on a later layer promises more than there is.
# kind: discarded
# infos: KS102 line 9 conv1d
# expect: KS101 line 10 lstm
import keras
from keras import layers

series = keras.Input(shape=(None, 8))
x = layers.Conv1D(16, 3, padding="causal", input_shape=(None, 8))(series)
x = layers.LSTM(4, return_sequences=True, input_shape=(10, 16))(x)
model = keras.Model(series, x)
