# TimeDistributed frames of a video: the second wrapper repeats the shape of the frames.
# kind: discarded
# expect: KS101 line 10 time_distributed_1
# infos: KS102 line 12 lstm
import keras
from keras import layers

model = keras.Sequential(name="video")
model.add(layers.TimeDistributed(layers.Conv2D(8, 3, activation="relu"), input_shape=(5, 32, 32, 1)))
model.add(layers.TimeDistributed(layers.MaxPooling2D(2), input_shape=(5, 32, 32, 1)))
model.add(layers.TimeDistributed(layers.Flatten()))
model.add(layers.LSTM(16, input_shape=(5, 1800)))
model.add(layers.Dense(4))
