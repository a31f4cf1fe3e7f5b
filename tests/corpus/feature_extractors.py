# Extractors made of the outputs of a trained model's layers, one by one and all at once.
# kind: right
# expect: nothing
import keras
from keras import layers

model = keras.Sequential(
    [
        layers.Conv2D(4, 3, activation="relu", input_shape=(28, 28, 1), name="edges"),
        layers.MaxPooling2D(),
        layers.Conv2D(8, 3, activation="relu", name="parts"),
        layers.Flatten(),
        layers.Dense(10),
    ]
)
edges = keras.Model(inputs=model.inputs, outputs=model.get_layer("edges").output)
maps = keras.Model(model.inputs, [layer.output for layer in model.layers if "conv" in type(layer).__name__.lower()])
grad_cam = keras.Model(model.inputs, [model.get_layer("parts").output, model.layers[-1].output])
