# The same base in two phases, each phase a model of its own; loops over all layers.
# kind: right
# expect: nothing
import keras
from keras import layers

base = keras.applications.MobileNet(
    include_top=False, weights=None, alpha=0.25, input_shape=(64, 64, 3), pooling="avg"
)
for layer in base.layers:
    if not isinstance(layer, layers.BatchNormalization):
        layer.trainable = False
inputs = layers.Input(shape=(64, 64, 3))
x = base(inputs)
x = layers.BatchNormalization()(x)
outputs = layers.Dense(3, activation="softmax", name="pred")(x)
phase_one = keras.Model(inputs, outputs, name="phase_one")
phase_two = keras.Sequential([base, layers.Dense(3, activation="softmax")], name="phase_two")
