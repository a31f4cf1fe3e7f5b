# The wrapper itself declares: the first one decides, the second one is overruled.
# kind: discarded
# expect: KS101 line 9 summary
import keras
from keras.layers import LSTM, Bidirectional, Dense

model = keras.Sequential()
model.add(Bidirectional(LSTM(16, return_sequences=True), input_shape=(40, 12)))
model.add(Bidirectional(LSTM(8), input_shape=(40, 12), name="summary"))
model.add(Dense(3, activation="softmax"))
