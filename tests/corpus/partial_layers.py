# functools.partial makes convolutions; nothing declares anything but the Input.
# kind: right
# expect: nothing
from functools import partial

import keras
from keras import layers

conv = partial(layers.Conv2D, kernel_size=3, padding="same", use_bias=False)
inputs = keras.Input((16, 16, 3))
x = inputs
for filters in (8, 16):
    x = layers.ReLU()(layers.BatchNormalization()(conv(filters)(x)))
    x = conv(filters=filters, strides=2)(x)
model = keras.Model(inputs, layers.GlobalMaxPooling2D()(x))
