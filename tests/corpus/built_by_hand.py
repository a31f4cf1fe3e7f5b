# Nothing declares; build() and a call tell the shapes.
# kind: right
# expect: nothing
import keras
import numpy as np
from keras import layers

late = keras.Sequential([layers.Dense(8, activation="relu"), layers.Dense(1)])
late.build((None, 12))
late.summary()
called = keras.Sequential([layers.Dense(4), layers.Dense(2)])
called(np.zeros((3, 5), dtype="float32"))
