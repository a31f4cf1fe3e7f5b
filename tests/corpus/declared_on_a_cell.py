# A cell of an RNN declares; only the RNN would be asked.
# kind: discarded
# expect: KS103 line 8
import keras
from keras import layers

series = keras.Input(shape=(30, 4))
state = layers.RNN(layers.GRUCell(16, input_shape=(30, 9), name="cell"))(series)
model = keras.Model(series, layers.Dense(1)(state))
