# Channels first in the declaration, channels last in the Input: nobody complains.
# kind: discarded
# expect: KS101 line 9 conv2d
# infos: KS102 line 10 batch_normalization
import keras
from keras import layers

inputs = keras.layers.Input((96, 64, 3))
x = layers.Conv2D(12, 5, strides=2, padding="same", input_shape=(3, 96, 64))(inputs)
x = layers.BatchNormalization(input_shape=(48, 32, 12))(x)
x = layers.Flatten()(x)
model = keras.Model(inputs, layers.Dense(4)(x))
