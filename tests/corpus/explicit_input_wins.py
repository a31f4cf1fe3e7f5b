# keras.Input stands first, and the next layer says something else about the same image.
# kind: discarded
# expect: KS101 line 10 conv2d
import keras
from keras import layers

classifier = keras.Sequential(
    [
        keras.Input(shape=(28, 28, 1)),
        layers.Conv2D(8, 3, input_shape=(32, 32, 3)),
        layers.GlobalAveragePooling2D(),
        layers.Dense(10),
    ]
)
