# Inputs and outputs in dicts, made in comprehensions.
# kind: right
# expect: nothing
import keras
from keras import layers

columns = {"age": 1, "income": 1, "history": 12}
inputs = {name: keras.Input(shape=(size,), name=name) for name, size in columns.items()}
x = layers.Concatenate()([inputs[name] for name in sorted(inputs)])
x = layers.Dense(8, activation="relu")(x)
outputs = {task: layers.Dense(1, name=task)(x) for task in ("churn", "value")}
model = keras.Model(inputs=inputs, outputs=outputs)
