# Tabular regression: the second Dense still carries the column count of another table.
# kind: discarded
# expect: KS101 line 9 dense_1
import keras
from keras import layers

model = keras.Sequential(name="house_prices")
model.add(layers.Dense(64, activation="relu", input_shape=(13,)))
model.add(layers.Dense(32, activation="relu", input_shape=(8,)))
model.add(layers.Dense(1))
model.compile(optimizer="adam", loss="mse")
