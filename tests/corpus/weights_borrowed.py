# A layer is built by hand only to lend its matrix to another one.
# kind: right
# expect: nothing
import keras
import numpy as np
from keras import layers

lender = layers.Dense(4, use_bias=False)
lender.build((None, 6))
matrix = lender.get_weights()[0]
start = keras.initializers.Constant(np.asarray(matrix).mean())
inputs = keras.Input(shape=(6,))
model = keras.Model(inputs, layers.Dense(4, kernel_initializer=start)(inputs))
