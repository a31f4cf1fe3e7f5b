# Stateful LSTMs of the Keras 2 years: batch_input_shape on both, with another batch on the second.
# kind: discarded
# only: 2
# expect: KS101 line 10 lstm_1
import keras
from keras.layers import LSTM, Dense

model = keras.models.Sequential()
model.add(LSTM(10, batch_input_shape=(4, 7, 2), return_sequences=True, stateful=True))
model.add(LSTM(10, batch_input_shape=(8, 7, 2), stateful=True))
model.add(Dense(1))
