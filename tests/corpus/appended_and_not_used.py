# Blocks are appended to a list in a loop; a later edit made the network one block shorter.
# kind: unconnected
# expect: KS201 line 9 block_2
import keras
from keras import layers

blocks = []
for number in range(3):
    blocks.append(layers.Dense(8, activation="relu", name=f"block_{number}"))
inputs = keras.Input(shape=(8,))
x = blocks[1](blocks[0](inputs))
model = keras.Model(inputs, x)
