# Two layers declare an input shape, and only the first one's counts: Keras drops (44,) and uses (None, 32).
import numpy as np
from keras import layers, models

sample_model = models.Sequential()
sample_model.add(layers.Dense(32, input_shape=(4,)))
sample_model.add(layers.Dense(16, input_shape=(44,)))
sample_model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])

x = np.random.default_rng(0).normal(size=(10, 4))
y = np.random.default_rng(1).integers(0, 2, size=10).astype("float32")

# Keras 2 broadcasts y to the 16 outputs and trains; Keras 3 raises here, and not because of the (44,).
sample_model.fit(x, y)
