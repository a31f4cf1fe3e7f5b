# One line in a loop: its declaration decides in the first round and is dropped in the others.
# kind: discarded
# expect: KS101 line 10 dense_1
# expect: KS101 line 10 dense_2
import keras
from keras import layers

model = keras.Sequential()
for units in [128, 64, 32]:
    model.add(layers.Dense(units, activation="relu", input_shape=(20,)))
model.add(layers.Dense(2, activation="softmax"))
