# A function builds the same network for two tasks: one line, one finding.
# kind: discarded
# expect: KS101 line 11 dense_1
import keras
from keras import layers


def network(outputs):
    inputs = keras.Input(shape=(100,))
    x = layers.Dense(40, activation="relu")(inputs)
    x = layers.Dense(20, activation="relu", input_shape=(100,))(x)
    return keras.Model(inputs, layers.Dense(outputs)(x))


regression = network(1)
classes = network(7)
