# The probabilities are for a model that a function makes when somebody asks for it.
# kind: right
# expect: nothing
import keras
from keras import layers

inputs = keras.Input(shape=(12,))
logits = layers.Dense(4, name="logits")(inputs)
probabilities = layers.Softmax(name="probabilities")(logits)
model = keras.Model(inputs, logits)


def serving_model():
    return keras.Model(inputs, probabilities)
