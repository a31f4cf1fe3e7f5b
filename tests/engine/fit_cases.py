"""Training calls, right and wrong, each a line of its own: losses times targets, then everything about inputs.

What a call does is not said here: real training says it. Only what runs and still means something else cannot be seen
from outside; those are in `STRETCHED`.
"""

# ruff: noqa: E501 - a call is one line, however long: its line is its name.

from __future__ import annotations

__all__ = ["CASES", "PRELUDE", "STRETCHED"]

PRELUDE = """\
import sys
import keras, numpy as np, tensorflow as tf
from keras import layers
z = np.zeros
def note(history):
    if hasattr(history, "history"):
        print("KEYS", sys._getframe(1).f_lineno, *history.history)
def has(name):
    return hasattr(keras.losses, name)
def loss(name):
    return getattr(keras.losses, name)()
def net(units, loss):
    activation = "softmax" if units > 1 else "sigmoid"
    m = keras.Sequential([keras.Input((4,)), layers.Dense(units, activation=activation)])
    m.compile("sgd", loss)
    return m
def seq(shape=(4,), *ls, loss="mse", **kw):
    m = keras.Sequential([keras.Input(shape), *(ls or [layers.Dense(2)])])
    m.compile("sgd", loss, **kw)
    return m
def fun(shape=(4,), *ls, loss="mse", dtype=None, **kw):
    i = x = keras.Input(shape, dtype=dtype)
    for l in ls or [layers.Dense(2)]:
        x = l(x)
    m = keras.Model(i, x)
    m.compile("sgd", loss, **kw)
    return m
def two(named=False, loss="mse", **kw):
    a, b = keras.Input((4,), name="a"), keras.Input((3,), name="b")
    x = layers.Concatenate()([a, b])
    m = keras.Model({"a": a, "b": b} if named else [a, b], layers.Dense(2)(x))
    m.compile("sgd", loss, **kw)
    return m
def outs(loss="mse", named=False, **kw):
    i = keras.Input((4,))
    p, q = layers.Dense(2, name="p")(i), layers.Dense(3, activation="softmax", name="q")(i)
    m = keras.Model(i, {"p": p, "q": q} if named else [p, q])
    m.compile("sgd", loss, **kw)
    return m
class Sub(keras.Model):
    def __init__(self, units=2):
        super().__init__()
        self.d = layers.Dense(units, activation="sigmoid")
    def call(self, x):
        return self.d(x)
def sub(loss="mse", build=True, units=2, **kw):
    m = Sub(units)
    m.compile("sgd", loss, **kw)
    if build:
        m(z((1, 4)))
    return m
def own_loss(t, p):
    return (p - t)
def ds(x, y, b=4):
    return tf.data.Dataset.from_tensor_slices((x, y)).batch(b)
y2 = z((10, 2))
q = z((10, 3))
"""

LOSSES = (
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
    "CategoricalHinge",
    "Circle",
    "CosineSimilarity",
    "Dice",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "Tversky",
)
"""All of `keras.losses`. Left out is CTC: its outputs are sequences of logits, its targets sequences of labels."""

NAMES = (
    "mse",
    "mae",
    "binary_crossentropy",
    "categorical_crossentropy",
    "sparse_categorical_crossentropy",
    "kl_divergence",
    "cosine_similarity",
    "hinge",
    "log_cosh",
)

CLASS_NUMBERS = ("Circle", "CategoricalGeneralizedCrossEntropy", "SparseCategoricalCrossentropy")
"""Losses that take one class number a sample."""

TARGETS = (
    # units, shape of y, batch size; then: whether it is right for a loss that wants y like the output
    (1, (10,), 32, True),
    (3, (10,), 32, False),
    (3, (10, 1), 32, False),
    (3, (10, 3), 32, True),
    (3, (9,), 3, False),  # as many rows in a batch as there are units
)

WHOLE = ("BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy", "MeanSquaredError", "Dice")
"""Losses that meet every target: one of each way to compare."""

BRIEFLY = ((3, (10,)), (3, (10, 3)), (3, (9,)))
"""Targets that the other losses meet."""

CASES: list[str] = []
STRETCHED: set[str] = set()

