"""SavedModels: the same models, signatures and variables as TensorFlow and Keras say they are."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from tests.readers.saved.tensorflow_files import graph, message, node, number, saved_model, written

from kerascope.graph import DataSpec
from kerascope.readers.saved import Malformed
from kerascope.readers.saved._saved_model import SavedModelContents, read_saved_model

if TYPE_CHECKING:
    from pathlib import Path

KERAS = ("sequential", "functional", "subclassed", "stack", "recurrent", "words")
OTHERS = ("module", "exported", "tf1")


def read(generation: str, name: str) -> tuple[SavedModelContents, Any]:
    """What we read of a SavedModel, and what TensorFlow says of it."""
    folder, said = written(generation)
    return read_saved_model(folder / name), said[name]


def by_hand(folder: Path, data: bytes) -> SavedModelContents:
    """A SavedModel that is nothing but its graph file."""
    (folder / "saved_model.pb").write_bytes(data)
    return read_saved_model(folder)


def bare(value: Any) -> Any:
    """A config without what only says where classes are registered, and with every list as a list."""
    if isinstance(value, dict):
        if "class_name" in value and "config" in value:
            value = {key: value[key] for key in ("class_name", "config", "inbound_nodes", "name") if key in value}
        return {key: bare(each) for key, each in value.items() if key != "shared_object_id"}
    return [bare(each) for each in value] if isinstance(value, list) else value


def builds(model: Any, inside: str = "") -> dict[str, Any]:
    """What each layer of a serialized model was built with."""
    found = {}
    for item in model["config"]["layers"]:
        name = inside + item["config"]["name"]
        if "build_config" in item:
            found[name] = item["build_config"]["input_shape"]
        if "layers" in item["config"]:
            found.update(builds(item, f"{name}/"))
    return found


# What TensorFlow and Keras wrote


@pytest.mark.keras
@pytest.mark.parametrize("name", [*KERAS, *OTHERS])
def test_signatures_are_those_that_load(name: str) -> None:
    contents, said = read("2" if name in KERAS else "3", name)
    assert contents.issues == () or name == "module"

    def known(tensors: tuple[DataSpec, ...]) -> dict[str | None, list[Any]]:
        return {each.name: [None if each.shape is None else list(each.shape), each.dtype] for each in tensors}

    ours = {each.name: [known(each.inputs), known(each.outputs)] for each in contents.signatures}
    if name == "tf1":
        # A signature of TensorFlow 1 loads with shapes that it works out anew.
        assert set(ours) == set(said["signatures"])
        assert [set(side) for side in ours["serving_default"]] == [
            set(side) for side in said["signatures"]["serving_default"]
        ]
    else:
        assert ours == said["signatures"]
    assert contents.tags == ((("serve", "gpu"),) if name == "tf1" else (("serve",),))
    assert contents.tensorflow_version is not None
    assert contents.tensorflow_version.startswith("2.")


@pytest.mark.keras
@pytest.mark.parametrize("name", ["sequential", "functional", "recurrent", "words"])
def test_the_model_is_that_of_to_json(name: str) -> None:
    contents, said = read("2", name)
    ours, theirs = contents.model_json, said["json"]
    assert ours is not None
    assert (ours["class_name"], ours["keras_version"], ours["backend"]) == (
        theirs["class_name"],
        said["version"],
        "tensorflow",
    )
    mine = bare({"class_name": ours["class_name"], "config": ours["config"]})
    want = bare({"class_name": theirs["class_name"], "config": theirs["config"]})
    if name == "recurrent":
        # A Lambda's code is written in another form: text in a list, or an object.
        for model in (mine, want):
            twice = next(layer for layer in model["config"]["layers"] if layer["config"]["name"] == "twice")
            assert twice["config"].pop("function")
            for key in ("function_type", "module", "output_shape", "output_shape_type", "output_shape_module"):
                twice["config"].pop(key, None)
    assert mine == want


@pytest.mark.keras
@pytest.mark.parametrize("name", ["sequential", "functional", "recurrent", "words"])
def test_each_layer_says_what_it_was_built_with(name: str) -> None:
    contents, said = read("2", name)
    ours = builds(contents.model_json)
    wanted = said["inputs"]
    assert set(ours) == set(wanted)
    for layer, shape in wanted.items():
        assert ours[layer] == shape, layer


@pytest.mark.keras
def test_a_subclassed_model_is_a_tree_of_what_it_holds() -> None:
    contents, _ = read("2", "subclassed")
    model = contents.model_json
    assert model is not None
    assert model["class_name"] == "Net"
    assert builds(model) == {"block": [2, 5], "out": [2, 7]}
    by_path = {layer.path: layer for layer in contents.layers}
    assert set(by_path) == {"root", "root.block", "root.out", "root.block.one", "root.block.drop"}
    assert by_path["root"].is_model
    assert [name for name, _ in by_path["root.block"].children] == ["one", "drop"]
    assert (by_path["root.block.one"].class_name, by_path["root.block.one"].build_input_shape) == ("Dense", [2, 5])


@pytest.mark.keras
def test_layers_in_lists_and_dicts_are_found() -> None:
    contents, _ = read("2", "stack")
    root = contents.layers[0]
    assert [name for name, _ in root.children] == ["blocks.0", "blocks.1", "blocks.2", "heads.left", "heads.right"]


@pytest.mark.keras
@pytest.mark.parametrize("name", KERAS)
def test_weights_are_those_of_the_model(name: str) -> None:
    contents, said = read("2", name)
    own = {weight.name: weight for weight in contents.weights if weight.group == "model"}
    wanted = {key: shape for key, shape in said["weights"].items() if not key.endswith("state_var")}
    assert {key: list(weight.shape) for key, weight in own.items()} == wanted


@pytest.mark.keras
def test_weights_belong_to_the_layers_of_their_model() -> None:
    layers = {}
    for name in ("functional", "subclassed", "recurrent"):
        layers[name] = {weight.name: weight.layer for weight in read("2", name)[0].weights}
    assert layers["functional"]["norm/gamma"] == "norm"
    assert layers["functional"]["inside/kernel"] == "inside"
    assert layers["subclassed"] == {
        "net/block/one/kernel": "block",
        "net/block/one/bias": "block",
        "net/out/kernel": "out",
        "net/out/bias": "out",
    }
    assert layers["recurrent"]["both/backward_rnn/simple_rnn_cell/bias"] == "both"
    assert layers["recurrent"]["attend/query/kernel"] == "attend"


@pytest.mark.keras
def test_what_keras_3_exports_counts_every_variable_once() -> None:
    contents, _ = read("3", "exported")
    assert contents.model_json is None
    assert contents.layers == ()
    assert [(weight.name, weight.group) for weight in contents.weights] == [
        ("exported/dense/kernel", "other"),
        ("exported/dense/bias", "other"),
        ("exported/dense/kernel", "model"),
        ("exported/dense/bias", "model"),
    ]


@pytest.mark.keras
def test_a_module_has_its_asset_and_operations() -> None:
    contents, _ = read("3", "module")
    assert contents.assets == ("vocabulary.txt",)
    assert contents.operations["ReadFile"] == 1
    assert [(issue.kind, issue.certain) for issue in contents.issues] == [("reference", False)]
    facts = {fact.name: fact.value for fact in contents.facts}
    assert facts["Signature serving_default"] == "x (None, 3) float32 -> product (None, 2) float32"
    assert facts["Assets"] == "vocabulary.txt"


@pytest.mark.keras
def test_tensorflow_1_lists_its_variables_and_operations() -> None:
    contents, _ = read("3", "tf1")
    assert contents.operations["VariableV2"] == 2
    assert contents.functions == 0
    assert {weight.path for weight in contents.weights} == {"bias", "net/kernel"}


@pytest.mark.keras
def test_a_graph_as_text_is_said_and_its_variables_are_read() -> None:
    contents = read_saved_model(written("3")[0] / "tf1_text")
    assert "written as text (saved_model.pbtxt)" in contents.notes[0]
    assert {weight.path for weight in contents.weights} == {"bias", "net/kernel"}


@pytest.mark.keras
def test_operations_that_touch_files_are_told() -> None:
    contents = read_saved_model(written("3")[0] / "sly")
    found = {
        (issue.kind, issue.certain, issue.message.partition(" ")[2].partition(" ")[2]) for issue in contents.issues
    }
    name = next(issue.message.split()[2] for issue in contents.issues)
    assert found == {
        ("reference", True, f"{name} reads /etc/hostname (operation ReadFile)"),
        ("reference", False, f"{name} writes a file whose name is given to it (operation WriteFile)"),
        ("executable", False, f"{name} calls back into Python (operation PyFunc)"),
    }


@pytest.mark.keras
@pytest.mark.parametrize("gone", ["variables", "keras_metadata.pb", "saved_model.pb"])
def test_what_is_missing_is_said_and_the_rest_is_read(tmp_path: Path, gone: str) -> None:
    path = tmp_path / "model"
    shutil.copytree(written("2")[0] / "functional", path)
    if (path / gone).is_dir():
        shutil.rmtree(path / gone)
    else:
        (path / gone).unlink()
    if gone == "saved_model.pb":
        with pytest.raises(Malformed, match=r"it holds no saved_model\.pb"):
            read_saved_model(path)
        return
    contents = read_saved_model(path)
    if gone == "keras_metadata.pb":
        assert contents.model_json is None
        assert {weight.layer for weight in contents.weights} == {"conv", "norm", "inside", "a", "b"}
        assert contents.issues == ()
    else:
        assert contents.model_json is not None
        assert [issue.where for issue in contents.issues] == ["variables"]
        assert len(contents.weights) == 12
        assert all(weight.unreadable for weight in contents.weights)
        assert next(each.shape for each in contents.weights if each.name == "conv/kernel") == (3, 3, 3, 4)


@pytest.mark.keras
def test_without_the_index_counters_are_no_weights_of_the_model(tmp_path: Path) -> None:
    path = tmp_path / "model"
    shutil.copytree(written("2")[0] / "sequential", path)
    own = {weight.name for weight in read_saved_model(path).weights if weight.group == "model"}
    shutil.rmtree(path / "variables")
    left = read_saved_model(path).weights
    assert {weight.name for weight in left if weight.group == "model"} == own
    assert {weight.group for weight in left} == {"model", "other"}


@pytest.mark.keras
def test_metadata_inside_the_graph_is_read_as_well(tmp_path: Path) -> None:
    """TensorFlow 2.0 to 2.4 kept what stands in `keras_metadata.pb` in the graph of objects."""
    contents = read("2", "functional")[0]
    texts = {layer.node: layer for layer in contents.layers}
    root = texts[0]
    objects = message(
        1,
        message(1, number(1, 1), message(2, "layer-0")),
        message(1, number(1, 2), message(2, "keras_api")),
        message(4, message(1, "_tf_keras_sequential"), message(3, SEQUENTIAL)),
    )
    objects += message(1, message(4, message(1, "_tf_keras_layer"), message(3, DENSE)))
    objects += message(1, message(4, message(1, "_generic_user_object")))
    old = by_hand(tmp_path, saved_model(b"", message(7, objects)))
    assert root.class_name == "Functional"
    assert old.keras_version == "2.2.4-tf"
    assert [(layer.path, layer.name) for layer in old.layers] == [("root", "old"), ("root.layer-0", "dense")]
    assert builds(old.model_json) == {"dense": [None, 4]}


SEQUENTIAL = (
    '{"class_name": "Sequential", "name": "old", "keras_version": "2.2.4-tf", "backend": "tensorflow", "config": '
    '{"name": "old", "layers": [{"class_name": "Dense", "config": {"name": "dense", "units": 3, "batch_input_shape": '
    '{"class_name": "__tuple__", "items": [null, 4]}}}]}}'
)
DENSE = (
    '{"class_name": "Dense", "name": "dense", "config": {"name": "dense", "units": 3}, "build_input_shape": '
    '{"class_name": "TensorShape", "items": [null, 4]}}'
)


# Made by hand


def test_a_graph_and_nothing_else(tmp_path: Path) -> None:
    contents = by_hand(tmp_path, saved_model(graph(node("a", "Add"), node("b", "Add"), node("c", "My>Op"))))
    assert contents.operations == {"Add": 2, "My>Op": 1}
    assert contents.weights == ()
    assert contents.issues == ()
    facts = {fact.name: fact.value for fact in contents.facts}
    assert facts["Operations"] == "3 in 0 functions: Add 2, My>Op 1"
    assert facts["Operations of other libraries"] == "My>Op"


@pytest.mark.parametrize(
    ("name", "told"),
    [("words.txt", False), ("sub/words.txt", False), ("../words.txt", True), ("/etc/passwd", True), ("s3://b/x", True)],
)
def test_assets_that_lead_out_of_the_model(tmp_path: Path, name: str, told: bool) -> None:
    contents = by_hand(tmp_path, saved_model(b"", message(6, message(1, message(1, "Const:0")), message(2, name))))
    assert contents.assets == (name,)
    assert [issue.kind for issue in contents.issues] == ["reference"] * told


def test_signatures_of_tensorflows_own_are_left_out(tmp_path: Path) -> None:
    info = message(1, "x:0") + number(2, 1) + message(3, message(2, number(1, -1)), message(2, number(1, 3)))
    signature = message(2, message(1, message(1, "x"), message(2, info)), message(3, "predict"))
    unknown = message(2, message(2, message(1, "y"), message(2, number(2, 1), message(3, number(3, 1)))))
    data = saved_model(
        b"",
        message(5, message(1, "__saved_model_init_op"), signature),
        message(5, message(1, "serve"), signature),
        message(5, message(1, "any"), unknown),
    )
    serve, any_rank = by_hand(tmp_path, data).signatures
    assert (serve.name, serve.method) == ("serve", "predict")
    assert serve.text() == "x (None, 3) float32 -> nothing"
    assert any_rank.outputs == (DataSpec(name="y", shape=None, dtype="float32"),)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "holds no graph"),
        (number(1, 1), "holds no graph"),
        (b"\xff" * 40, "is no SavedModel"),
        (b"<html>not found</html>", "is no SavedModel|holds no graph"),
        (b"\x12\xff\xff\xff\xff\x0f", "is no SavedModel"),
    ],
)
def test_files_that_are_no_saved_model(tmp_path: Path, data: bytes, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        by_hand(tmp_path, data)


@pytest.mark.parametrize(
    "part",
    [
        message(5, message(1, "s"), message(2, message(1, b"\x0a\x05"))),
        message(5, message(1, "s"), message(2, message(1, message(2, message(3, message(2, number(1, -7))))))),
        message(6, b"\xff"),
        message(7, b"\x0a\x7f"),
        message(7, message(1, message(7, message(2, message(2, number(1, -7)))))),
        message(1, b"\x22\x70"),
        message(2, message(1, b"\x12\x70")),
        message(2, message(2, message(1, b"\x1a\x70"))),
    ],
)
def test_a_part_that_cannot_be_read_is_an_issue(tmp_path: Path, part: bytes) -> None:
    contents = by_hand(tmp_path, saved_model(graph(node("a", "Add")), part))
    assert contents.operations["Add"] == 1
    assert [issue.kind for issue in contents.issues] == ["malformed"]
    assert contents.tags[0] == ("serve",)


def test_objects_that_hold_each_other(tmp_path: Path) -> None:
    """A cycle, an edge to nowhere, and Keras objects that are each other's parts."""
    loop = message(1, number(1, 1), message(2, "layer-0")) + message(1, number(1, 99), message(2, "x"))
    back = message(1, number(1, 0), message(2, "up")) + message(1, number(1, -1), message(2, "y"))
    objects = message(1, loop, message(4, message(1, "_tf_keras_sequential"), message(3, SEQUENTIAL)))
    objects += message(1, back, message(4, message(1, "_tf_keras_layer"), message(3, DENSE)))
    contents = by_hand(tmp_path, saved_model(b"", message(7, objects)))
    assert [layer.children for layer in contents.layers] == [(("layer-0", 1),), (("up", 0),)]
    assert builds(contents.model_json) == {"dense": [None, 4]}


