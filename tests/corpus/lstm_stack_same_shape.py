# Stacked LSTMs that all declare the shape of the raw series; the last one agrees by chance.
# kind: discarded
# expect: KS101 line 15 lstm_1
# infos: KS102 line 16 lstm_2
import numpy as np
from tensorflow.keras.layers import LSTM, Dense
from tensorflow.keras.models import Sequential

steps, features = 24, 6
x_train = np.zeros((50, steps, features), dtype="float32")
y_train = np.zeros((50, 1), dtype="float32")

regressor = Sequential()
regressor.add(LSTM(units=50, return_sequences=True, input_shape=(x_train.shape[1], x_train.shape[2])))
regressor.add(LSTM(units=6, return_sequences=True, input_shape=(x_train.shape[1], x_train.shape[2])))
regressor.add(LSTM(units=50, input_shape=(x_train.shape[1], x_train.shape[2])))
regressor.add(Dense(units=1))
regressor.compile(optimizer="adam", loss="mean_squared_error")
regressor.fit(x_train, y_train, epochs=3, batch_size=10)