for name in (*LOSSES, *NAMES):
    for units, shape, batch, right in TARGETS:
        if name not in WHOLE and (units, shape) not in BRIEFLY:
            continue
        if name in NAMES and (units, shape) != (3, (10,)):
            continue  # what is behind the name has had the rest
        given = repr(name) if name in NAMES else f"loss({name!r})"
        made = f"has({name!r}) and " if name in LOSSES else ""
        case = f"{made}net({units}, {given}).fit(z(({shape[0]}, 4)), z({shape}), batch_size={batch})"
        CASES.append(case)
        numbers = name in CLASS_NUMBERS or name.startswith("sparse")
        if not right and not (numbers and shape[1:] in ((), (1,))):
            STRETCHED.add(case)

CASES += """\
seq().fit(z((10, 4)), y2)
seq().fit(z((10, 5)), y2)
seq().fit(z((10,)), y2)
seq().fit(z((10, 4, 1)), y2)
seq((1,)).fit(z((10,)), y2)
fun().fit(z((10, 5)), y2)
seq((8, 8, 1), layers.Conv2D(2, 3), layers.GlobalMaxPooling2D()).fit(z((10, 8, 8)), y2)
seq((8, 8, 1), layers.Conv2D(2, 3), layers.GlobalMaxPooling2D()).fit(z((10, 9, 9, 1)), y2)
fun((8, 8, 1), layers.Conv2D(2, 3), layers.GlobalMaxPooling2D()).fit(z((10, 9, 9, 1)), y2)
seq((8, 8, 1), layers.Conv2D(2, 3), layers.GlobalMaxPooling2D()).fit(z((10, 8, 8, 3)), y2)
fun((None, None, 3), layers.Conv2D(2, 3), layers.GlobalMaxPooling2D()).fit(z((10, 9, 9, 3)), y2)
fun((None, None, 3), layers.Conv2D(2, 3), layers.GlobalMaxPooling2D()).fit(z((10, 9, 9, 1)), y2)
fun((None, 3), layers.Dense(2)).fit(z((10, 5, 3)), z((10, 5, 2)))
fun((None, 3), layers.Dense(2)).fit(z((10, 5, 3)), z((10, 6, 2)))
seq((28, 28), layers.Flatten(), layers.Dense(2)).fit(z((10, 28, 28, 1)), y2)
seq((28, 28), layers.Flatten(), layers.Dense(2)).fit(z((10, 784)), y2)
seq().fit(z((10, 4), "uint8"), z((10, 2), "int64"))
seq().fit(np.array([["a"] * 4] * 10), y2)
fun().fit(np.array([["a"] * 4] * 10), y2)
seq().fit(z((10, 4)), np.array([["a"] * 2] * 10))
seq(loss="sparse_categorical_crossentropy").fit(z((10, 4)), np.array(["a"] * 10))
seq((10,), layers.Embedding(20, 3), layers.GlobalAveragePooling1D(), layers.Dense(2)).fit(z((10, 10), "int32"), y2)
seq((10,), layers.Embedding(20, 3, mask_zero=True), layers.LSTM(3), layers.Dense(2)).fit(z((10, 12), "int32"), y2)
seq().fit([[0.0] * 4] * 10, [[0.0] * 2] * 10)
seq().fit(z((10, 4)), [[0.0] * 2] * 10)
seq().fit(z((10, 4)), [0, 1] * 5)
seq().fit([[0.0] * 4] * 10, y2)
seq().fit([z((10, 4))], [y2])
fun().fit([z((10, 4))], y2)
fun().fit([z((10, 4)), z((10, 4))], y2)
seq().fit(tf.zeros((10, 4)), tf.zeros((10, 2)))
seq().fit(z((10, 4)), z((8, 2)))
seq().fit(z((10, 4)), y2, sample_weight=z((9,)))
seq().fit(z((10, 4)), y2, sample_weight=z((10,)))
seq().fit(z((10, 4)), y2, sample_weight=z((10, 2)))
seq().fit(z((10, 4)), y2, sample_weight=z((10, 3)))
seq().fit(z((10, 4)), y2, validation_split=0.2)
seq().fit(z((10, 4)), y2, validation_split=0.01)
seq().fit(z((1, 4)), z((1, 2)), validation_split=0.5)
two().fit([z((10, 4)), z((10, 3))], y2)
two().fit([z((10, 3)), z((10, 4))], y2)
two().fit([z((10, 4)), z((9, 3))], y2)
two().fit([z((10, 4))], y2)
two().fit(z((10, 4)), y2)
two().fit({"a": z((10, 4)), "b": z((10, 3))}, y2)
two().fit({"b": z((10, 3)), "a": z((10, 4))}, y2)
two().fit({"a": z((10, 4)), "c": z((10, 3))}, y2)
two().fit({"a": z((10, 4)), "b": z((10, 3)), "c": z((10, 1))}, y2)
two(True).fit({"a": z((10, 4)), "b": z((10, 3))}, y2)
two(True).fit({"a": z((10, 4)), "x": z((10, 3))}, y2)
two(True).fit({"a": z((10, 3)), "b": z((10, 4))}, y2)
two(True).fit([z((10, 4)), z((10, 3))], y2)
two(True).fit([z((10, 3)), z((10, 4))], y2)
fun().fit({"input": z((10, 4))}, y2)
seq().fit({"anything": z((10, 4))}, y2)
outs().fit(z((10, 4)), [y2, q])
outs().fit(z((10, 4)), [q, y2])
outs().fit(z((10, 4)), [y2])
outs().fit(z((10, 4)), y2)
outs().fit(z((10, 4)), {"p": y2, "q": q})
outs().fit(z((10, 4)), {"p": y2, "r": q})
outs().fit(z((10, 4)), {"q": q})
outs(["mse", "categorical_crossentropy"]).fit(z((10, 4)), [y2, z((10,))])
outs({"p": "mse", "q": "sparse_categorical_crossentropy"}).fit(z((10, 4)), {"p": y2, "q": z((10,))})
outs({"p": "mse", "q": "sparse_categorical_crossentropy"}).fit(z((10, 4)), {"p": y2, "q": q})
outs({"p": "mse"}).fit(z((10, 4)), {"p": y2})
outs(["mse", None]).fit(z((10, 4)), [y2, q])
outs(named=True).fit(z((10, 4)), {"p": y2, "q": q})
outs({"p": "mse", "q": "categorical_crossentropy"}, named=True).fit(z((10, 4)), {"p": y2, "q": y2})
outs({"p": "mse", "q": "categorical_crossentropy"}, named=True, metrics={"q": ["accuracy"]}).fit(z((10, 4)), {"p": y2, "q": q}, validation_data=(z((10, 4)), {"p": y2, "q": q}))
outs(["mse", "categorical_crossentropy"], metrics=["accuracy", "mae"]).fit(z((10, 4)), [y2, q])
outs(["mse", "categorical_crossentropy"], metrics=[["mae"], ["accuracy"]]).fit(z((10, 4)), [y2, q])
outs(["mse", "categorical_crossentropy"], metrics=[["mae"], ["accuracy"]], weighted_metrics=[["mae"], ["accuracy"]]).fit(z((10, 4)), [y2, q])
outs(["mse", "categorical_crossentropy"]).fit(z((10, 4)), [y2, z((10,))], validation_data=(z((10, 4)), [y2, q]))
seq(metrics=["accuracy", "mae", keras.metrics.AUC(name="auc")], weighted_metrics=["mae"]).fit(z((10, 4)), y2)
seq(loss="sparse_categorical_crossentropy", metrics=["accuracy"]).fit(z((10, 4)), z((10,)))
seq(loss="categorical_crossentropy", metrics=["sparse_categorical_accuracy"]).fit(z((10, 4)), y2)
seq(loss="sparse_categorical_crossentropy", metrics=[keras.metrics.Precision()]).fit(z((10, 4)), z((10,)))
seq(metrics=[own_loss]).fit(z((10, 4)), y2)
seq(loss=own_loss).fit(z((10, 4)), y2)
seq(loss=own_loss, metrics=["mse"]).fit(z((10, 4)), z((10, 2)), validation_data=(z((4, 4)), z((4, 2))))
seq().fit(z((10, 4)), y2, validation_data=(z((6, 4)), z((6, 2))))
seq().fit(z((10, 4)), y2, validation_data=(z((6, 5)), z((6, 2))))
seq().fit(z((10, 4)), y2, validation_data=(z((6, 4)), z((6, 3))))
seq().fit(z((10, 4)), y2, validation_data=(z((6, 4)), z((5, 2))))
seq().fit(z((10, 4)), y2, validation_data=ds(z((6, 4)), z((6, 2))))
seq().fit(z((10, 4)), y2, validation_data=ds(z((6, 4)), z((6, 5))))
seq().fit(ds(z((10, 4)), y2))
seq().fit(ds(z((10, 5)), y2))
seq().fit(ds(z((10, 4)), z((10, 5))))
seq().fit(ds(z((10, 4)), z((10,))))
seq(loss="binary_crossentropy").fit(ds(z((10, 4)), z((10,))))
seq().fit(tf.data.Dataset.from_tensor_slices((z((10, 4)), y2)))
seq().fit(tf.data.Dataset.from_tensor_slices((z((8, 4)), z((8, 2)))).batch(4, drop_remainder=True))
two(True).fit(tf.data.Dataset.from_tensor_slices(({"a": z((10, 4)), "c": z((10, 3))}, y2)).batch(5))
outs().fit(tf.data.Dataset.from_tensor_slices((z((10, 4)), (q, y2))).batch(5))
sub().fit(z((10, 4)), y2)
sub().fit(z((10, 5)), y2)
sub().fit(z((10, 4)), z((10, 3)))
sub("binary_crossentropy").fit(z((10, 4)), z((10,)))
sub("binary_crossentropy", build=False).fit(z((10, 4)), z((10,)))
sub("sparse_categorical_crossentropy", metrics=["accuracy"], build=False).fit(z((10, 4)), z((10,)))
seq().evaluate(z((10, 4)), z((10, 3)))
seq().evaluate(z((10, 5)), y2)
seq().predict(z((10, 5)))
seq().predict(z((10,)))
seq().train_on_batch(z((10, 4)), z((10, 3)))
seq().train_on_batch(z((2, 4)), z((2,)))
seq().fit(z((10, 4)), z((10,)), batch_size=2)
seq().fit(z((10, 4)), z((10,)), batch_size=5)
seq().fit(z((10, 4)), z((10,)), steps_per_epoch=5)
seq((4,), layers.Dense(1)).fit(z((10, 4)), z((10,)), batch_size=4)
seq((4,), layers.Dense(1)).fit(z((10, 4)), z((10, 1, 1)), batch_size=4)
seq((4,), layers.Reshape((2, 2)), layers.Dense(3)).fit(z((10, 4)), z((10, 2)))
seq((4,), layers.Reshape((2, 2)), layers.Dense(3)).fit(z((10, 4)), z((10, 2, 1)))
seq((4,), layers.Reshape((2, 2)), layers.Dense(3), loss="sparse_categorical_crossentropy").fit(z((10, 4)), z((10, 2)))
seq((4,), layers.Reshape((2, 2)), layers.Dense(3), loss="sparse_categorical_crossentropy", metrics=["accuracy"]).fit(z((10, 4)), z((10, 3)))
seq((4,), layers.Reshape((2, 2)), layers.Dense(3, activation="softmax"), loss="categorical_crossentropy").fit(z((10, 4)), z((10, 2)))
seq().fit(z((10, 4)))
""".splitlines()

STRETCHED |= set(
    """\
seq((4,), layers.Reshape((2, 2)), layers.Dense(3)).fit(z((10, 4)), z((10, 2, 1)))
seq().fit(ds(z((10, 4)), z((10,))))
seq().fit(z((10, 4)), z((10,)), batch_size=2)
seq().fit(z((10, 4)), z((10,)), batch_size=5)
seq().fit(z((10, 4)), z((10,)), steps_per_epoch=5)
seq().train_on_batch(z((2, 4)), z((2,)))
seq(loss="binary_crossentropy").fit(ds(z((10, 4)), z((10,))))
""".splitlines()
)
