# Keras 2 takes input_dim and input_shape on one layer; neither is what a later layer gets.
# kind: discarded
# only: 2
# expect: KS101 line 8 dense_1
import keras

model = keras.Sequential([keras.layers.Dense(5, input_dim=3)])
model.add(keras.layers.Dense(2, input_dim=7, input_shape=(7,)))
