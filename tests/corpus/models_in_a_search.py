# A search over settings builds many models and keeps the last; the others were models too.
# kind: right
# expect: nothing
import keras
from keras import layers

best = None
for units in (4, 8):
    for rate in (0.0, 0.3):
        candidate = keras.Sequential(name=f"u{units}_r{int(rate * 10)}")
        candidate.add(layers.Dense(units, input_shape=(6,)))
        if rate:
            candidate.add(layers.Dropout(rate))
        candidate.add(layers.Dense(1))
        best = candidate
best.compile("adam", "mse")
