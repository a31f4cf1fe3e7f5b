# Two normalisations are bound to one name; only the second can be called.
# kind: unconnected
# expect: KS201 line 7 batch_normalization
import keras
from keras import layers

norm = layers.BatchNormalization()
norm = layers.LayerNormalization()
inputs = keras.Input(shape=(9,))
model = keras.Model(inputs, layers.Dense(2)(norm(inputs)))
