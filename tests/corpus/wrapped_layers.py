# What a wrapper was given is not "never called", though the wrapper calls a copy of it.
# kind: right
# expect: nothing
import keras
from keras import layers

forward = layers.LSTM(8, return_sequences=True)
backward = layers.LSTM(8, return_sequences=True, go_backwards=True)
cells = [layers.LSTMCell(8), layers.LSTMCell(4)]
per_step = layers.Dense(3)

inputs = keras.Input(shape=(12, 5))
x = layers.Bidirectional(forward, backward_layer=backward)(inputs)
x = layers.RNN(layers.StackedRNNCells(cells), return_sequences=True)(x)
x = layers.TimeDistributed(per_step)(x)
model = keras.Model(inputs, x)
