# Nothing to report: one explicit Input says what comes in, and no layer says it again.
import keras
from keras import layers

model = keras.Sequential(
    [
        keras.Input(shape=(4,)),
        layers.Dense(32, activation="relu", name="hidden"),
        layers.Dense(1, activation="sigmoid", name="probability"),
    ],
    name="clean",
)
model.compile(loss="binary_crossentropy", optimizer="adam")
model.summary()
