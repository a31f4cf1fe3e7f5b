# A Dropout stands alone in its line: the author forgot to add it.
# kind: unconnected
# expect: KS201 line 10 dropout
import keras
from keras import layers

model = keras.Sequential()
model.add(keras.Input(shape=(16,)))
model.add(layers.Dense(32, activation="relu"))
layers.Dropout(0.5)
model.add(layers.Dense(1))
