"""What kind of saved model a path is: by content, not by name."""

from __future__ import annotations

import os
import zipfile
from typing import TYPE_CHECKING

import h5py
import pytest

from kerascope.graph import SourceKind
from kerascope.readers.saved import detect

if TYPE_CHECKING:
    from pathlib import Path

TABLE_END = bytes(40) + bytes.fromhex("57fb808b247547db")


def test_names_say_nothing(tmp_path: Path) -> None:
    archive = tmp_path / "model.h5"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("config.json", "{}")
    container = tmp_path / "model.keras"
    with h5py.File(container, "w") as file:
        file.attrs["x"] = 1
    text = tmp_path / "model.bin"
    text.write_text(' {"class_name": "Sequential"}')
    found = [detect(path) for path in (archive, container, text)]
    assert [each and each.kind for each in found] == [SourceKind.KERAS, SourceKind.HDF5, SourceKind.JSON]


def test_hdf5_behind_a_block_of_the_users(tmp_path: Path) -> None:
    path = tmp_path / "with_block.h5"
    with h5py.File(path, "w", userblock_size=1024) as file:
        file.attrs["x"] = 1
    found = detect(path)
    assert found is not None
    assert found.kind is SourceKind.HDF5


@pytest.mark.parametrize("name", ["model.py", "model.pyw", "net.ipynb"])
def test_programs_stay_programs(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text('{"nbformat": 4, "cells": []}')
    assert detect(path) is None


@pytest.mark.parametrize("named", ["", "saved_model.pb", "keras_metadata.pb"])
def test_a_saved_model_by_its_folder_and_its_files(tmp_path: Path, named: str) -> None:
    for name in ("saved_model.pb", "keras_metadata.pb"):
        (tmp_path / name).write_bytes(b"\x08\x01")
    found = detect(tmp_path / named if named else tmp_path)
    assert found is not None
    assert (found.kind, found.path) == (SourceKind.SAVED_MODEL, tmp_path)


@pytest.mark.parametrize("named", ["ckpt-2", "ckpt-2.index", "ckpt-2.data-00000-of-00001", "checkpoint", ""])
def test_a_checkpoint_by_everything_it_is_called(tmp_path: Path, named: str) -> None:
    for number in (1, 2):
        (tmp_path / f"ckpt-{number}.index").write_bytes(TABLE_END)
        (tmp_path / f"ckpt-{number}.data-00000-of-00001").write_bytes(b"0")
    (tmp_path / "checkpoint").write_text('model_checkpoint_path: "ckpt-2"\n')
    found = detect(tmp_path / named if named else tmp_path)
    assert found is not None
    assert (found.kind, found.path) == (SourceKind.CHECKPOINT, tmp_path / "ckpt-2.index")


def test_what_is_no_model(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    program = tmp_path / "train"
    program.write_text("import keras\n")
    empty = tmp_path / "empty.keras"
    empty.touch()
    folder = tmp_path / "folder"
    folder.mkdir()
    index = tmp_path / "page.index"
    index.write_text("no table")
    for path in (pipe, program, empty, folder, index, tmp_path / "page", tmp_path / "missing", tmp_path / "a\0b"):
        assert detect(path) is None, path
