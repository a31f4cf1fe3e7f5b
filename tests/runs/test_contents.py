"""What is refused of data by its beginning: what the training process would refuse of the same file, in its words."""

from __future__ import annotations

import csv
import importlib
import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from tests.probe_training.data_driver import load_probe

from kerascope.graph import clean_line
from kerascope.runs import TrainingData
from kerascope.runs._arrays import VALIDATION, X_NAMES, Y_NAMES
from kerascope.runs._contents import ColumnError, array_names, check_contents, misnamed

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def probe() -> Any:
    """The package that reads data for real."""
    load_probe()
    return importlib.import_module("_kerascope_probe.training.sources.tables")


def said_of(path: Path, kind: str, target: str | None = None) -> str | None:
    """What is wrong with a file, `None` where nothing is."""
    try:
        check_contents(TrainingData(kind=kind, paths=(str(path),), target=target))
    except ValueError as error:
        return str(error)
    return None


@pytest.mark.parametrize("target", [None, "b", "c", "zz", "2", "4", "0", "²", "3", "N3"])
@pytest.mark.parametrize(
    "text",
    [
        "a,b,c\n1,2,3\n",
        "a;b;c\n1;2;3\n",
        "\n\na\tb\tc\n1\t2\t3\n",
        "1,2,3\n4,5,6\n",
        "1,2,red\n4,5,blue\n",
        "1,nan,3\n",
        '"a\n1",b,c\n1,2,3\n',
        "a,b,c\n",
        "a\n1\n",
        " a , b ,3\n1,2,3\n",
        "",
        "\n \n",
        ",".join(f"n{number}" for number in range(12)) + "\n" + ",".join("1" * 12) + "\n",
    ],
)
def test_a_table_is_refused_as_the_training_would(text: str, target: str | None, tmp_path: Path, probe: Any) -> None:
    path = tmp_path / "data.csv"
    path.write_text(text)
    delimiter = max(probe.DELIMITERS, key=text.split("\n")[0].count)
    table = probe._Table(str(path), csv.reader(io.StringIO(text), delimiter=delimiter), target)
    expected = None
    try:
        table.read()
    except importlib.import_module("_kerascope_probe.training.errors").SetupError as error:
        # What only the rows tell is found when they are read.
        expected = None if " in row " in str(error) else clean_line(str(error))
    assert said_of(path, "csv", target) == expected


def test_only_a_wrong_target_is_a_column_error(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ColumnError, match="has no column 'zz'; it has a, b"):
        check_contents(TrainingData(kind="csv", paths=(str(path),), target="zz"))
    path.write_text(",".join(f"f{number}" for number in range(9)) + ",Label\n" + ",".join("0" * 10) + "\n")
    with pytest.raises(ColumnError, match=r"f7 and 2 more; did you mean Label\?$"):
        check_contents(TrainingData(kind="csv", paths=(str(path),), target="lable"))
    path.write_bytes(b"a,b\n\xff,2\n")
    assert "no UTF-8 text" in (said_of(path, "csv") or "")
    path.unlink()
    assert "cannot be read: No such file" in (said_of(path, "csv") or "")


def test_a_table_whose_lines_have_no_end_is_left_to_the_training(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("1," * 1024 * 1024)
    assert said_of(path, "csv", "zz") is None


def test_an_archive_is_read_by_its_list(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("X_train.npy", b"")
        archive.writestr("labels.npy", b"")
    assert array_names(path) == ("X_train", "labels")
    assert said_of(path, "npz") is None
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "no zip archive, or only a part of one" in (said_of(path, "npz") or "")
    path.write_bytes(b"\x93NUMPY\x01\x00")
    assert "holds one array, not several" in (said_of(path, "npz") or "")
    with zipfile.ZipFile(path, "w"):
        pass
    assert "holds no arrays" in (said_of(path, "npz") or "")


def test_names_of_arrays_are_those_that_the_training_takes(probe: Any) -> None:
    arrays = importlib.import_module("_kerascope_probe.training.sources.arrays")
    assert (arrays.X_NAMES, arrays.Y_NAMES) == (X_NAMES, Y_NAMES)
    assert (arrays.X_VALIDATION, arrays.Y_VALIDATION) == VALIDATION


def test_an_archive_in_which_nothing_fits_the_model_says_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pictures.npy", b"")
        archive.writestr("y.npy", b"")
    data = TrainingData(kind="npz", paths=(str(path),))
    assert misnamed(data, ["input_layer"]) == (
        "data.npz holds pictures, y; none of them is called x (and y for the target)"
    )
    assert "called x, or as the model's inputs image, meta (and" in (misnamed(data, ["image", "meta"]) or "")
    assert misnamed(data, ["pictures"]) is None
    assert misnamed(data, []) is None, "the model's inputs are not known"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("X_Train.npy", b"")
    assert misnamed(data, ["input_layer"]) is None
    path.unlink()
    assert misnamed(data, ["input_layer"]) is None
