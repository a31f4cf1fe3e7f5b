# input_shape of a ready-made model is a function's argument, and the nested model honours it.
# kind: right
# expect: nothing
import keras
from keras import layers
from keras.applications import MobileNet

base = MobileNet(input_shape=(64, 64, 3), alpha=0.25, include_top=False, weights=None)
for layer in base.layers[:-4]:
    layer.trainable = False
photo = keras.Input(shape=(64, 64, 3))
x = layers.Rescaling(1 / 127.5, offset=-1.0)(photo)
x = base(x, training=False)
x = layers.GlobalAveragePooling2D()(x)
model = keras.Model(photo, layers.Dense(5, activation="softmax")(layers.Dropout(0.2)(x)))
