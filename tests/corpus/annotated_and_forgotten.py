# An annotated name holds a layer that nothing asks for.
# kind: unconnected
# expect: KS201 line 8 rescaling_1
import keras
from keras import layers

scale: layers.Layer = layers.Rescaling(1 / 255)
shift: layers.Layer = layers.Rescaling(1.0, offset=-0.5)
image = keras.Input(shape=(8, 8, 1))
model = keras.Model(image, layers.Flatten()(scale(image)))
