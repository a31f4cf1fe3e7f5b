# argparse, a dataclass and a guard; one activation layer is shared through a dict.
# kind: right
# expect: nothing
import argparse
import dataclasses

import keras
from keras import layers


@dataclasses.dataclass
class Config:
    widths: tuple = (32, 16)
    activation: str = "swish"
    dropout: float = 0.1


def build(config):
    shared = {"swish": layers.Activation("swish"), "relu": layers.ReLU()}
    inputs = keras.Input(shape=(9,))
    x = inputs
    for width in config.widths:
        x = shared[config.activation](layers.Dense(width)(x))
        x = layers.Dropout(config.dropout)(x) if config.dropout else x
    return keras.Model(inputs, layers.Dense(1)(x))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--dropout", type=float, default=0.1)
    model = build(Config(dropout=parser.parse_args().dropout))
    model.summary()
