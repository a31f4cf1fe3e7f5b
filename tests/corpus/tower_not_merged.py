# A second tower with an input of its own is built and never joined.
# kind: unconnected
# expect: KS203 line 9 image
# expect: KS202 line 11 image_conv
import keras
from keras import layers

text = keras.Input(shape=(100,), name="text")
image = keras.Input(shape=(32, 32, 3), name="image")
a = layers.Dense(16, name="text_features")(text)
b = layers.Conv2D(8, 3, name="image_conv")(image)
b = layers.Flatten(name="image_flat")(b)
joined = layers.Concatenate()([a, a])
model = keras.Model(text, layers.Dense(1)(joined))
