"""Configs that are broken or mean harm: always a model with what could not be read, or a sentence."""

from __future__ import annotations

import copy
import json
import random
import time
from typing import Any

import pytest

from kerascope.configs import UNREADABLE_CLASS, ModelConfig, generation_of, parse_layer, parse_model, serialized_layers

DENSE = {"class_name": "Dense", "config": {"name": "d", "units": 2}}
TENSOR = {
    "class_name": "__keras_tensor__",
    "config": {"shape": [None, 4], "dtype": "float32", "keras_history": ["x", 0, 0]},
}
OLD: dict[str, Any] = {
    "class_name": "Functional",
    "config": {
        "name": "old",
        "layers": [
            {
                "class_name": "InputLayer",
                "config": {"name": "x", "batch_input_shape": [None, 4]},
                "name": "x",
                "inbound_nodes": [],
            },
            {**DENSE, "name": "d", "inbound_nodes": [[["x", 0, 0, {"y": ["x", 0, 0]}]]]},
            {
                "class_name": "Sequential",
                "config": [DENSE, {"class_name": "Bidirectional", "config": {"layer": DENSE}}],
                "name": "s",
                "inbound_nodes": [[["d", 0, 0, {}], ["_CONSTANT_VALUE", -1, 3, {}]]],
            },
        ],
        "input_layers": [["x", 0, 0]],
        "output_layers": {"a": ["s", 1, 0]},
    },
}
NEW: dict[str, Any] = {
    "module": "keras.src.models.functional",
    "class_name": "Functional",
    "config": {
        "name": "new",
        "layers": [
            {
                "module": "keras.layers",
                "class_name": "InputLayer",
                "config": {"batch_shape": [None, 4]},
                "name": "x",
                "inbound_nodes": [],
            },
            {
                "module": "keras.layers",
                **DENSE,
                "registered_name": None,
                "build_config": {"input_shape": [None, 4]},
                "name": "d",
                "inbound_nodes": [
                    {"args": [TENSOR, {"class_name": "__tuple__", "items": [1]}], "kwargs": {"m": TENSOR}}
                ],
            },
        ],
        "input_layers": ["x", 0, 0],
        "output_layers": ["d", 0, 0],
    },
    "registered_name": "Functional",
}
FIRST: dict[str, Any] = {
    "class_name": "Sequential",
    "config": [
        {"class_name": "Convolution2D", "config": {"nb_filter": 3, "nb_row": 3, "nb_col": 3, "dim_ordering": "th"}},
        {"class_name": "Merge", "config": {"mode": "dot", "dot_axes": [[1], [2]], "layers": [DENSE]}},
        {"class_name": "LSTM", "config": {"output_dim": 3, "consume_less": "cpu", "forget_bias_init": "one"}},
    ],
}
VALUES: list[Any] = [
    *(None, True, 0, -1, 10**30, 1.5, float("nan"), "", "x", "\x1b[31m", "[" * 5000),
    *([], {}, [[]], [None], ["x"], ["x", 0, 0], ["x", -1, 0], ["x", 10**20, 0], ["x", True, 0]),
    *({"class_name": "Dense"}, {"class_name": "Dense", "config": []}, {"class_name": None}),
    {"class_name": "__keras_tensor__", "config": {"keras_history": 3}},
    {"class_name": "__slice__", "config": 3},
    {"class_name": "__tuple__"},
    {"class_name": "__tuple__", "items": 3},
    {"type": "ndarray", "value": {}},
    {"layers": 3},
    {"layers": [{}], "input_layers": 3},
]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a JSON value, as its container and key."""
    found = []
    waiting = [value]
    while waiting:
        item = waiting.pop()
        keys: Any = range(len(item)) if isinstance(item, list) else item if isinstance(item, dict) else ()
        for key in keys:
            found.append((item, key))
            waiting.append(item[key])
    return found


def look_through(model: ModelConfig) -> None:
    assert len(model.unreadable) <= 21
    for layer in model.layers:
        inner = [each for _, each in serialized_layers(layer)]
        for each in (layer, *inner):
            assert isinstance(each.name, str)
            assert "\x1b" not in each.class_name + each.name
            if each.model is not None:
                look_through(each.model)


@pytest.mark.parametrize("start", [OLD, NEW, FIRST], ids=["old", "new", "first"])
def test_any_value_in_any_place(start: dict[str, Any]) -> None:
    for number in range(len(places(start))):
        for value in VALUES:
            data = copy.deepcopy(start)
            container, key = places(data)[number]
            container[key] = value
            read(data)


@pytest.mark.parametrize("start", [OLD, NEW, FIRST], ids=["old", "new", "first"])
def test_many_changes_at_once(start: dict[str, Any]) -> None:
    chance = random.Random(4)
    for _ in range(500):
        data = copy.deepcopy(start)
        for _ in range(chance.randint(2, 6)):
            container, key = chance.choice(places(data) or [({"a": 1}, "a")])
            if chance.random() < 0.3:
                del container[key]
            else:
                container[key] = copy.deepcopy(chance.choice([*VALUES, OLD, NEW, TENSOR]))
        read(data)


def read(data: Any) -> None:
    """Only a model or a `ValueError` with a sentence may come of it."""
    generation_of(data)
    for generation in (None, 1, 3):
        try:
            model = parse_model(data, generation)
        except ValueError as raised:
            said = str(raised)
        else:
            look_through(model)
            continue
        assert said
        assert "\x1b" not in said


def functional(*layers: dict[str, Any], outputs: Any) -> dict[str, Any]:
    config = {"name": "m", "layers": list(layers), "input_layers": [["x", 0, 0]], "output_layers": outputs}
    return {"class_name": "Functional", "config": config}


def named(name: str, *nodes: Any) -> dict[str, Any]:
    return {"class_name": "Dense", "config": {"units": 1}, "name": name, "inbound_nodes": list(nodes)}


def test_an_unreadable_layer_keeps_its_place() -> None:
    model = parse_model([DENSE, 7, {"class_name": "Dense", "config": "x"}, DENSE], 2)
    assert [layer.class_name for layer in model.layers] == ["Dense", UNREADABLE_CLASS, UNREADABLE_CLASS, "Dense"]
    assert not model.layers[1].builtin
    assert len(model.unreadable) == 2
    assert "layer 2" in model.unreadable[0]


def test_names_that_are_missing_or_doubled_are_said() -> None:
    data = functional(named("x"), named("a", [["gone", 0, 0]]), named("a", [["x", 4, 0]]), outputs=[["a", 0, 0]])
    said = " ".join(parse_model(data, 2).unreadable)
    assert "2 layers are called a" in said
    assert "a is called on an output of gone, which is no layer of this model" in said
    assert "call 5 of x, of which 1 are recorded" in said


def test_rings_are_read_as_they_stand() -> None:
    model = parse_model(functional(named("x", [["a", 0, 0]]), named("a", [["a", 0, 0]]), outputs=[["a", 0, 0]]), 2)
    assert [len(layer.calls) for layer in model.layers] == [1, 1]


def test_unreadable_calls_are_said_and_the_layer_stays() -> None:
    model = parse_model(functional(named("x"), named("a", 3), named("b", [["x", "0", 0]]), outputs=[["a", 0, 0]]), 2)
    assert [layer.name for layer in model.layers] == ["x", "a", "b"]
    assert any("the calls of layer 2 (a) cannot be read" in said for said in model.unreadable)


def test_sentences_are_bounded() -> None:
    model = parse_model([7] * 1000, 2)
    assert len(model.unreadable) == 21
    assert model.unreadable[-1] == "and 980 more of this kind"


def test_models_far_inside_models() -> None:
    data: dict[str, Any] = {"class_name": "Sequential", "config": [DENSE]}
    for _ in range(2000):
        data = {"class_name": "Sequential", "config": {"name": "s", "layers": [data]}}
    model: ModelConfig | None = parse_model(data, 2)
    depth = 0
    while model is not None and model.layers and model.layers[0].class_name == "Sequential":
        last, model, depth = model, model.layers[0].model, depth + 1
    assert depth == 101
    assert "models deep" in last.unreadable[0]


@pytest.mark.parametrize("generation", [1, 2, 3])
def test_values_far_inside_values(generation: int) -> None:
    deep: Any = 0
    for _ in range(50_000):
        deep = [deep]
    assert parse_layer({"class_name": "Dense", "config": {"a": deep, "b": {"c": deep}}}, generation).builtin
    model = parse_model(functional(named("x"), named("a", deep), outputs=deep), generation)
    assert len(model.unreadable) == 3
    node = {"args": [deep], "kwargs": {}}
    assert "deep" in parse_model(functional(named("x"), named("a", node), outputs=["a", 0, 0]), 3).unreadable[0]
    assert generation_of(deep) is None


def test_json_far_inside_json() -> None:
    with pytest.raises(ValueError, match=r"deep|JSON"):
        parse_model("[" * 100_000 + "]" * 100_000)
    text = json.dumps({"class_name": "Sequential", "config": []})
    for _ in range(12):
        text = json.dumps(text)
    with pytest.raises(ValueError, match="expected the config of a Keras model"):
        parse_model(text)


def test_texts_in_inner_json_are_cleaned() -> None:
    inner = json.dumps([{"class_name": "Dense\u001b[2J", "config": {"name": "a\u202eb", "note": "\u001b]0;x\u0007y"}}])
    layer = parse_model(inner).layers[0]
    assert layer.class_name == "Dense"
    assert "\u202e" not in layer.name
    assert layer.config["note"] == "y"


@pytest.mark.parametrize("generation", [0, 4, "3", None])
def test_generations_that_there_are_not(generation: Any) -> None:
    with pytest.raises(ValueError, match="expected 1, 2 or 3"):
        parse_layer(DENSE, generation)


def chain(length: int, *, shared: bool) -> dict[str, Any]:
    layers = [{**NEW["config"]["layers"][0]}]
    for number in range(length):
        before = layers[-1]["name"]
        tensor = {"class_name": "__keras_tensor__", "config": {**TENSOR["config"], "keras_history": [before, 0, 0]}}  # type: ignore[dict-item]
        layer = {**NEW["config"]["layers"][1], "name": "d" if shared else f"d{number}"}
        layers.append({**layer, "inbound_nodes": [{"args": [tensor], "kwargs": {}}]})
    return functional(*layers, outputs=[layers[-1]["name"], 0, 0])


@pytest.mark.parametrize("shared", [False, True])
def test_time_grows_with_the_number_of_layers_only(shared: bool) -> None:
    """10,000 layers take some 0.2 s of a processor; the bounds leave room for a busy machine."""
    took = []
    for length in (10_000, 40_000):
        data = chain(length, shared=shared)
        started = time.process_time()
        assert len(parse_model(data, 3).layers) == length + 1
        took.append(time.process_time() - started)
    assert took[0] < 2
    assert took[1] < 12 * took[0] + 0.5


def test_many_calls_of_one_inner_model() -> None:
    inner = {"class_name": "Sequential", "config": [DENSE], "name": "s"}
    nodes = [[["x" if number == 0 else "s", number, 0]] for number in range(20_000)]
    started = time.process_time()
    model = parse_model(functional(named("x"), {**inner, "inbound_nodes": nodes}, outputs=[["s", 20_000, 0]]), 2)
    assert time.process_time() - started < 5
    assert model.unreadable == ()
