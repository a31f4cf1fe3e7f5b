# Declarations that are not needed and agree; an open size agrees with any.
# kind: right
# infos: KS102 line 12 conv2d_1
# infos: KS102 line 13 conv2d_2
# infos: KS102 line 15 lstm
# infos: KS102 line 16 dense
import keras
from keras import layers

model = keras.Sequential()
model.add(layers.Conv2D(8, 3, padding="same", input_shape=(40, 40, 3)))
model.add(layers.Conv2D(8, 3, padding="same", input_shape=(40, 40, 8)))
model.add(layers.Conv2D(8, 3, padding="same", input_shape=(None, None, 8)))
model.add(layers.Reshape((1600, 8)))
model.add(layers.LSTM(4, input_shape=(None, 8)))
model.add(layers.Dense(1, input_dim=4))
