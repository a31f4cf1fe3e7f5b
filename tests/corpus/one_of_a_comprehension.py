# Four experts are made in one line, three are asked.
# kind: unconnected
# expect: KS201 line 8 expert_3
import keras
from keras import layers

inputs = keras.Input(shape=(6,))
experts = [layers.Dense(4, name=f"expert_{number}") for number in range(4)]
mixed = layers.Average()([experts[number](inputs) for number in range(3)])
model = keras.Model(inputs, mixed)
