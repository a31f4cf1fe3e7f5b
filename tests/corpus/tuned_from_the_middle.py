# Transfer learning from an inner layer of a ready-made model: what comes after it is not lost, it is in the base.
# kind: right
# expect: nothing
import keras
from keras import layers

base = keras.applications.MobileNetV2(weights=None, alpha=0.35, input_shape=(96, 96, 3))
cut = base.get_layer("block_6_expand_relu").output
x = layers.GlobalAveragePooling2D()(cut)
model = keras.Model(base.input, layers.Dense(3)(x))
