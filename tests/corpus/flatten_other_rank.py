# Flatten declares a grey image without its channel; the real one has it.
# kind: discarded
# expect: KS101 line 9 flatten
import keras
from keras import layers

model = keras.Sequential()
model.add(layers.Rescaling(1.0 / 255, input_shape=(28, 28, 1)))
model.add(layers.Flatten(input_shape=(28, 28)))
model.add(layers.Dense(128, activation="relu"))
model.add(layers.Dense(10))
