# The first layer declares nothing, the second one does: Keras never looks, and nothing is built.
# kind: discarded
# infos: KS301 line 8
# expect: KS105 line 10 dense
import keras
from keras import layers

model = keras.Sequential()
model.add(layers.Flatten())
model.add(layers.Dense(16, input_shape=(784,)))
model.add(layers.Dense(10))
