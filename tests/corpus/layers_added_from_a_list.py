# The layers stand in a list first and are added one by one.
# kind: discarded
# expect: KS101 line 11 dropout
# infos: KS102 line 12 dense_1
import keras
from keras.layers import Activation, Dense, Dropout

stack = [
    Dense(50, input_dim=25),
    Activation("relu"),
    Dropout(0.5, input_shape=(25,)),
    Dense(1, input_dim=50),
]
model = keras.Sequential()
for layer in stack:
    model.add(layer)
