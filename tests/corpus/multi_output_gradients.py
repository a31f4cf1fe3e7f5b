# Gradients with respect to inner activations: a model over inner tensors, made after the first.
# kind: right
# expect: nothing
import keras
from keras import layers

inputs = keras.Input(shape=(20, 20, 1))
x = layers.Conv2D(3, 3, name="last_conv")(inputs)
pooled = layers.GlobalAveragePooling2D()(x)
scores = layers.Dense(2)(pooled)
model = keras.Model(inputs, scores)
heat = keras.Model(model.inputs, [model.get_layer("last_conv").output, model.outputs[0]])
tail_input = keras.Input(shape=x.shape[1:])
tail = tail_input
for name in [layer.name for layer in model.layers[-2:]]:
    tail = model.get_layer(name)(tail)
tail_model = keras.Model(tail_input, tail)
