"""Data runs prepared by each generation of Keras: what the model is trained on, with what loss, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.probe_training.data_cases import Cases, collect

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Cases:
    cases = Cases(tmp_path_factory.mktemp("data"))
    collect(cases)
    return cases


@pytest.fixture(scope="module", params=[2, 3])
def answer(request: pytest.FixtureRequest, cases: Cases) -> Callable[[str], dict[str, Any]]:
    answers = cases.answers(request.param)
    crashed = {
        name: found["crash"] for name, found in answers.items() if "crash" in found and name != "function failing"
    }
    assert not crashed, "\n".join(f"{name}: {text}" for name, text in crashed.items())

    def one(name: str) -> dict[str, Any]:
        return {"generation": request.param, **answers[name]}

    return one


def test_arrays_are_trained_on_with_what_their_output_proposes(answer: Any) -> None:
    found = answer("npz")
    assert found["arguments"] == {
        "x": "(20, 4) float32",
        "y": "(20,) int64",
        "epochs": 2,
        "batch_size": 8,
        "validation_split": 0.25,
    }
    assert found["history"] == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert found["said"] == [
        "the data is x (20, 4) float32, y (20,) int64",
        "optimizer: adam",
        "loss: sparse_categorical_crossentropy, because softmax gives a probability for each of 3 classes; targets are "
        "class numbers",
        "validation: the last 5 of 20 samples, as Keras's validation_split takes them",
    ]
    assert answer("npy")["arguments"]["y"] == "(20,) int64"
    assert "loss: categorical_crossentropy" in answer("one-hot")["said"][2]
    assert "(from_logits)" in answer("logits")["said"][2]
    assert answer("logits")["history"] == ["accuracy", "loss"]
    numbers, answers = answer("numbers"), answer("answers")
    assert "loss: mse, because the target's numbers, from -1." in numbers["said"][2]
    assert numbers["history"] == ["loss", "mae"]
    assert "loss: binary_crossentropy, because sigmoid of one unit answers yes or no" in answers["said"][2]


def test_what_the_author_compiled_stays_unless_it_is_asked_otherwise(answer: Any) -> None:
    own = answer("own compile")
    assert (own["optimizer"], own["rate"]) == ("sgd", pytest.approx(0.01))
    assert own["said"][1] == "compiled by its author: optimizer SGD, loss categorical_crossentropy"
    assert own["arguments"]["validation_data"] == ["(4, 4) float32", "(4, 3) float32"]
    assert (answer("rate alone")["optimizer"], answer("rate alone")["rate"]) == ("sgd", 0.5)
    asked = answer("asked")
    assert (asked["optimizer"], asked["rate"]) == ("rmsprop", 0.25)
    assert asked["history"] == ["accuracy", "loss", "mae", "val_accuracy", "val_loss", "val_mae"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("wide", "the data is (10, 5), the model takes (None, 4)"),
        ("rows", "inputs and targets need the same number of samples: x has 20, y has 19"),
        ("no y", "the data has no target (y), and the model is trained on one for (None, 3)"),
        ("no x", "no-x.npz holds features (20, 4), y (20,); none of them is called x (and y for the target)"),
        ("objects", "holds Python objects, which are not loaded because that executes code"),
        ("garbled", "garbled.npz cannot be read as an .npz file: it is no zip archive"),
        ("missing", "gone.npz is not there (looked for from "),
        (
            "sparse for one-hot",
            "the target is (20,), the output (None, 3), and categorical_crossentropy needs a target of",
        ),
        ("own compile method", "Gan has a compile method of its own, which wants other arguments"),
        ("unknown loss", "knows no loss 'binary_crossentropi'; did you mean binary_crossentropy"),
        ("unknown metric", "knows no metric 'acuracy'; did you mean accuracy"),
        ("csv text", "text.csv has 'red' in row 3, column 'c': features have to be numbers"),
        ("csv column", "iris.csv has no column 'sort'; it has a, b, c, d, kind"),
        ("csv ragged", "ragged.csv has 4 cells in row 3, and 5 columns"),
        ("csv binary", "latin.csv is no UTF-8 text"),
        ("images none", "empty holds no images"),
        ("images not", "the model takes (None, 4); images are (None, height, width, channels)"),
        ("function endless split", "whose length is not known: return the training and the validation data"),
        ("function needy", "needy needs folder, and data functions are called without arguments"),
        ("function nothing", "nothing() returned 7; it should return a data set, (x, y)"),
        ("function absent", "feeding.sets has no absent; it has pair, both"),
        ("function module", "there is no module feeding.nowhere"),
        ("synthetic unbuilt", "the model is not built, so the shape of its data is not known; give --input-shape"),
        (
            "factory arguments",
            "make_wide(size=3) cannot be called (missing a required argument: 'units'): make_wide takes",
        ),
        ("name missing", "train.py has no modell; it has model"),
        ("two models", "train.py makes 2 models, encoder, decoder; name the one to train: train.py:decoder"),
        ("no model", "has no function that makes one without arguments; it has build: name one with its arguments"),
        ("saved custom", "it needs Own, which is defined in a program"),
        ("saved code keras", "code.keras has a Lambda layer, whose Python code would be executed; give --trust"),
        ("saved code h5", "code.h5 has a Lambda layer, whose Python code would be executed; give --trust"),
        ("saved not", "not.keras is no .keras file, HDF5 file, SavedModel or JSON config"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_a_sentence(answer: Any, name: str, sentence: str) -> None:
    assert sentence in answer(name)["error"]


def test_errors_of_the_users_own_code_are_left_as_they_are(answer: Any) -> None:
    assert "LookupError: no such thing" in answer("function failing")["crash"]


def test_what_only_means_something_else_is_told(answer: Any) -> None:
    found = answer("stretched")
    told = found["error"] if found["generation"] == 3 else found["said"][-1]
    assert told.startswith(
        "the target is (20,), the output (None, 3), and mean_squared_error needs both in the same shape"
    )
    assert "Keras stretches" in told or found["generation"] == 3
    assert "NaN (missing values) in x: 1; the loss will be NaN unless the model expects it" in answer("nan")["said"]
    assert (
        "NaN (missing values) in x: 1; the loss will be NaN unless the model expects it" in answer("csv target")["said"]
    )


def test_arrays_by_the_names_of_inputs_and_outputs(answer: Any) -> None:
    found = answer("named")
    assert list(found["arguments"]["x"]) == ["price", "words"]
    assert list(found["arguments"]["y"]) == ["kind", "size"]
    assert {"kind_accuracy", "size_mae", "val_kind_loss"} <= set(found["history"])


def test_a_model_that_gives_out_its_input_is_its_own_target(answer: Any) -> None:
    assert answer("encoder")["arguments"]["y"] == "(20, 4) float32"
    assert "the inputs are the targets" in answer("encoder")["said"][-1]


def test_models_that_are_not_built_take_their_shape_from_the_data(answer: Any) -> None:
    for name in ("unbuilt", "subclassed", "synthetic shaped", "synthetic subclassed"):
        assert "loss: sparse_categorical_crossentropy" in answer(name)["said"][2], name
        assert answer(name)["history"] == ["accuracy", "loss"], name


def test_a_shape_for_a_model_that_has_one_is_said_to_be_left_out(answer: Any) -> None:
    found = answer("synthetic misshaped")
    assert found["said"][0] == "--input-shape (None, 9) is left out: the model has its own, (None, 4)"
    assert found["history"] == ["accuracy", "loss"]
    assert not any("--input-shape" in each for each in answer("synthetic shaped")["said"])


def test_tables(answer: Any) -> None:
    for name, column in (("csv", "kind"), ("tsv", "kind"), ("csv without header", "column 5")):
        found = answer(name)
        assert found["said"][0] == f"the target '{column}' is text and becomes class numbers: 0 a, 1 b, 2 c"
        assert found["arguments"]["x"] == "(9, 4) float32"
        assert found["facts"]["y"] == [[0.0, 2.0, 9.0]]
    assert answer("csv target")["facts"]["y"] == [[4.0, 9.5, 13.5]]
    assert answer("csv pixels")["arguments"]["x"] == "(9, 2, 2, 1) float32"


def test_directories_of_images(answer: Any) -> None:
    split = answer("images")
    assert split["arguments"] == {"x": "dataset of 2", "epochs": 1, "validation_data": "dataset of 1"}
    assert split["said"][0] == "classes: 0 cat, 1 dog"
    assert split["said"][2] == "batches of x (None, 8, 8, 3) float32, y (None,) int32"
    assert answer("images parts")["arguments"] == split["arguments"]
    assert "y (None, 2) float32" in answer("images one-hot")["said"][2]
    assert answer("images few")["history"] == ["accuracy", "loss"]


def test_functions_that_return_data(answer: Any) -> None:
    for name in ("pair", "both", "named"):
        found = answer(f"function {name}")
        assert found["arguments"]["x"] == "(12, 4) float32"
        assert ("val_loss" in found["history"]) == (name != "pair")
    assert answer("function file")["arguments"]["x"] == "(12, 4) float32"
    for name in ("batches", "singles"):
        assert answer(f"function {name}")["arguments"] == {"x": "dataset of 2", "epochs": 1}
    split = answer("function split")
    assert split["arguments"] == {"x": "dataset of 2", "epochs": 1, "validation_data": "dataset of 1"}
    assert "val_loss" in split["history"]


def test_synthetic_data_fits_inputs_outputs_and_loss(answer: Any) -> None:
    for name in ("softmax", "yes or no", "number", "embedding", "hot", "two", "nested", "open"):
        assert "loss" in answer(f"synthetic {name}")["history"], name
    facts = answer("synthetic embedding")
    assert facts["arguments"]["x"] == "(64, 16) int32"
    assert facts["facts"]["x"][0][:2] == [0.0, 6.0]
    assert [part[:2] for part in answer("synthetic nested")["facts"]["x"]] == [[0.0, 10.0], [0.0, 10.0]]
    price, words = answer("synthetic two")["facts"]["x"]
    assert 0.0 < price[0] < price[1] < 1.0
    assert words[:2] == [0.0, 19.0]
    assert answer("synthetic open")["arguments"]["y"] == "(4, 64, 64) int64"
    assert answer("synthetic again")["facts"] == facts["facts"]
    assert answer("synthetic seed")["facts"] != facts["facts"]


def test_synthetic_data_larger_than_memory_is_repeated(answer: Any) -> None:
    found = answer("synthetic wide")
    assert found["arguments"] == {"x": "dataset of 29", "epochs": 1, "validation_data": "dataset of 4"}
    assert found["said"][0] == "1,000 samples take too much memory: 85 different ones are repeated"


def test_the_model_is_found(answer: Any) -> None:
    assert answer("factory")["model"] == "net"
    assert answer("factory")["said"][0] == "the model is what make_net() returns"
    assert answer("factory called")["model"] == "wide"
    assert answer("part of another")["model"] == "both"


def test_saved_models_go_on_as_they_were_compiled(answer: Any) -> None:
    for name in ("saved", "saved h5"):
        assert (answer(name)["optimizer"], answer(name)["rate"]) == ("sgd", 0.125), name
        assert "val_loss" in answer(name)["history"], name
    assert answer("saved config")["said"][0] == "own.json holds no weights: training begins from new ones"
    for ending in ("keras", "h5"):
        assert answer(f"saved code trusted {ending}")["model"]


def test_saved_models_of_the_other_generation(answer: Any) -> None:
    if answer("saved")["generation"] == 2:
        assert answer("saved by 3")["error"].endswith("it was written by Keras 3; use --keras 3")
        assert answer("saved model")["model"]
    else:
        two = "the data is one array, (20, 4); the model takes 2: left (None, 8), right (None, 8)"
        assert answer("saved by 3")["error"] == two
        assert "is a SavedModel, which Keras 3 cannot train: use --keras 2" in answer("saved model")["error"]
