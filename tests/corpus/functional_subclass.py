# Model.__init__ is given inputs and outputs by a subclass: a functional model all the same.
# kind: right
# expect: nothing
import keras
from keras import layers


class Classifier(keras.Model):
    def __init__(self, classes, **kwargs):
        inputs = keras.Input(shape=(16,))
        hidden = layers.Dense(8, activation="relu")(inputs)
        outputs = layers.Dense(classes)(hidden)
        super().__init__(inputs=inputs, outputs=outputs, **kwargs)


model = Classifier(3, name="classifier")
