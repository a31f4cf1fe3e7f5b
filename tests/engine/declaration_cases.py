"""Small programs, each one way to declare an input shape, with what Keras makes of it in each generation.

`rows` are layers by name: the declared shape (`None`: none), the effective ones (`None`: unknown) and the verdict.
`findings` are all findings, as rule and layer name, those of mere information with a `?` behind the rule. A value for
one generation alone is given as `{"3": ..., "2": ...}`. `raises` names what Keras itself raises, by generation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["CASES", "FIRST", "HEAD", "Case", "decides", "dropped", "redundant", "silent", "undecided"]

HEAD = """\
import functools, warnings
import keras, numpy as np, tensorflow as tf
from keras import layers
Sequential, Input, Dense = keras.Sequential, keras.Input, layers.Dense
KERAS_3 = keras.__version__.startswith("3")

"""


@dataclass(frozen=True)
class Case:
    """A program without its head, and what is expected of it."""

    program: str
    rows: dict[str, Any] = field(default_factory=dict)
    findings: Any = ()
    raises: dict[str, str] = field(default_factory=dict)


def decides(*shape: int | None) -> tuple[Any, ...]:
    """The declaration made the shape."""
    return shape, (shape,), "decides"


def dropped(declared: tuple[int | None, ...], *effective: tuple[int | None, ...]) -> tuple[Any, ...]:
    """The declaration differs from what was used."""
    return declared, effective, "discarded"


def redundant(declared: tuple[int | None, ...], *effective: tuple[int | None, ...]) -> tuple[Any, ...]:
    """The declaration was dropped and agrees."""
    return declared, effective, "redundant"


def undecided(*declared: int | None) -> tuple[Any, ...]:
    """Declared where nothing was ever built."""
    return declared, None, "undecided"


def silent(*effective: tuple[int | None, ...]) -> tuple[Any, ...]:
    """Nothing is declared; without shapes, nothing was built."""
    return None, effective or None, None


FIRST = "Dense(3, input_shape=(4,), name='a')"

WHICH_COUNTS = {
    "the first layer of a Sequential decides": Case(
        f"m = Sequential([{FIRST}, Dense(2, name='b')])",
        {"a": decides(None, 4), "b": silent((None, 3))},
    ),
    "a later layer's declaration is dropped": Case(
        f"m = Sequential([{FIRST}, Dense(2, input_shape=(7,), name='b')])",
        {"a": decides(None, 4), "b": dropped((None, 7), (None, 3))},
        [("KS101", "b")],
    ),
    "a later layer's declaration that agrees is dropped too": Case(
        f"m = Sequential([{FIRST}, Dense(2, input_shape=(3,), name='b')])",
        {"b": redundant((None, 3), (None, 3))},
        [("KS102?", "b")],
    ),
    "an explicit Input stands before the first layer's": Case(
        "m = Sequential([Input((5,)), Dense(3, input_shape=(4,), name='a')])",
        {"a": dropped((None, 4), (None, 5))},
        [("KS101", "a")],
    ),
    "an InputLayer stands before the first layer's": Case(
        "m = Sequential([layers.InputLayer(input_shape=(5,), name='i'), Dense(3, input_shape=(5,), name='a')])",
        {"i": decides(None, 5), "a": redundant((None, 5), (None, 5))},
        [("KS102?", "a")],
    ),
    "a layer called in the functional API takes the tensor's shape": Case(
        "i = Input((5,), name='i')\nm = keras.Model(i, Dense(3, input_shape=(4,), name='a')(i))",
        {"i": decides(None, 5), "a": dropped((None, 4), (None, 5))},
        [("KS101", "a")],
    ),
    "a nested, built model decides by its own input": Case(
        "inner = Sequential([Dense(3, input_shape=(4,), name='a')], name='inner')\n"
        "m = Sequential([inner, Dense(2, input_shape=(4,), name='b')])",
        {"a": decides(None, 4), "inner": silent((None, 4)), "b": dropped((None, 4), (None, 3))},
        [("KS101", "b")],
    ),
    "a second layer's declaration is never looked at": Case(
        "m = Sequential([Dense(3, name='a'), Dense(2, input_shape=(9,), name='b')])",
        {"a": silent(), "b": undecided(None, 9)},
        [("KS301?", None), ("KS105", "b")],
    ),
    "a layer of a subclassed model gets what it is called on": Case(
        "class M(keras.Model):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.a = Dense(3, input_shape=(9,), name='a')\n"
        "    def call(self, x):\n"
        "        return self.a(x)\n"
        "m = M()\n"
        "m(Input((5,)))",
        {"a": dropped((None, 9), (None, 5))},
        [("KS101", "a")],
    ),
    "an InputLayer in the middle": Case(
        f"m = Sequential([{FIRST}, layers.InputLayer(input_shape=(7,), name='i'), Dense(2, name='b')])",
        {"b": silent((None, 3))},
        [("KS104", "i")],
        {"3": "ValueError"},
    ),
    "an Input in the middle that agrees": Case(
        f"m = Sequential([{FIRST}, Input((3,), name='i'), Dense(2, name='b')])",
        {"b": silent((None, 3))},
        [("KS104?", "i")],
        {"3": "ValueError"},
    ),
    "two Inputs at the beginning": Case(
        "m = Sequential([Input((3,), name='i'), Input((4,), name='j'), Dense(2, name='b')])",
        {"i": decides(None, 3), "b": silent((None, 3))},
        [("KS104", "j")],
        {"3": "ValueError"},
    ),
    "batch_input_shape decides": Case(
        "m = Sequential([Dense(3, batch_input_shape=(8, 4), name='a')])",
        {"a": decides(8, 4)},
        raises={"3": "ValueError"},
    ),
    "batch_input_shape is dropped": Case(
        "m = Sequential([Input((4,)), Dense(3, batch_input_shape=(8, 4), name='a')])",
        {"a": dropped((8, 4), (None, 4))},
        [("KS101", "a")],
        {"3": "ValueError"},
    ),
    "batch_size completes input_shape": Case(
        "m = Sequential([Dense(3, input_shape=(4,), batch_size=8, name='a'),\n"
        "    Dense(2, input_shape=(3,), batch_size=9, name='b')])",
        {"a": decides(8, 4), "b": dropped((9, 3), (8, 3))},
        [("KS101", "b")],
        {"3": "ValueError"},
    ),
    "input_shape goes before input_dim": Case(
        "m = Sequential([Dense(3, input_dim=7, input_shape=(4,), name='a')])",
        {"a": decides(None, 4)},
        raises={"3": "ValueError"},
    ),
    "input_length of an Embedding": Case(
        "m = Sequential([layers.Embedding(10, 4, input_length=5, name='a')])",
        {"2": {"a": decides(None, 5)}},
        {"2": [("KS106?", "a")], "3": [("KS301?", None), ("KS106", "a")]},
    ),
    "input_shape goes before input_length": Case(
        "m = Sequential([layers.Embedding(10, 4, input_length=5, input_shape=(6,), name='a')])",
        {"a": decides(None, 6)},
    ),
    "input_length on a sequence of another length": Case(
        "i = Input((9,))\nm = keras.Model(i, layers.Embedding(10, 4, input_length=5, name='a')(i))",
        {"a": dropped((None, 5), (None, 9))},
        [("KS101", "a")],
    ),
    "input_dim and input_length of an LSTM": Case(
        "m = Sequential([layers.LSTM(2, input_dim=3, input_length=5, name='a')])",
        {"a": decides(None, 5, 3)},
        raises={"3": "ValueError"},
    ),
    "input_dim alone of an LSTM": Case(
        "m = Sequential([layers.LSTM(2, input_dim=3, name='a')])",
        {"a": decides(None, None, 3)},
        raises={"3": "ValueError"},
    ),
}

BUILD = {
    "build tells a model that declares nothing": Case(
        "m = Sequential([Dense(3, name='a'), Dense(2, name='b')])\nm.build((None, 6))",
        {"a": silent((None, 6)), "b": silent((None, 3))},
    ),
    "build goes before a later layer's declaration": Case(
        "m = Sequential([Dense(3, name='a'), Dense(2, input_shape=(9,), name='b')])\nm.build((None, 6))",
        {"a": silent((None, 6)), "b": dropped((None, 9), (None, 3))},
        [("KS101", "b")],
    ),
    "build that repeats the declaration": Case(
        f"m = Sequential([{FIRST}, Dense(2, name='b')])\nm.build((None, 4))",
        {"a": decides(None, 4), "b": silent((None, 3))},
    ),
    "build against the declaration": Case(
        f"m = Sequential([{FIRST}, Dense(2, name='b')])\nm.build((None, 6))",
        {"a": decides(None, 4), "b": silent((None, 3))},
        raises={"3": "ValueError"},
    ),
    "a layer built by hand keeps what it was built with": Case(
        "layer = Dense(3, name='a')\nlayer.build((None, 4))\nm = Sequential([Input((4,)), layer])",
        {"a": silent((None, 4))},
    ),
}

SPELLINGS = {
    "a list": "input_shape=[7]",
    "a numpy integer": "input_shape=(np.int64(7),)",
    "a numpy array": "input_shape=np.array([7])",
    "a shape of data": "input_shape=np.zeros((2, 7)).shape[1:]",
    "a TensorShape": "input_shape=tf.TensorShape([7])",
    "a variable": "input_shape=SHAPE",
    "an expression": "input_shape=(len('sevenxx') + 1 - 1,)",
    "input_dim": "input_dim=7",
    "input_dim as a numpy integer": "input_dim=np.int32(7)",
    "a dict of arguments": "**{'input_shape': (7,), 'activation': 'relu'}",
    "a dict in a variable": "**OPTIONS",
}

WAYS_TO_WRITE = {
    f"declared by {name}": Case(
        "SHAPE = (7,)\nOPTIONS = dict(input_dim=7)\n"
        f"first = Sequential([Dense(3, {argument}, name='a')])\n"
        f"later = Sequential([Input((3,)), Dense(3, {argument}, name='b')])",
        {"a": decides(None, 7), "b": dropped((None, 7), (None, 3))},
        [("KS101", "b")],
    )
    for name, argument in SPELLINGS.items()
} | {
    "the default of a helper": Case(
        "def dense(units, name, input_shape=(7,)):\n"
        "    return Dense(units, input_shape=input_shape, name=name)\n"
        "m = Sequential([dense(3, 'a'), dense(2, 'b')])",
        {"a": decides(None, 7), "b": dropped((None, 7), (None, 3))},
        [("KS101", "b")],
    ),
    "a partial": Case(
        "dense = functools.partial(Dense, input_shape=(7,))\nm = Sequential([dense(3, name='a'), dense(2, name='b')])",
        {"a": decides(None, 7), "b": dropped((None, 7), (None, 3))},
        [("KS101", "b")],
    ),
    "an open size": Case(
        "m = Sequential([layers.Conv1D(3, 2, input_shape=(None, 4), name='a'),\n"
        "    layers.Conv1D(3, 2, input_shape=(None, 3), name='b'), layers.Conv1D(3, 2, input_shape=(9, 3), name='c')])",
        {
            "a": decides(None, None, 4),
            "b": redundant((None, None, 3), (None, None, 3)),
            "c": dropped((None, 9, 3), (None, None, 3)),
        },
        [("KS102?", "b"), ("KS101", "c")],
    ),
    "an Input with a batch size": Case(
        "m = Sequential([Input((4,), batch_size=8, name='i'), Dense(3, input_shape=(4,), name='a')])",
        {"i": decides(8, 4), "a": redundant((None, 4), (8, 4))},
        [("KS102?", "a")],
    ),
    "an InputLayer by position": Case(
        "m = Sequential([layers.InputLayer((4,), name='i'), Dense(3, name='a')])",
        {"i": decides(None, 4), "a": silent((None, 4))},
    ),
    "an InputLayer with its batch": Case(
        "m = Sequential([layers.InputLayer(batch_input_shape=(8, 4), name='i'), Dense(3, name='a')])",
        {"i": decides(8, 4), "a": silent((8, 4))},
    ),
    "in a loop each round makes a layer of its own": Case(
        "m = Sequential()\nfor n, units in enumerate((6, 5, 7)):\n"
        "    m.add(Dense(units, input_shape=(6,), name=f'd{n}'))",
        {
            "d0": decides(None, 6),
            "d1": redundant((None, 6), (None, 6)),
            "d2": dropped((None, 6), (None, 5)),
        },
        [("KS101", "d2"), ("KS102?", "d1")],
    ),
}

CASES: dict[str, Case] = {**WHICH_COUNTS, **BUILD, **WAYS_TO_WRITE}
