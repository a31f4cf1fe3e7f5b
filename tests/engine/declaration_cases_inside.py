"""Declarations inside something: wrappers, nested models, shared and own layers, and the traps of naive readers."""

from __future__ import annotations

from tests.engine.declaration_cases import FIRST, Case, decides, dropped, redundant, silent

__all__ = ["CASES"]

WRAPPERS = {
    "inside Bidirectional nobody looks": Case(
        "m = Sequential([layers.Bidirectional(layers.LSTM(2, input_shape=(5, 3), name='inner'), name='w')])",
        {"w": silent()},
        [("KS301?", None), ("KS103", "inner")],
    ),
    "inside Bidirectional, agreeing with its own": Case(
        "m = Sequential([layers.Bidirectional(layers.LSTM(2, input_shape=(5, 3), name='inner'),\n"
        "    input_shape=(5, 3), name='w')])",
        {"w": decides(None, 5, 3)},
        [("KS103?", "inner")],
    ),
    "inside Bidirectional, against what it gets": Case(
        "m = Sequential([Input((5, 3)), layers.Bidirectional(layers.LSTM(2, input_shape=(5, 9), name='inner'),\n"
        "    input_shape=(5, 4), name='w')])",
        {"w": dropped((None, 5, 4), (None, 5, 3))},
        [("KS101", "w"), ("KS103", "inner")],
    ),
    "inside TimeDistributed nobody looks": Case(
        "m = Sequential([layers.TimeDistributed(Dense(2, input_dim=3, name='inner'), name='w')])",
        {"w": silent()},
        [("KS301?", None), ("KS103", "inner")],
    ),
    "inside TimeDistributed, agreeing with a step": Case(
        "m = Sequential([layers.TimeDistributed(Dense(2, input_dim=3, name='inner'), input_shape=(5, 3), name='w')])",
        {"w": decides(None, 5, 3)},
        [("KS103?", "inner")],
    ),
    "inside TimeDistributed, against a step": Case(
        "i = Input((5, 3))\n"
        "m = keras.Model(i, layers.TimeDistributed(Dense(2, input_dim=4, name='inner'), name='w')(i))",
        {"w": silent((None, 5, 3))},
        [("KS103", "inner")],
    ),
    "a cell of an RNN": Case(
        "m = Sequential([layers.RNN(layers.LSTMCell(2, input_shape=(5, 3), name='inner'), name='w')])",
        {"w": silent()},
        [("KS301?", None), ("KS103", "inner")],
    ),
    "an RNN around a cell of one's own": Case(
        "class Cell(layers.Layer):\n"
        "    def __init__(self, units, **kwargs):\n"
        "        super().__init__(**kwargs)\n"
        "        self.state_size = self.output_size = units\n"
        "        self.mix = Dense(units)\n"
        "    def call(self, x, states):\n"
        "        y = self.mix(x) + states[0]\n"
        "        return y, [y]\n"
        "m = Sequential([layers.RNN(Cell(2), input_shape=(5, 3), return_sequences=True, name='w'),\n"
        "    layers.RNN(Cell(4, input_shape=(5, 9), name='inner'), name='v')])",
        {"w": decides(None, 5, 3), "v": silent((None, 5, 2))},
        [("KS103", "inner")],
    ),
    "a wrapper of one's own": Case(
        "class Twice(layers.Layer):\n"
        "    def __init__(self, inner, **kwargs):\n"
        "        super().__init__(**kwargs)\n"
        "        self.inner = inner\n"
        "    def call(self, x):\n"
        "        return self.inner(self.inner(x))\n"
        "m = Sequential([Twice(Dense(3, input_shape=(8,), name='inner'), input_shape=(3,), name='w')])",
        {"w": decides(None, 3)},
        [("KS103", "inner")],
    ),
    "a model inside TimeDistributed decides for itself": Case(
        "step = Sequential([Dense(2, input_dim=3, name='a')], name='step')\n"
        "m = Sequential([layers.TimeDistributed(step, input_shape=(5, 3), name='w')])",
        {"w": decides(None, 5, 3), "a": decides(None, 3)},
    ),
}

