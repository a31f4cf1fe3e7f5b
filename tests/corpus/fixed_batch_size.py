# Keras 2's batch_size beside input_shape: it decides on the first layer and is dropped on the second.
# kind: discarded
# only: 2
# expect: KS101 line 9 dense_1
import keras

model = keras.Sequential()
model.add(keras.layers.Dense(9, input_shape=(6,), batch_size=4))
model.add(keras.layers.Dense(3, input_shape=(9,), batch_size=16))
