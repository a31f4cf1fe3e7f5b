# A head on a nested model declares what another base used to give out.
# kind: discarded
# expect: KS101 line 14 head
import keras
from keras import layers

image = keras.Input(shape=(48, 48, 3))
x = layers.Conv2D(8, 3, strides=2, activation="relu")(image)
x = layers.GlobalAveragePooling2D()(x)
base = keras.Model(image, x, name="tiny_base")

model = keras.Sequential(name="with_head")
model.add(base)
model.add(layers.Dense(64, activation="relu", input_shape=(2048,), name="head"))
model.add(layers.Dense(2, activation="softmax"))