MODELS_AND_SHARING = {
    "a nested Sequential called on another input": Case(
        "inner = Sequential([layers.Conv2D(2, 3, input_shape=(None, None, 1), name='a')], name='inner')\n"
        "i = Input((32, 32, 1))\nm = keras.Model(i, inner(i))",
        {"a": decides(None, None, None, 1), "inner": silent((None, 32, 32, 1))},
    ),
    "a nested functional model called on an input of another size": Case(
        "i = Input((28, 28, 1))\ninner = keras.Model(i, layers.Conv2D(2, 3, name='a')(i), name='inner')\n"
        "j = Input((32, 32, 1))\nm = keras.Model(j, inner(j))",
        {"a": silent((None, 28, 28, 1)), "inner": silent((None, 32, 32, 1))},
        raises={"3": "ValueError"},
    ),
    "a nested Sequential in the middle": Case(
        "inner = Sequential([Dense(3, input_shape=(4,), name='a')], name='inner')\n"
        "m = Sequential([Dense(4, input_shape=(7,), name='b'), inner, Dense(2, input_shape=(3,), name='c')])",
        {"b": decides(None, 7), "a": decides(None, 4), "c": redundant((None, 3), (None, 3))},
        [("KS102?", "c")],
    ),
    "a shared layer called twice on two shapes": Case(
        "i, j = Input((10, 4)), Input((20, 4))\nshared = layers.LSTM(2, input_shape=(10, 4), name='a')\n"
        "m = keras.Model([i, j], layers.Add()([shared(i), shared(j)]))",
        {"a": dropped((None, 10, 4), (None, 10, 4), (None, 20, 4))},
        [("KS101", "a")],
    ),
    "a shared layer called twice on one shape": Case(
        "i, j = Input((4,)), Input((4,))\nshared = Dense(2, input_shape=(4,), name='a')\n"
        "m = keras.Model([i, j], layers.Add()([shared(i), shared(j)]))",
        {"a": redundant((None, 4), (None, 4), (None, 4))},
        [("KS102?", "a")],
    ),
    "a layer that decided for one model serves another": Case(
        f"m = Sequential([{FIRST}])\ni = Input((4,))\nn = keras.Model(i, m.layers[0](i))",
        {"a": decides(None, 4)},
    ),
}

OWN = (
    "class Keeps(layers.Layer):\n"
    "    def __init__(self, input_shape=None, input_dim=None, name=None):\n"
    "        super().__init__(name=name)\n"
    "        self.mine = input_shape or input_dim\n"
    "    def call(self, x):\n"
    "        return x * 1.0\n"
    "class Passes(layers.Layer):\n"
    "    def __init__(self, factor=1.0, **kwargs):\n"
    "        super().__init__(**kwargs)\n"
    "        self.factor = factor\n"
    "    def call(self, x):\n"
    "        return x * self.factor\n"
)

OWN_LAYERS = {
    "a layer of one's own that passes it on decides": Case(
        OWN + "m = Sequential([Passes(input_shape=(4,), name='a'), Passes(2.0, input_dim=5, name='b')])",
        {"a": decides(None, 4), "b": dropped((None, 5), (None, 4))},
        [("KS101", "b")],
    ),
    "a layer of one's own that keeps it has declared nothing": Case(
        OWN + "m = Sequential([Keeps(input_shape=(4,), name='a'), Dense(2, name='b')])",
        {"a": silent(), "b": silent()},
        [("KS301?", None)],
    ),
    "what it keeps may mean anything": Case(
        OWN + "m = Sequential([Input((6,)), Keeps(input_dim=99, name='a'), Keeps((5, 5), name='b')])",
        {"a": silent((None, 6)), "b": silent((None, 6))},
    ),
    "a subclass of a built-in layer declares as that one does": Case(
        "class Wide(Dense):\n"
        "    def __init__(self, units, **kwargs):\n"
        "        super().__init__(10 * units, **kwargs)\n"
        "m = Sequential([Wide(1, input_shape=(4,), name='a'), Wide(2, input_shape=(4,), name='b')])",
        {"a": decides(None, 4), "b": dropped((None, 4), (None, 10))},
        [("KS101", "b")],
    ),
}