def test_a_model_that_says_it_holds_itself(tmp_path: Path) -> None:
    inner = SEQUENTIAL.replace('"class_name": "Dense"', '"class_name": "Sequential"').replace('"dense"', '"old"')
    item = message(1, number(1, 1), message(2, "layer-0"))
    objects = message(1, item, message(4, message(1, "_tf_keras_sequential"), message(3, inner)))
    objects += message(
        1,
        message(1, number(1, 0), message(2, "layer-0")),
        message(4, message(1, "_tf_keras_sequential"), message(3, inner)),
    )
    contents = by_hand(tmp_path, saved_model(b"", message(7, objects)))
    assert contents.model_json is not None


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "[" * 100_000, "1e999", '{"class_name": 3, "config": 4}'])
def test_metadata_that_is_none(tmp_path: Path, text: str) -> None:
    objects = message(1, message(4, message(1, "_tf_keras_sequential"), message(3, text)))
    contents = by_hand(tmp_path, saved_model(b"", message(7, objects)))
    assert contents.model_json is None or contents.model_json["class_name"] == ""
    assert all(issue.kind == "malformed" for issue in contents.issues)


def test_what_only_a_layers_own_document_holds_is_looked_through(tmp_path: Path) -> None:
    """Keras makes each layer from its own document: a Lambda there, which the model's config does not show."""
    sly = DENSE.replace("Dense", "Lambda").replace('"units": 3', '"function": ["4wEAAAAAAAAA", null, null]')
    for text, told in ((DENSE, False), (sly, True)):
        objects = message(
            1,
            message(1, number(1, 1), message(2, "layer-0")),
            message(4, message(1, "_tf_keras_sequential"), message(3, SEQUENTIAL)),
        )
        objects += message(1, message(4, message(1, "_tf_keras_layer"), message(3, text)))
        contents = by_hand(tmp_path, saved_model(b"", message(7, objects)))
        assert [issue.kind for issue in contents.issues] == ["executable"] * told
        assert all("root.layer-0" in issue.where for issue in contents.issues)


def test_metadata_for_objects_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "keras_metadata.pb").write_bytes(
        message(1, number(2, 7), message(3, "root"), message(4, "_tf_keras_sequential"), message(5, SEQUENTIAL))
    )
    contents = by_hand(tmp_path, saved_model())
    assert contents.model_json is not None
    assert contents.model_json["class_name"] == "Sequential"


def test_files_that_wait_or_lead_away(tmp_path: Path) -> None:
    import os

    (tmp_path / "saved_model.pb").write_bytes(saved_model())
    (tmp_path / "variables").mkdir()
    os.mkfifo(tmp_path / "variables" / "variables.index")
    os.mkfifo(tmp_path / "keras_metadata.pb")
    contents = read_saved_model(tmp_path)
    assert [issue.message for issue in contents.issues] == ["variables.index is not a regular file"]
