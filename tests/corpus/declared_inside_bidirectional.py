# The declaration went into the wrapped LSTM, where nobody looks: the model stays unbuilt.
# kind: discarded
# infos: KS301 line 8
# expect: KS103 line 9
import keras
from keras.layers import LSTM, Bidirectional, Dense

model = keras.Sequential()
model.add(Bidirectional(LSTM(8, input_shape=(5, 3))))
model.add(Dense(2))
