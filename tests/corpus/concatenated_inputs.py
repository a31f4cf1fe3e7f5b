# After two inputs are joined, the next layer declares only one of them.
# kind: discarded
# expect: KS101 line 10 hidden
import keras
from keras import layers

age = keras.Input(shape=(1,), name="age")
history = keras.Input(shape=(12,), name="history")
both = layers.concatenate([age, history])
hidden = layers.Dense(20, input_shape=(12,), activation="relu", name="hidden")(both)
model = keras.Model({"age": age, "history": history}, layers.Dense(1)(hidden))