TRAPS = {
    "Keras 3 warns of both kinds alike and Keras 2 of none": Case(
        "with warnings.catch_warnings(record=True) as caught:\n"
        "    warnings.simplefilter('always')\n"
        f"    m = Sequential([{FIRST}, Dense(2, input_shape=(9,), name='b')])\n"
        "told = [str(w.message) for w in caught if 'Do not pass an `input_shape`/`input_dim`' in str(w.message)]\n"
        "assert len(told) == (2 if KERAS_3 else 0) and len(set(told)) <= 1",
        {"a": decides(None, 4), "b": dropped((None, 9), (None, 3))},
        [("KS101", "b")],
    ),
    "each generation keeps the value on the layer under its own name": Case(
        f"m = Sequential([{FIRST}])\n"
        "kept = vars(m.layers[0]).get('_input_shape_arg' if KERAS_3 else '_batch_input_shape')\n"
        "assert kept == ((4,) if KERAS_3 else (None, 4))",
        {"a": decides(None, 4)},
    ),
    "Keras 2 copies what is declared inside Bidirectional to its clones": Case(
        "w = layers.Bidirectional(layers.LSTM(2, input_shape=(5, 3), name='inner'), name='w')\n"
        "kept = getattr(w.forward_layer, '_batch_input_shape', None)\n"
        "assert kept == (None if KERAS_3 else (None, 5, 3))\n"
        "m = Sequential([Input((5, 3)), w])",
        {"w": silent((None, 5, 3))},
        [("KS103?", "inner")],
    ),
    "nobody declared what Keras 2 puts on an Embedding": Case(
        "i = Input((9,))\nlayer = layers.Embedding(input_dim=10, output_dim=4, name='a')\n"
        "assert KERAS_3 or layer._batch_input_shape == (None, None)\n"
        "m = keras.Model(i, layer(i))",
        {"a": silent((None, 9))},
    ),
    "input_shape of a ready-made model is honoured": Case(
        "base = keras.applications.MobileNet(input_shape=(64, 64, 3), alpha=0.25, include_top=False, weights=None)\n"
        "i = Input((64, 64, 3))\nm = keras.Model(i, layers.Flatten(name='a')(base(i)))",
        {"a": silent((None, 2, 2, 256))},
    ),
    "Sequential.add leaves models behind that count for nothing": Case(
        f"m = Sequential()\nm.add({FIRST})\nfor n in range(4):\n    m.add(Dense(3, name=f'd{{n}}'))",
        {"a": decides(None, 4), "d3": silent((None, 3))},
    ),
    "metrics are no layers of the model": Case(
        f"m = Sequential([{FIRST}])\n"
        "m.compile('adam', 'mse', metrics=['mae', keras.metrics.MeanSquaredError()])\n"
        "assert KERAS_3 or isinstance(keras.metrics.MeanSquaredError(), layers.Layer)",
        {"a": decides(None, 4)},
    ),
    "wrappers call a copy, and what they were given is not left over": Case(
        "given = layers.LSTM(2)\nw = layers.Bidirectional(given, name='w')\n"
        "assert w.forward_layer is not given\nm = Sequential([Input((5, 3)), w])",
        {"w": silent((None, 5, 3))},
    ),
    "Keras 2's build tells a subclassed model's layers, and Keras 3's may not": Case(
        "class M(keras.Model):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.a = Dense(3, name='a')\n"
        "    def call(self, x):\n"
        "        return self.a(x)\n"
        "m = M()\n"
        "with warnings.catch_warnings():\n"
        "    warnings.simplefilter('ignore')\n"
        "    m.build((None, 5))\n"
        "assert m.a.built == (not KERAS_3)\n"
        "m(Input((5,)))",
        {"a": silent((None, 5))},
    ),
}

CASES: dict[str, Case] = {**WRAPPERS, **MODELS_AND_SHARING, **OWN_LAYERS, **TRAPS}
