# Settings in a dataclass; the number of features is used for every layer.
# kind: discarded
# expect: KS101 line 20 dense_1
from dataclasses import dataclass, field

import keras


@dataclass
class Settings:
    features: int = 11
    hidden: list = field(default_factory=lambda: [33, 22])


def build(settings):
    model = keras.Sequential(name="from_settings")
    first, *others = settings.hidden
    model.add(keras.layers.Dense(first, input_shape=(settings.features,)))
    for width in others:
        model.add(keras.layers.Dense(width, input_shape=(settings.features,)))
    model.add(keras.layers.Dense(1))
    return model


model = build(Settings())
