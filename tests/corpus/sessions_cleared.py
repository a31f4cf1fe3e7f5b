# Cross-validation: the session is cleared before each fold, so all folds have layers of the same names.
# kind: right
# expect: nothing
import keras
import numpy as np
from keras import layers

x, y = np.zeros((12, 5)), np.zeros((12, 1))
for fold in range(3):
    keras.backend.clear_session()
    model = keras.Sequential()
    model.add(layers.Dense(7, activation="relu", input_dim=5))
    model.add(layers.Dense(1))
    model.compile("adam", "mse")
    model.fit(x, y, epochs=1, verbose=0)
    del model
model = keras.Sequential([layers.Dense(1, input_dim=5)])
