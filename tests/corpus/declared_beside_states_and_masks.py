# A declaration is about what a layer is called on, not about the states and masks that are handed to it besides.
# kind: right
# infos: KS102 line 11 decoder
# infos: KS102 line 16 masked
import keras
from keras import layers

source = keras.Input(shape=(None, 7))
_, state_h, state_c = layers.LSTM(16, return_state=True)(source)
target = keras.Input(shape=(None, 9))
decoder = layers.LSTM(16, return_sequences=True, input_shape=(None, 9), name="decoder")
translator = keras.Model([source, target], layers.Dense(9)(decoder(target, initial_state=[state_h, state_c])))

words = keras.Input(shape=(10,), dtype="int32")
padding = keras.Input(shape=(10,), dtype="bool")
masked = layers.GRU(4, input_shape=(10, 8), name="masked")
classifier = keras.Model([words, padding], masked(layers.Embedding(50, 8)(words), mask=padding))
