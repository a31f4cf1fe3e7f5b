"""The graph of saved models: what the author declared, what Keras itself wrote there, and who is connected to what."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from kerascope import rules
from kerascope.graph import Connection, Provenance, SourceKind, Verdict, Weight
from kerascope.readers.saved import detect, read_saved
from kerascope.readers.saved._weight_rows import own_weights, weight_issues, with_names, without_copies
from kerascope.shapes import WeightSpec

if TYPE_CHECKING:
    from pathlib import Path

    from kerascope.graph import Inspection, Layer

Config = dict[str, Any]


def dense(name: str, units: int, **config: Any) -> Config:
    """A Dense of Keras 2, as `.h5` and `to_json()` have it."""
    return {
        "class_name": "Dense",
        "config": {"name": name, "trainable": True, "units": units, "use_bias": True, **config},
    }


def input_layer(name: str, *shape: int | None) -> Config:
    return {"class_name": "InputLayer", "config": {"batch_input_shape": list(shape), "name": name}}


def sequential(*layers: Config, version: str | None = "2.12.0") -> Config:
    model: Config = {"class_name": "Sequential", "config": {"name": "sequential", "layers": list(layers)}}
    return {**model, "keras_version": version} if version else model


def called(layer: Config, *sources: str) -> Config:
    """The layer with one call, on the outputs of others, in the form of Keras 2."""
    name = layer["config"]["name"]
    return {**layer, "name": name, "inbound_nodes": [[[source, 0, 0, {}] for source in sources]] if sources else []}


def functional(layers: list[Config], inputs: list[str], outputs: list[str], class_name: str = "Functional") -> Config:
    return {
        "class_name": class_name,
        "config": {
            "name": "model",
            "layers": layers,
            "input_layers": [[name, 0, 0] for name in inputs],
            "output_layers": [[name, 0, 0] for name in outputs],
        },
        "keras_version": "2.12.0",
    }


def inspect(folder: Path, config: object, *, kind: SourceKind | None = None) -> Inspection:
    """The inspection, with findings, of a config in a JSON file; `kind` pretends that it stood in another one."""
    path = folder / "model.json"
    path.write_text(json.dumps(config))
    found = detect(path)
    assert found is not None
    assert found.kind is SourceKind.JSON
    inspection = read_saved(found, "model.json")
    assert inspection.failure is None
    if kind is not None:
        inspection = replace(inspection, source=replace(inspection.source, kind=kind))
    return replace(inspection, findings=rules.find(inspection))


def layers(inspection: Inspection) -> dict[str, Layer]:
    (model,) = inspection.models
    return {layer.name: layer for layer in model.layers}


def codes(inspection: Inspection, *, infos: bool = False) -> list[str]:
    """Rules that fired, those that are no more than information left out."""
    return [each.rule for each in inspection.findings if infos or each.severity.value != "info"]


def test_the_question_kept_in_a_file(tmp_path: Path) -> None:
    config = sequential(
        input_layer("dense_input", None, 4),
        dense("dense", 32, batch_input_shape=[None, 4]),
        dense("dense_1", 16, batch_input_shape=[None, 44]),
    )
    inspection = inspect(tmp_path, config)
    rows = layers(inspection)
    assert list(rows) == ["dense", "dense_1"], "the InputLayer is Keras's own"
    assert rows["dense"].verdict is Verdict.DECIDES
    assert rows["dense_1"].verdict is Verdict.DISCARDED
    assert rows["dense_1"].effective == ((None, 32),)
    assert rows["dense_1"].provenance is Provenance.INFERRED
    assert codes(inspection) == ["KS101"]
    (finding,) = (each for each in inspection.findings if each.rule == "KS101")
    assert finding.path == "model.json"
    assert finding.layer_id == rows["dense_1"].id
    assert "(None, 44)" in finding.message
    assert "what dense declares made the input (None, 4)" in finding.why.replace("What", "what")
    assert finding.fix is not None
    assert finding.fix.description.startswith("in the program that made the model: remove")


def test_an_explicit_input_is_a_row_and_decides(tmp_path: Path) -> None:
    config = sequential(
        input_layer("image", None, 4), dense("dense", 32, batch_input_shape=[None, 4]), dense("last", 1)
    )
    rows = layers(inspect(tmp_path, config))
    assert list(rows) == ["image", "dense", "last"]
    assert rows["image"].verdict is Verdict.DECIDES
    assert rows["dense"].verdict is Verdict.REDUNDANT


def test_a_stack_built_without_a_declaration(tmp_path: Path) -> None:
    config = sequential(input_layer("dense_input", None, 7), dense("dense", 3), dense("last", 2))
    inspection = inspect(tmp_path, config)
    (model,) = inspection.models
    assert model.shaped_by == "the input that it was saved with"
    assert [layer.declared for layer in model.layers] == [None, None]
    assert model.params is not None
    assert model.params.total == 32
    assert codes(inspection) == []


def test_a_stack_that_nothing_gives_a_shape(tmp_path: Path) -> None:
    config = sequential(dense("dense", 3), dense("last", 2, batch_input_shape=[None, 3]))
    inspection = inspect(tmp_path, config)
    (model,) = inspection.models
    assert not model.built
    assert codes(inspection, infos=True) == ["KS105", "KS301", "KS302"]


def test_a_shape_given_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(json.dumps(sequential(dense("dense", 3), dense("last", 2))))
    found = detect(path)
    assert found is not None
    (model,) = read_saved(found, "model.json", [(None, (None, 5), None)]).models
    assert model.built
    assert model.shaped_by == "the given input (None, 5)"
    assert [layer.effective for layer in model.layers] == [((None, 5),), ((None, 3),)]


# Values that Keras itself wrote into a config.


def keras_1_dense(name: str, units: int, input_dim: int, **config: Any) -> Config:
    return {
        "class_name": "Dense",
        "config": {
            "name": name,
            "output_dim": units,
            "input_dim": input_dim,
            "init": "glorot_uniform",
            "bias": True,
            **config,
        },
    }


def test_input_dim_of_keras_1_is_no_declaration(tmp_path: Path) -> None:
    """`build()` wrote it into every Dense."""
    config = {
        "class_name": "Sequential",
        "config": [
            keras_1_dense("dense_1", 64, 20, batch_input_shape=[None, 20]),
            keras_1_dense("dense_2", 10, 64, batch_input_shape=[None, 64]),
            keras_1_dense("dense_3", 1, 10),
        ],
    }
    inspection = inspect(tmp_path, config)
    rows = layers(inspection)
    assert inspection.file is not None
    assert inspection.file.generation == 1
    assert rows["dense_1"].verdict is Verdict.DECIDES
    assert rows["dense_2"].declared is None
    assert rows["dense_3"].effective == ((None, 10),)
    assert [layer.params for layer in rows.values()] == [20 * 64 + 64, 64 * 10 + 10, 11]
    assert codes(inspection) == []


@pytest.mark.parametrize("carried", [[None, None], [None, 8]])
def test_shapes_that_a_conversion_carried_along(tmp_path: Path, carried: list[int | None]) -> None:
    """Keras 2.0 files converted from Keras 1 have `batch_input_shape` on inner layers."""
    config = sequential(
        dense("first", 8, batch_input_shape=[None, 4]), dense("second", 2, batch_input_shape=carried), version="2.0.4"
    )
    inspection = inspect(tmp_path, config)
    assert layers(inspection)["second"].declared is None
    assert codes(inspection) == []


def test_what_differs_is_declared_whoever_wrote_the_file(tmp_path: Path) -> None:
    config = sequential(
        dense("first", 8, batch_input_shape=[None, 4]), dense("second", 2, batch_input_shape=[None, 9]), version="2.0.4"
    )
    assert codes(inspect(tmp_path, config)) == ["KS101"]


@pytest.mark.parametrize(("shape", "length"), [([None, None], None), ([None, 5], 5)])
def test_an_embedding_writes_its_own_shape(tmp_path: Path, shape: list[int | None], length: int | None) -> None:
    embedding = {
        "class_name": "Embedding",
        "config": {
            "name": "embedding",
            "input_dim": 50,
            "output_dim": 4,
            "batch_input_shape": shape,
            "input_length": length,
        },
    }
    config = functional(
        [called(input_layer("words", None, 5)), called(embedding, "words"), called(dense("out", 1), "embedding")],
        ["words"],
        ["out"],
    )
    inspection = inspect(tmp_path, config)
    row = layers(inspection)["embedding"]
    assert row.output == ((None, 5, 4),)
    assert codes(inspection) == []
    if length is None:
        assert row.declared is None
    else:
        assert row.declared is not None
        assert (row.declared.argument, row.verdict) == ("input_length", Verdict.REDUNDANT)


def test_a_wrapper_copies_what_is_declared_inside_it(tmp_path: Path) -> None:
    """Keras 2 makes both directions from one config: that is one declaration."""
    lstm = {"class_name": "LSTM", "config": {"name": "lstm", "units": 4, "batch_input_shape": [None, 5, 3]}}
    wrapper = {"class_name": "Bidirectional", "config": {"name": "both", "layer": lstm, "merge_mode": "concat"}}
    config = sequential(input_layer("series", None, None, 8), wrapper, dense("out", 1))
    inspection = inspect(tmp_path, config)
    assert codes(inspection) == ["KS103"]
    inner = [layer for layer in inspection.models[0].layers if layer.parent is not None]
    assert [layer.wrapper for layer in inner] == ["both", "both"]
    assert [layer.verdict for layer in inner] == [Verdict.DISCARDED, None]


# Forms of old files.


def test_one_model_in_every_wrapping(tmp_path: Path) -> None:
    config = sequential(dense("first", 8, batch_input_shape=[None, 4]), dense("second", 2))
    expected = [layer.effective for layer in inspect(tmp_path, config).models[0].layers]
    bare_list = {**config, "config": config["config"]["layers"]}
    for wrapped in (
        bare_list,
        json.dumps(config),
        {"modelTopology": {"model_config": config, "keras_version": "2.12.0"}},
        {"modelTopology": config},
        {"model_config": config},
    ):
        rows = inspect(tmp_path, wrapped).models[0].layers
        assert [layer.effective for layer in rows] == expected, wrapped


@pytest.mark.parametrize("class_name", ["Model", "Functional"])
@pytest.mark.parametrize("node", [["words", 0, 0, {}], ["words", 0, 0]])
def test_both_names_and_both_forms_of_calls(tmp_path: Path, class_name: str, node: list[Any]) -> None:
    out = {**dense("out", 1), "name": "out", "inbound_nodes": [[node]]}
    config = functional([called(input_layer("words", None, 5)), out], ["words"], ["out"], class_name)
    row = layers(inspect(tmp_path, config))["out"]
    assert row.effective == ((None, 5),)
    assert row.params == 6


# Who loads a file.


def test_an_old_stack_means_another_input_to_keras_3(tmp_path: Path) -> None:
    """Measured: Keras 3.15.1 loads such a file as (None, None, 4), and says nothing."""
    config = sequential(dense("first", 8, batch_input_shape=[None, 4]), dense("second", 2))
    path = tmp_path / "model.json"
    path.write_text(json.dumps(config))
    from kerascope.configs import parse_model
    from kerascope.readers.saved._loaders import loader_issues

    (issue,) = loader_issues(parse_model(config, 2), SourceKind.HDF5, "2.2.4")
    assert issue.kind == "loader"
    assert "Keras 2 makes it (None, 4), Keras 3 silently makes it (None, None, 4)" in issue.message
    own = {"name": "conv", "filters": 4, "kernel_size": [3, 3], "batch_input_shape": [None, 28, 28, 1]}
    conv = {"class_name": "Conv2D", "config": own}
    (issue,) = loader_issues(parse_model(sequential(conv), 2), SourceKind.HDF5, "2.2.4")
    assert "(None, None, 28, 28, 1), which conv refuses" in issue.message
    (issue,) = loader_issues(parse_model(config, 2), SourceKind.HDF5, "2.2.0", layers_listed=True)
    assert issue.kind == "generation"
    assert "Keras 3 takes no Sequential whose config is a bare list of layers" in issue.message
    with_input = sequential(input_layer("first_input", None, 4), dense("first", 8, batch_input_shape=[None, 4]))
    assert loader_issues(parse_model(with_input, 2), SourceKind.HDF5, "2.12.0") == []


def test_files_of_keras_3_are_for_keras_3(tmp_path: Path) -> None:
    config = keras_3_stack()
    inspection = inspect(tmp_path, config)
    assert inspection.findings == ()
    assert inspection.file is not None
    assert (inspection.file.generation, inspection.file.declares) == (3, False)


def keras_3_stack(second_built_for: list[int | None] | None = None) -> Config:
    policy = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": None}

    def layer(name: str, units: int, built_for: list[int | None]) -> Config:
        return {
            "module": "keras.layers",
            "class_name": "Dense",
            "config": {"name": name, "trainable": True, "dtype": policy, "units": units, "use_bias": True},
            "registered_name": None,
            "build_config": {"input_shape": built_for},
        }

    begin = {
        "module": "keras.layers",
        "class_name": "InputLayer",
        "config": {"batch_shape": [None, 4], "dtype": "float32", "name": "input_layer"},
        "registered_name": None,
    }
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {
            "name": "sequential",
            "trainable": True,
            "dtype": policy,
            "layers": [begin, layer("dense", 32, [None, 4]), layer("dense_1", 16, second_built_for or [None, 32])],
        },
        "registered_name": None,
        "build_config": {"input_shape": [None, 4]},
    }


def test_shapes_stated_in_the_file(tmp_path: Path) -> None:
    rows = layers(inspect(tmp_path, keras_3_stack()))
    assert {layer.provenance for layer in rows.values()} == {Provenance.FILE}
    assert rows["dense_1"].effective == ((None, 32),)
    assert rows["dense_1"].declared is None


def test_a_stated_shape_that_cannot_be_is_said(tmp_path: Path) -> None:
    inspection = inspect(tmp_path, keras_3_stack(second_built_for=[None, 7]))
    row = layers(inspection)["dense_1"]
    assert row.effective == ((None, 32),)
    assert row.provenance is Provenance.INFERRED
    (note,) = inspection.notes
    assert note.message.startswith(
        "dense_1: the file states the input (None, 7), and the layers before it give (None, 32)"
    )


# Who is connected to what.


def test_layers_that_lead_nowhere(tmp_path: Path) -> None:
    config = functional(
        [
            called(input_layer("used", None, 4)),
            called(input_layer("spare", None, 4)),
            called(dense("trunk", 8), "used"),
            called(dense("lost", 8), "trunk"),
            called(dense("out", 1), "trunk"),
            called(dense("never", 3)),
        ],
        ["used", "spare"],
        ["out"],
    )
    inspection = inspect(tmp_path, config)
    rows = layers(inspection)
    assert {name: row.connection for name, row in rows.items()} == {
        "used": Connection.CONNECTED,
        "spare": Connection.UNUSED_INPUT,
        "trunk": Connection.CONNECTED,
        "lost": Connection.DEAD_BRANCH,
        "out": Connection.CONNECTED,
        "never": Connection.UNCONNECTED,
    }
    assert rows["out"].inbound == (rows["trunk"].id,)
    assert sorted(codes(inspection)) == ["KS201", "KS202", "KS203"]


def test_losses_of_the_model_itself_are_no_dead_branch(tmp_path: Path) -> None:
    """`add_loss` and `add_metric` of Keras 2 leave layers that lead to no output."""
    loss = {"class_name": "AddLoss", "config": {"name": "add_loss", "unconditional": False}}
    config = functional(
        [
            called(input_layer("data", None, 4)),
            called(dense("out", 1), "data"),
            called(dense("penalty", 1), "out"),
            called(loss, "penalty"),
        ],
        ["data"],
        ["out"],
    )
    inspection = inspect(tmp_path, config)
    assert {layer.connection for layer in layers(inspection).values()} == {Connection.CONNECTED}
    assert codes(inspection) == []


def test_where_calls_are_lost_nothing_is_called_dead(tmp_path: Path) -> None:
    """Keras 2 writes the call of `tf.einsum` without its tensors."""
    einsum = {"class_name": "TFOpLambda", "config": {"name": "tf.einsum", "function": "einsum"}}
    node = {**einsum, "name": "tf.einsum", "inbound_nodes": [["_CONSTANT_VALUE", -1, "ij,jk->ik", {}]]}
    config = functional(
        [
            called(input_layer("data", None, 4)),
            called(dense("taken", 4), "data"),
            node,
            called(dense("out", 1), "tf.einsum"),
        ],
        ["data"],
        ["out"],
    )
    inspection = inspect(tmp_path, config)
    assert layers(inspection)["taken"].connection is None
    assert codes(inspection) == []


def test_what_custom_code_gives_out_is_unknown(tmp_path: Path) -> None:
    own = {"class_name": "MyLayer", "config": {"name": "own", "size": 3}}
    config = functional(
        [called(input_layer("data", None, 4)), called(own, "data"), called(dense("out", 1), "own")], ["data"], ["out"]
    )
    inspection = inspect(tmp_path, config)
    rows = layers(inspection)
    assert rows["own"].effective == ((None, 4),)
    assert rows["own"].output is None
    assert rows["own"].params is None
    assert rows["out"].effective is None
    assert rows["out"].unknown == "it takes the output of own, which is unknown"
    assert inspection.models[0].params is None
    assert codes(inspection) == []


def test_a_call_that_keras_would_refuse(tmp_path: Path) -> None:
    conv = {"class_name": "Conv2D", "config": {"name": "conv", "filters": 4, "kernel_size": [3, 3]}}
    config = functional([called(input_layer("data", None, 4)), called(conv, "data")], ["data"], ["conv"])
    inspection = inspect(tmp_path, config)
    row = layers(inspection)["conv"]
    assert row.failure is not None
    assert row.effective == ((None, 4),)
    assert codes(inspection) == ["KS503"]


def test_a_ring_of_layers(tmp_path: Path) -> None:
    config = functional(
        [called(input_layer("data", None, 4)), called(dense("a", 4), "b"), called(dense("b", 4), "a")], ["data"], ["b"]
    )
    rows = layers(inspect(tmp_path, config))
    assert rows["a"].unknown == rows["b"].unknown == "it takes its own result, directly or through other layers"


def test_frozen_models_have_frozen_layers(tmp_path: Path) -> None:
    inner = sequential(input_layer("x", None, 4), dense("inside", 2))
    inner["config"]["name"] = "base"
    inner["config"]["trainable"] = False
    config = sequential(input_layer("data", None, 4), inner, dense("head", 1))
    inspection = inspect(tmp_path, config)
    rows = layers(inspection)
    assert (rows["inside"].params, rows["inside"].trainable_params) == (10, 0)
    assert (rows["base"].params, rows["base"].trainable_params) == (10, 0)
    assert inspection.models[0].params is not None
    assert inspection.models[0].params.trainable == 3


def test_the_config_stands_where_a_source_line_would(tmp_path: Path) -> None:
    row = layers(inspect(tmp_path, sequential(dense("first", 8, batch_input_shape=[None, 4], activation="relu"))))[
        "first"
    ]
    assert ("units", "8") in [(argument.name, argument.value) for argument in row.arguments]
    assert ("activation", "'relu'") in [(argument.name, argument.value) for argument in row.arguments]
    assert row.location is None


def test_every_layer_has_a_finding_of_its_own(tmp_path: Path) -> None:
    names = [f"dense_{number}" for number in range(5)]
    found = inspect(tmp_path, sequential(*(dense(name, 8, batch_input_shape=[None, 44]) for name in names)))
    assert [finding.layer for finding in found.findings if finding.rule == "KS101"] == names[1:]
    uids = [layer.uid for layer in found.models[0].layers]
    assert len(set(uids)) == len(uids)


def test_layers_of_a_class_of_its_own_show_what_they_were_built_for(tmp_path: Path) -> None:
    """As SavedModels of Keras 2 list them."""
    head = {**dense("head", 2), "build_config": {"input_shape": [None, 4]}}
    config = {"class_name": "MyModel", "config": {"name": "mine", "layers": [head, dense("spare", 9)]}}
    inspection = inspect(tmp_path, {**config, "keras_version": "2.12.0"})
    rows = layers(inspection)
    assert (rows["head"].effective, rows["head"].output, rows["head"].params) == (((None, 4),), ((None, 2),), 10)
    assert rows["head"].provenance is Provenance.FILE
    assert rows["head"].connection is None
    assert rows["spare"].unknown == "what MyModel does in its call is code, and that is not in the file"
    assert inspection.models[0].params is None
    assert "KS301" not in codes(inspection, infos=True)


def test_weights_of_keras_3_get_the_names_their_layers_give_them() -> None:
    kernel, bias = WeightSpec("kernel", (4, 2)), WeightSpec("bias", (2,))
    stored = [
        Weight(
            path=f"layers/dense/vars/{number}",
            name=f"dense/vars/{number}",
            shape=shape,
            dtype="float32",
            size=4,
            layer="d",
        )
        for number, shape in enumerate([(4, 2), (2,)])
    ]
    assert [weight.name for weight in with_names(stored, {"d": (kernel, bias)})] == ["dense/kernel", "dense/bias"]
    for made in ({}, {"d": (kernel,)}, {"d": (bias, kernel)}, {"other": (kernel, bias)}):
        assert [weight.name for weight in with_names(stored, made)] == ["dense/vars/0", "dense/vars/1"], made
    odd = replace(stored[0], path="layers/dense/vars/²", name="dense/vars/²")
    assert with_names([odd], {"d": (kernel,)}) == (odd,), "a digit, and no number"


def weight(path: str, *shape: int, dtype: str = "float32") -> Weight:
    return Weight(path=path, name=path.removeprefix("layers/"), shape=shape, dtype=dtype, size=4)


def test_a_kernel_that_is_saved_twice_counts_once(tmp_path: Path) -> None:
    wrapped = {
        "class_name": "SpectralNormalization",
        "config": {"name": "wrapped", "power_iterations": 1, "layer": dense("inner", 3)},
    }
    (model,) = inspect(tmp_path, sequential(input_layer("in", None, 2), wrapped)).models
    place = "layers/spectral_normalization"
    stored = [
        weight(f"{place}/layer/vars/0", 2, 3),
        weight(f"{place}/layer/vars/1", 3),
        weight(f"{place}/vars/0", 2, 3),
        weight(f"{place}/vars/1", 1, 3),
    ]
    assert [each.group for each in without_copies(stored, model)] == ["model", "model", "other", "model"]
    assert model.params is not None
    assert model.params.total == 6 + 3 + 3
    assert weight_issues(model, without_copies(stored, model)) == []
    assert len(weight_issues(model, stored)) == 1
    (other,) = inspect(tmp_path, sequential(input_layer("in", None, 2), dense("inner", 3))).models
    assert list(without_copies(stored, other)) == stored


def test_only_numbers_of_low_rank_kernels_may_be_missing(tmp_path: Path) -> None:
    (model,) = inspect(tmp_path, sequential(input_layer("in", None, 2), dense("a", 3))).models
    for numbers, merged, said in ((9, 0, 0), (9, 4, 0), (5, 4, 0), (5, 0, 1), (6, 4, 1)):
        assert len(weight_issues(model, [weight("a", numbers)], merged)) == said, (numbers, merged)


def test_a_layer_may_be_called_as_the_state_of_another() -> None:
    named = weight("model_weights/seed_generator/seed_generator/kernel", 2, 3)
    state = weight("model_weights/dropout/seed_generator/seed_generator_state", 2, dtype="uint32")
    assert own_weights([named, state]) == [named]


def test_a_class_of_its_own_by_keras_3_is_no_file_of_keras_2(tmp_path: Path) -> None:
    config = {"name": "net", "units": 3}
    new = {"module": "mine", "class_name": "Net", "config": config, "registered_name": "mine>Net"}
    inspection = inspect(tmp_path, new)
    assert inspection.file is not None
    assert inspection.file.generation == 3
    assert "KS302" not in codes(inspection, infos=True)
    inspection = inspect(tmp_path, {"class_name": "Net", "config": config, "keras_version": "2.15.0"})
    assert inspection.file is not None
    assert inspection.file.generation == 2
