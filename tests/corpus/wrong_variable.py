# The second convolution was called on the wrong variable, so the first one is left behind.
# kind: unconnected
# expect: KS202 line 8 conv1
import keras
from keras import layers

picture = keras.Input(shape=(64, 64, 3))
conv1 = layers.Conv2D(8, 3, activation="relu", name="conv1")(picture)
conv2 = layers.Conv2D(8, 3, activation="relu", name="conv2")(picture)
pool = layers.GlobalAveragePooling2D()(conv2)
model = keras.Model(picture, layers.Dense(3)(pool))
