# Encoder and decoder in one Sequential: the decoder's first layer declares the code it wished for.
# kind: discarded
# expect: KS101 line 10 dense_1
import keras
from keras import layers

autoencoder = keras.Sequential(name="autoencoder")
autoencoder.add(layers.Dense(128, activation="relu", input_shape=(784,)))
autoencoder.add(layers.Dense(16, activation="relu", name="code"))
autoencoder.add(layers.Dense(128, activation="relu", input_shape=(32,)))
autoencoder.add(layers.Dense(784, activation="sigmoid"))
