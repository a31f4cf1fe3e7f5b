# x is reassigned inside an if from an older tensor: what stood in it is lost.
# kind: unconnected
# expect: KS202 line 10 deeper
import keras
from keras import layers

use_pooling = True
inputs = keras.Input(shape=(32, 32, 3))
x = layers.Conv2D(8, 3, padding="same")(inputs)
y = layers.Conv2D(16, 3, padding="same", name="deeper")(x)
y = layers.ReLU()(y)
if use_pooling:
    y = layers.MaxPooling2D()(x)
y = layers.Flatten()(y)
model = keras.Model(inputs, layers.Dense(10)(y))
