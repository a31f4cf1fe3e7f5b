# A registry of blocks by name; only those asked for are ever made.
# kind: right
# expect: nothing
import keras
from keras import layers

BLOCKS = {
    "dense": lambda x: layers.Dense(8, input_shape=(99,))(x),
    "norm": lambda x: layers.LayerNormalization()(x),
    "drop": lambda x: layers.Dropout(0.2)(x),
}


def conv_block(x, filters):
    return layers.Conv1D(filters, 3, input_shape=(5, 5))(x)


inputs = keras.Input(shape=(4,))
x = inputs
for name in ("norm", "drop"):
    x = BLOCKS[name](x)
model = keras.Model(inputs, x)
