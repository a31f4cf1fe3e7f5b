# An upsampling generator: Reshape agrees with what it gets, the transposed convolution behind it does not.
# kind: discarded
# infos: KS102 line 11 reshape
# expect: KS101 line 12 conv2d_transpose
import keras
from keras import layers

generator = keras.Sequential(
    [
        layers.Dense(4 * 4 * 8, use_bias=False, input_shape=(100,)),
        layers.Reshape((4, 4, 8), input_shape=(128,)),
        layers.Conv2DTranspose(4, 5, strides=2, padding="same", input_shape=(8, 8, 8)),
        layers.Conv2DTranspose(1, 5, strides=2, padding="same", activation="tanh"),
    ]
)
