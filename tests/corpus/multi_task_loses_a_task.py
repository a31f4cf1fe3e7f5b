# Three tasks are planned, two outputs are given: one Input and one head stay outside.
# kind: unconnected
# expect: KS203 line 9 task_2
# expect: KS202 line 10 head_2
import keras
from keras import layers

shared = layers.Dense(16, activation="relu", name="shared")
inputs = [keras.Input(shape=(8,), name=f"task_{n}") for n in range(3)]
heads = [layers.Dense(1, name=f"head_{n}")(shared(x)) for n, x in enumerate(inputs)]
model = keras.Model(inputs[:2], heads[:2])
