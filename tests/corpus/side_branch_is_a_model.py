# A branch that the main model leaves aside is the output of another model.
# kind: right
# expect: nothing
import keras
from keras import layers

inputs = keras.Input(shape=(16, 16, 3))
x = layers.Conv2D(4, 3)(inputs)
side = layers.GlobalMaxPooling2D(name="side_pool")(x)
side = layers.Dense(2, name="side")(side)
x = layers.GlobalAveragePooling2D()(x)
model = keras.Model(inputs, layers.Dense(10)(x))
watcher = keras.Model(inputs, side)
