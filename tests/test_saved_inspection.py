"""The door to saved files: what the command line and the screen get of them, and how looking at one ends."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from kerascope import _saved_looks, cli
from kerascope.graph import Provenance, SourceKind, Target, WeightStats
from kerascope.inspection import Inspector, LookOptions
from kerascope.readers.saved import Cancelled, read_saved

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kerascope.graph import Inspection

STACK: dict[str, Any] = {
    "class_name": "Sequential",
    "config": {
        "name": "stack",
        "layers": [
            {"class_name": "Dense", "config": {"name": "first", "units": 3, "batch_input_shape": [None, 2]}},
            {"class_name": "Dense", "config": {"name": "second", "units": 1, "batch_input_shape": [None, 9]}},
        ],
    },
    "keras_version": "2.12.0",
}


def look(path: Path | str, **options: Any) -> Inspection:
    async def asked() -> Inspection:
        inspector = Inspector(LookOptions(**options))
        try:
            return await inspector.look(Target(path=str(path)), lambda progress: None)
        finally:
            await inspector.close()

    return asyncio.run(asked())


def json_model(folder: Path) -> Path:
    path = folder / "stack.json"
    path.write_text(json.dumps(STACK))
    return path


def h5_model(folder: Path, kernel: np.ndarray[Any, Any]) -> Path:
    path = folder / "stack.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps({key: STACK[key] for key in ("class_name", "config")})
        file.attrs["keras_version"] = "2.12.0"
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [b"first", b"second"]
        for name, arrays in (
            ("first", {"kernel:0": kernel, "bias:0": np.zeros(3, "float32")}),
            ("second", {"kernel:0": np.ones((3, 1), "float32"), "bias:0": np.zeros(1, "float32")}),
        ):
            group = weights.create_group(name)
            group.attrs["weight_names"] = [f"{name}/{each}".encode() for each in arrays]
            for each, value in arrays.items():
                group.create_dataset(f"{name}/{each}", data=value)
    return path


def test_glance_then_look(tmp_path: Path) -> None:
    path = json_model(tmp_path)
    inspector = Inspector(LookOptions())
    glance = inspector.glance(Target(path=str(path)))
    assert (glance.source.kind, glance.source.executed, glance.failure) == (SourceKind.JSON, False, None)
    inspection = look(path)
    assert inspection.engine is None
    assert inspection.source.executed is False
    assert inspection.seconds is not None
    assert [finding.rule for finding in inspection.findings] == ["KS101", "KS302"]


def test_a_saved_model_has_no_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = json_model(tmp_path)
    assert cli.main(["check", f"{path}:net"]) == 2
    assert "is a saved model, which has no names to choose from: received net" in capsys.readouterr().out


def test_other_kinds_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(b"\x1c\x00\x00\x00TFL3" + bytes(64))
    assert cli.main(["check", str(path)]) == 2
    assert "TensorFlow Lite" in capsys.readouterr().out


def test_a_file_that_is_gone_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = json_model(tmp_path)
    real = read_saved

    def read(*arguments: Any) -> Inspection:
        path.unlink()
        return real(*arguments)

    monkeypatch.setattr(_saved_looks, "read_saved", read)
    failure = look(path).failure
    assert failure is not None
    assert failure.kind == "unreadable"
    assert "No such file" in failure.message


def test_what_breaks_in_here_is_an_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*arguments: Any) -> Inspection:
        raise KeyError("a bug")

    monkeypatch.setattr(_saved_looks, "read_saved", read)
    failure = look(json_model(tmp_path)).failure
    assert failure is not None
    assert failure.kind == "engine"
    assert "KeyError: 'a bug'" in failure.message


def test_reading_that_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def read(found: Any, path: str, given: Any, cancel: threading.Event) -> Inspection:
        assert cancel.wait(30), "nobody told the thread to end"
        ended.set()
        raise Cancelled

    monkeypatch.setattr(_saved_looks, "read_saved", read)
    failure = look(json_model(tmp_path), timeout=0.2).failure
    assert failure is not None
    assert failure.kind == "timeout"
    assert ended.wait(5)


def test_reading_that_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = threading.Event()

    def read(found: Any, path: str, given: Any, cancel: threading.Event) -> Inspection:
        started.set()
        assert cancel.wait(30), "nobody told the thread to end"
        raise Cancelled

    monkeypatch.setattr(_saved_looks, "read_saved", read)
    path = json_model(tmp_path)

    async def asked() -> Inspection:
        inspector = Inspector(LookOptions())
        looking = asyncio.create_task(inspector.look(Target(path=str(path)), lambda progress: None))
        await asyncio.to_thread(started.wait, 10)
        inspector.stop()
        return await looking

    failure = asyncio.run(asked()).failure
    assert failure is not None
    assert failure.kind == "cancelled"


def test_statistics_and_what_they_find(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kernel = np.array([[1, 2, 3], [np.nan, 0, np.inf]], "float32")
    path = h5_model(tmp_path, kernel)

    async def asked() -> Inspection:
        inspector = Inspector(LookOptions())
        inspection = await inspector.look(Target(path=str(path)), lambda progress: None)
        wanted = [weight.path for weight in inspection.weights] + ["nowhere"]
        stats = {name: result async for name, result in inspector.weight_stats(inspection, wanted)}
        assert list(stats) != []
        assert isinstance(stats["nowhere"], str)
        await inspector.close()
        return inspector.with_weight_stats(inspection, stats)

    inspection = asyncio.run(asked())
    by_name = {weight.name: weight for weight in inspection.weights}
    stats = by_name["first/kernel"].stats
    assert isinstance(stats, WeightStats)
    assert (stats.count, stats.nans, stats.infs, stats.zeros, stats.minimum, stats.maximum) == (6, 1, 1, 1, 0.0, 3.0)
    assert by_name["first/kernel"].layer == "first"
    (finding,) = (each for each in inspection.findings if each.rule == "KS504")
    assert finding.layer == "first"
    assert "1 NaN and 1 Inf among its 6 numbers" in finding.message
    assert cli.main(["weights", str(path)]) == 0
    assert cli.main(["weights", "--stats", str(path)]) == 1
    assert cli.main(["weights", "--stats", "--only", "second", str(path)]) == 0
    capsys.readouterr()
    assert cli.main(["weights", "--stats", "--format", "json", str(path)]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["source"]["executed"] is False
    assert [each["shape"] for each in told["weights"]] == [[2, 3], [3], [3, 1], [1]] or len(told["weights"]) == 4


def test_statistics_that_broke_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(found: Any, weights: Any, wanted: Any, cancel: Any) -> Iterator[tuple[str, str]]:
        yield wanted[0], "it is odd"
        raise ZeroDivisionError("by\x1b[2J nothing")

    monkeypatch.setattr(_saved_looks, "weight_stats", broken)
    inspection = look(h5_model(tmp_path, np.zeros((2, 3), "float32")))

    async def asked() -> dict[str, object]:
        wanted = [weight.path for weight in inspection.weights]
        return {path: said async for path, said in Inspector(LookOptions()).weight_stats(inspection, wanted)}

    first, *others = asyncio.run(asked()).values()
    assert first == "it is odd"
    assert set(others) == {"kerascope itself failed while reading it: ZeroDivisionError: by nothing"}


def test_weights_that_do_not_fit_the_config(tmp_path: Path) -> None:
    inspection = look(h5_model(tmp_path, np.zeros((5, 3), "float32")))
    (issue,) = (each for each in inspection.issues if each.kind == "malformed")
    assert "weights of 22 numbers, and its config makes a model of 13 parameters" in issue.message


def test_a_file_that_was_cut_off_before_its_weights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = h5_model(tmp_path, np.zeros((2, 3), "float32"))
    path.write_bytes(path.read_bytes()[:1500])
    assert cli.main(["weights", "--stats", str(path)]) == 2
    assert "KS503 error [malformed-file] the file was cut off" in capsys.readouterr().out
    assert look(path).notes == (), "what its rest holds is not known"


def test_a_program_has_no_weights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "model.py"
    path.write_text("import keras\n")
    assert cli.main(["weights", str(path)]) == 2
    assert "is a program, which holds no weights" in capsys.readouterr().out


@pytest.mark.keras
@pytest.mark.timeout(180)
def test_a_real_keras_is_asked_where_that_is_wanted(tmp_path: Path) -> None:
    path = json_model(tmp_path)
    topology = {"modelTopology": {"model_config": json.loads(path.read_text())}}
    path.write_text(json.dumps(topology), encoding="utf-8-sig")
    inspection = look(path, resolve=True)
    assert inspection.engine is not None
    assert inspection.engine.generation == 2
    assert {layer.provenance for layer in inspection.models[0].layers} == {Provenance.KERAS}
    assert [note.message for note in inspection.notes] == [
        f"Keras {inspection.engine.keras} rebuilt the model, and agrees on the 2 layers that both have"
    ]
    assert inspection.source.executed is False


def test_no_keras_is_asked_about_a_file_with_code(tmp_path: Path) -> None:
    own = {"class_name": "Lambda", "config": {"name": "code", "function": ["4wEAAAAA", None, None]}}
    path = tmp_path / "code.json"
    config = {**STACK["config"], "layers": [*STACK["config"]["layers"], own]}
    path.write_text(json.dumps({**STACK, "config": config}))
    inspection = look(path, resolve=True)
    assert inspection.engine is None
    assert any(note.message.startswith("Keras was not asked: the file has KS501") for note in inspection.notes)
