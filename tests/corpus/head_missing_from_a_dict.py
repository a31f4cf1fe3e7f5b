# Heads in a dict; one of them is never looked up.
# kind: unconnected
# expect: KS201 line 10 score
import keras
from keras import layers

heads = {
    "label": layers.Dense(3, activation="softmax", name="label"),
    "box": layers.Dense(4, name="box"),
    "score": layers.Dense(1, name="score"),
}
inputs = keras.Input(shape=(32,))
features = layers.Dense(16)(inputs)
model = keras.Model(inputs, [heads["label"](features), heads["box"](features)])
