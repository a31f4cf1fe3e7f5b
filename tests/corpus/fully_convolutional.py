# A nested model with open sizes is called on a fixed picture; its first layer still decided.
# kind: right
# expect: nothing
import keras
from keras import layers

upscale = keras.Sequential(
    [
        layers.Conv2D(8, 3, padding="same", activation="relu", input_shape=(None, None, 1)),
        layers.Conv2D(4, 3, padding="same"),
        layers.UpSampling2D(),
    ],
    name="upscale",
)
small = keras.Input(shape=(24, 24, 1))
model = keras.Model(small, upscale(small))
