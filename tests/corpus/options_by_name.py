# All activations are made in a dict, and one is chosen; making the others costs nothing but is not this.
# kind: right
# expect: nothing
import keras
from keras import layers


def activation(name):
    return {"relu": layers.ReLU, "elu": layers.ELU, "leaky": layers.LeakyReLU}[name]()


inputs = keras.Input(shape=(3,))
x = activation("elu")(layers.Dense(6)(inputs))
model = keras.Model(inputs, x)
