"""Whether NumPy's files can be what a model is trained on, found out without NumPy and before there is a run."""

from __future__ import annotations

import struct
import zipfile
from typing import TYPE_CHECKING

import pytest

from kerascope.graph import Layer, Model
from kerascope.runs import TrainingData
from kerascope.runs._arrays import ModelPorts, ports_of, unfit

if TYPE_CHECKING:
    from pathlib import Path

    from kerascope.graph import Shape

PORTS = ModelPorts("in", (None, 4), (None, 3))


def array(shape: Shape, version: int = 1) -> bytes:
    """The beginning of an `.npy` file; its numbers are never read."""
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(text)) + text


def archive(path: Path, **shapes: Shape) -> TrainingData:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, shape in shapes.items():
            file.writestr(f"{name}.npy", array(shape))
    return TrainingData(kind="npz", paths=(str(path),))


@pytest.mark.parametrize(
    ("x", "y", "sentence"),
    [
        ((20, 4), (20,), None),
        ((20, 4, 1), (20,), None),
        ((20, 5), (20,), "the data is (20, 5), the model takes (None, 4)"),
        ((20, 4), (19,), "inputs and targets need the same number of samples: x has 20, y has 19"),
        ((0, 4), (0,), "x holds no samples: (0, 4)"),
    ],
)
def test_shapes_and_rows_are_held_against_the_model(x: Shape, y: Shape, sentence: str | None, tmp_path: Path) -> None:
    assert unfit(archive(tmp_path / "data.npz", X=x, labels=y), PORTS) == sentence
    paths = (tmp_path / "x.npy", tmp_path / "y.npy")
    for path, shape, version in zip(paths, (x, y), (1, 2), strict=True):
        path.write_bytes(array(shape, version))
    assert unfit(TrainingData(kind="npy", paths=tuple(map(str, paths))), PORTS) == sentence


def test_only_what_is_certain_is_refused(tmp_path: Path) -> None:
    data = archive(tmp_path / "data.npz", x=(20, 5), y=(20,))
    assert unfit(data, ModelPorts()) is None
    assert unfit(data, ModelPorts("in", (None, None), None)) is None
    assert unfit(data, ModelPorts("in", (None, 5), (None, 3)), "mse") is None
    assert unfit(archive(tmp_path / "other.npz", features=(20, 5)), PORTS) is None
    (tmp_path / "cut.npz").write_bytes((tmp_path / "data.npz").read_bytes()[:40])
    assert unfit(TrainingData(kind="npz", paths=(str(tmp_path / "cut.npz"),)), PORTS) is None
    assert unfit(TrainingData(kind="synthetic", samples=3), PORTS) is None


def test_the_end_of_the_sentence_says_what_differs(tmp_path: Path) -> None:
    def said(shape: Shape) -> str:
        data = archive(tmp_path / "data.npz", x=shape)
        return unfit(data, ModelPorts("in", (None, 28, 28, 3), None)) or ""

    assert said((9, 3, 28, 28)).endswith("(None, 28, 28, 3): the same sizes in another order")
    assert said((9, 28, 28)).endswith(": it lacks the last axis, of size 3")
    assert said((9, 32, 28, 3)).endswith(": 32 instead of 28")


def test_validation_is_held_against_it_too_and_inputs_go_by_their_name(tmp_path: Path) -> None:
    data = archive(tmp_path / "data.npz", **{"in": (20, 4)}, y=(20,), x_val=(5, 4), y_val=(6,))
    assert (unfit(data, PORTS) or "").endswith(": validation x has 5, validation y has 6")
    data = archive(tmp_path / "data.npz", **{"in": (20, 7)}, y=(20,))
    assert unfit(data, PORTS) == "the data is (20, 7), the model takes (None, 4)"


@pytest.mark.parametrize("loss", ["categorical_crossentropy", "CategoricalCrossentropy"])
def test_class_numbers_do_not_go_with_a_loss_that_takes_a_column_a_class(loss: str, tmp_path: Path) -> None:
    for y in ((20,), (20, 1)):
        said = unfit(archive(tmp_path / "data.npz", x=(20, 4), y=y), PORTS, loss)
        assert said is not None
        assert said.startswith(f"the target is {y}, the output (None, 3), and categorical_crossentropy needs a target")
    assert unfit(archive(tmp_path / "data.npz", x=(20, 4), y=(20, 3)), PORTS, loss) is None
    assert unfit(archive(tmp_path / "data.npz", x=(20, 4), y=(20,)), PORTS, f"sparse_{loss}") is None


def layer(name: str, *, output: Shape, source: str | None = None, effective: Shape | None = None) -> Layer:
    return Layer(
        id=name,
        uid=1,
        name=name,
        class_name="InputLayer" if name == "in" else "Dense",
        inbound=() if source is None else (source,),
        effective=None if effective is None else (effective,),
        output=(output,),
        is_input=name == "in",
    )


def model(*layers: Layer, class_name: str = "Functional", shaped_by: str | None = None) -> Model:
    return Model(name="net", class_name=class_name, built=True, layers=layers, shaped_by=shaped_by)


def test_ports_are_those_of_the_only_model() -> None:
    entry, out = layer("in", output=(None, 4)), layer("out", output=(None, 3), source="in")
    assert ports_of([model(entry, out)]) == PORTS
    assert ports_of([model(entry, out), model(entry, out)]) == ModelPorts()
    assert ports_of([model(entry, out, layer("other", output=(None, 3), source="in"))]) == ModelPorts()
    first = layer("first", output=(None, 3), effective=(None, 4))
    assert ports_of([model(first, class_name="Sequential")]) == ModelPorts(None, (None, 4), (None, 3))
    # Its own fit has given it this shape, and is left out where other data is given.
    assert ports_of([model(first, class_name="Sequential", shaped_by="fit")]) == ModelPorts()
