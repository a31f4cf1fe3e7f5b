"""What the beginning of a data file tells, so that data which cannot be trained on is refused before a run exists.

The names and rules are those of `probe/training/sources`, which reads the data for real and says the rest.
"""

from __future__ import annotations

import csv
import difflib
import itertools
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from kerascope.graph import clean_line
from kerascope.runs._arrays import X_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.runs._spec import TrainingData

__all__ = ["ColumnError", "array_names", "check_contents", "misnamed", "never_validates"]

_DELIMITERS = (",", ";", "\t")
_MISSING = frozenset({"", "na", "nan", "n/a", "null", "none", "?"})
_MOST_SHOWN = 8
_LONGEST_LINE = 1024 * 1024
"""Characters of a line beyond which it is no header that anybody reads."""


class ColumnError(ValueError):
    """A table has no such column; the text says which it has."""


def check_contents(data: TrainingData) -> None:
    """Look at the header of a table, or at the list of an archive's arrays.

    Raises:
        ValueError: No training can read it; the text says why. `ColumnError` where only the target is wrong.
    """
    try:
        if data.kind == "csv":
            _check_table(Path(data.paths[0]), data.target)
        elif data.kind == "npz":
            array_names(Path(data.paths[0]))
    except OSError as error:
        raise ValueError(f"{clean_line(data.paths[0])} cannot be read: {error.strerror or error}") from error


# Archives.


def array_names(path: Path) -> tuple[str, ...]:
    """The names of the arrays in an `.npz` file.

    Raises:
        ValueError: It is no such archive.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        if file.read(6) == b"\x93NUMPY":
            raise ValueError(f"{clean_line(str(path))} holds one array, not several: name two .npy files, x and y")
    try:
        with zipfile.ZipFile(path) as archive:
            names = tuple(clean_line(name.removesuffix(".npy")) for name in archive.namelist())
    except zipfile.BadZipFile as error:
        raise ValueError(
            f"{clean_line(str(path))} cannot be read as an .npz file: it is no zip archive, or only a part of one"
        ) from error
    if not names:
        raise ValueError(f"{clean_line(str(path))} holds no arrays, expected x and y")
    return names


def misnamed(data: TrainingData, inputs: Sequence[str]) -> str | None:
    """That none of an archive's arrays can be what goes into a model; `None` where one can, or nobody knows.

    Args:
        data: The data.
        inputs: The names of the model's inputs; none where they are not known.
    """
    if data.kind != "npz" or not inputs:
        return None
    try:
        names = array_names(Path(data.paths[0]))
    except (OSError, ValueError):
        return None  # what `check_contents` says
    if set(X_NAMES) & {name.lower() for name in names} or set(inputs) & set(names):
        return None
    # The name of an only input is nearly always Keras's own.
    wants = f"x, or as the model's inputs {', '.join(map(clean_line, inputs))}" if len(inputs) > 1 else "x"
    return (
        f"{clean_line(Path(data.paths[0]).name)} holds {_listed(names)}; none of them is called {wants} (and y for the "
        "target)"
    )


def never_validates(data: TrainingData) -> bool:
    """Whether there certainly is nothing to validate on: no part is kept, and the data brings none of its own."""
    if data.validation_split:
        return False
    if data.kind != "npz":
        return data.kind in ("synthetic", "csv", "npy")
    try:
        names = array_names(Path(data.paths[0]))
    except (OSError, ValueError):
        return False
    return not any("val" in name.lower() or "test" in name.lower() for name in names)


# Tables.


def _check_table(path: Path, target: str | None) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            first = file.readline(_LONGEST_LINE)
            if len(first) == _LONGEST_LINE:
                return  # whoever reads all of it says what it is
            file.seek(0)
            delimiter = max(_DELIMITERS, key=first.count)
            rows = (row for row in csv.reader(file, delimiter=delimiter) if any(cell.strip() for cell in row))
            head = [[cell.strip() for cell in row] for row in itertools.islice(rows, 2)]
        except UnicodeDecodeError as error:
            raise ValueError(f"{clean_line(str(path))} is no UTF-8 text ({error.reason})") from error
        except csv.Error as error:
            raise ValueError(f"{clean_line(str(path))} cannot be read as a table: {error}") from error
    name = clean_line(path.name)
    if not head:
        raise ValueError(f"{name} has no rows")
    if target is not None and not _has_column(head[0], target):
        _refuse(name, head[0], target)
    if len(head[0]) < 2:
        raise ValueError(f"{name} has one column; features and a target need two or more")
    if _is_header(head[0], target) and len(head) == 1:
        raise ValueError(f"{name} has a header and no rows under it")


def _is_header(cells: list[str], target: str | None) -> bool:
    """Whether the first row names the columns: text where the target is may also be one of its classes."""
    asked = target or ""
    at = int(asked) - 1 if _is_number_of(asked, cells) else len(cells) - 1
    return asked in cells or any(number != at and not _is_number(cell) for number, cell in enumerate(cells))


def _has_column(cells: list[str], target: str) -> bool:
    return target in cells or (not _is_header(cells, target) and _is_number_of(target, cells))


def _refuse(name: str, cells: list[str], target: str) -> NoReturn:
    asked = clean_line(target)
    if not _is_header(cells, target):
        raise ColumnError(f"{name} has no header, so the target is a number from 1 to {len(cells)}, not {asked!r}")
    near = difflib.get_close_matches(target.lower(), [cell.lower() for cell in cells], 1)
    meant = next((cell for cell in cells if [cell.lower()] == near), None)
    hint = "" if meant is None else f"; did you mean {clean_line(meant)}?"
    raise ColumnError(f"{name} has no column {asked!r}; it has {_listed(cells)}{hint}")


def _is_number_of(text: str, cells: list[str]) -> bool:
    return text.isdecimal() and 1 <= int(text) <= len(cells)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text.lower() in _MISSING
    return True


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_SHOWN:,} more" if len(names) > _MOST_SHOWN else ""
    return ", ".join(clean_line(name) for name in names[:_MOST_SHOWN]) + more
