# An auxiliary output was computed and left out of the list of outputs.
# kind: unconnected
# expect: KS202 line 9 side_pool
import keras
from keras import layers

inputs = keras.Input(shape=(32, 32, 3))
x = layers.Conv2D(8, 3)(inputs)
side = layers.GlobalAveragePooling2D(name="side_pool")(x)
side = layers.Dense(10, activation="softmax", name="side")(side)
x = layers.Conv2D(16, 3)(x)
x = layers.GlobalAveragePooling2D()(x)
main = layers.Dense(10, activation="softmax", name="main")(x)
model = keras.Model(inputs, outputs=[main])
