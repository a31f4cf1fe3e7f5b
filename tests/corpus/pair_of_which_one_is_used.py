# Two recurrent layers are made in one assignment, and only the first is ever called.
# kind: unconnected
# expect: KS201 line 7 decoder
import keras
from keras import layers

encoder, decoder = layers.GRU(6, name="encoder"), layers.GRU(6, name="decoder")
series = keras.Input(shape=(14, 2))
model = keras.Model(series, layers.Dense(1)(encoder(series)))
