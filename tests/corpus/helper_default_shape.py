# The default of a small helper declares a shape wherever nobody thinks of it.
# kind: discarded
# expect: KS101 line 8 dense_1
from tensorflow import keras


def dense(units, shape=(12,)):
    return keras.layers.Dense(units, activation="selu", input_shape=shape)


net = keras.Sequential([dense(40), dense(20), keras.layers.Dense(1)])
