# Three declarations in a row: (4,) decides; (44,) and (32,) are dropped for what the layer before gives, 32 and 16.
from keras import layers, models

model = models.Sequential()
model.add(layers.Dense(32, input_shape=(4,)))
model.add(layers.Dense(16, input_shape=(44,)))
model.add(layers.Dense(1, activation="sigmoid", input_shape=(32,)))
model.compile(loss="binary_crossentropy", optimizer="adam")
model.summary()
