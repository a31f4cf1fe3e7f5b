# The model is made of an earlier tensor: the last two layers hang in the air.
# kind: unconnected
# expect: KS202 line 10 smooth
import keras
from keras import layers

inputs = keras.Input(shape=(50,))
x = layers.Dense(20, activation="relu")(inputs)
logits = layers.Dense(5, name="logits")(x)
smooth = layers.Dropout(0.1, name="smooth")(logits)
probabilities = layers.Softmax(name="probabilities")(smooth)
model = keras.Model(inputs=inputs, outputs=logits)
