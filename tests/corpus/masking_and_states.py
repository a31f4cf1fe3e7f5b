# Masking, several outputs of one layer, and the state of one RNN as the beginning of another.
# kind: right
# expect: nothing
import keras
from keras import layers

source = keras.Input(shape=(None, 6))
target = keras.Input(shape=(None, 6))
_, state_h, state_c = layers.LSTM(8, return_state=True, name="reader")(layers.Masking()(source))
writer = layers.LSTM(8, return_sequences=True, return_state=True, name="writer")
sequence, _, _ = writer(target, initial_state=[state_h, state_c])
project = layers.Dense(6)
training_model = keras.Model([source, target], project(sequence))

encoder_model = keras.Model(source, [state_h, state_c])
given_h, given_c = keras.Input(shape=(8,)), keras.Input(shape=(8,))
again, new_h, new_c = writer(target, initial_state=[given_h, given_c])
decoder_model = keras.Model([target, given_h, given_c], [project(again), new_h, new_c])
