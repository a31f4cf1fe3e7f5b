# input_length builds the model under Keras 2 and is ignored by Keras 3.
# kind: discarded
# infos[3]: KS301 line 9
# infos[2]: KS106 line 10 embedding
# expect[3]: KS106 line 10
from tensorflow.keras.layers import LSTM, Dense, Embedding
from tensorflow.keras.models import Sequential

model = Sequential()
model.add(Embedding(input_dim=2000, output_dim=32, input_length=60))
model.add(LSTM(16))
model.add(Dense(1, activation="sigmoid"))
