# The model asks for prices at each step, and none of its outputs depends on them.
# kind: unconnected
# expect: KS203 line 7 prices
from tensorflow import keras
from tensorflow.keras import layers

prices = keras.Input(shape=(30,), name="prices")
volumes = keras.Input(shape=(30,), name="volumes")
x = layers.Dense(16, activation="relu")(volumes)
model = keras.Model(inputs=[prices, volumes], outputs=layers.Dense(1)(x))
