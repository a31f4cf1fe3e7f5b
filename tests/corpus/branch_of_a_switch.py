# Both arms of a switch are built before the choice is made; the arm that was not chosen is dead.
# kind: unconnected
# expect: KS202 line 9 recurrent
import keras
from keras import layers

arms = {}
inputs = keras.Input(shape=(20, 5))
arms["lstm"] = layers.LSTM(8, name="recurrent")(inputs)
arms["mean"] = layers.GlobalAveragePooling1D(name="mean")(inputs)
chosen = arms["mean"]
model = keras.Model(inputs, layers.Dense(1)(chosen))
