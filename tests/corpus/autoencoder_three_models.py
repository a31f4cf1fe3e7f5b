# Encoder, decoder and the whole share their layers; the decoder is rebuilt from the last layers.
# kind: right
# expect: nothing
import keras
from keras import layers

inputs = keras.Input(shape=(784,))
code = layers.Dense(32, activation="relu")(inputs)
decoded = layers.Dense(784, activation="sigmoid")(code)
autoencoder = keras.Model(inputs, decoded)
encoder = keras.Model(inputs, code)
code_input = keras.Input(shape=(32,))
decoder = keras.Model(code_input, autoencoder.layers[-1](code_input))
