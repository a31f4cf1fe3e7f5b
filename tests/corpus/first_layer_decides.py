# The ordinary case: the first layer declares, and it counts.
# kind: right
# expect: nothing
import keras
from keras import layers

model = keras.Sequential(
    [
        layers.Dense(8, activation="relu", input_shape=(4,)),
        layers.Dense(8, activation="relu"),
        layers.Dense(3, activation="softmax"),
    ]
)
