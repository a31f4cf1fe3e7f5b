# Everything happens in main, behind a guard, with argparse.
# kind: discarded
# expect: KS101 line 13 dense_1
import argparse

import keras
from keras import layers


def create_model(hidden):
    model = keras.models.Sequential()
    model.add(layers.Dense(hidden, input_dim=4, activation="relu"))
    model.add(layers.Dense(hidden, input_dim=4, activation="relu"))
    model.add(layers.Dense(3, activation="softmax"))
    return model


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hidden", type=int, default=8)
    args = parser.parse_args()
    model = create_model(args.hidden)
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    model.summary()


if __name__ == "__main__":
    main()
