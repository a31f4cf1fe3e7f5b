# functools.partial fixes the shape of the first convolution, and of all that follow.
# kind: discarded
# expect: KS101 line 14 conv2d_1
# infos: KS102 line 15 conv2d_2
# expect: KS101 line 17 conv2d_3
from functools import partial

import keras

Conv = partial(keras.layers.Conv2D, kernel_size=3, padding="same", activation="relu", input_shape=(32, 32, 3))

model = keras.Sequential()
model.add(Conv(16))
model.add(Conv(3))
model.add(Conv(16))
model.add(keras.layers.MaxPooling2D())
model.add(Conv(32))
