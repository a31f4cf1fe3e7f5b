"""Tables as text, `.csv` and `.tsv`: numbers, and one column that is the target."""

from __future__ import annotations

import array
import csv
import difflib
import itertools
import math
import os
from typing import TYPE_CHECKING, Any

from ..errors import SetupError
from ._types import TrainingSet, path_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ._types import Wanted

__all__ = ["open_table"]

MISSING = frozenset({"", "na", "nan", "n/a", "null", "none", "?"})
"""How tables write that there is no value, in small letters."""

DELIMITERS = (",", ";", "\t")
MAX_SHOWN = 8
"""Classes or columns named in one sentence."""


def open_table(data: dict[str, Any], wanted: Wanted) -> TrainingSet:
    """The rows of a table: every column a feature but the target, which is named, or else the last one.

    A target of text becomes class numbers in alphabetical order. Missing features become NaN.

    Raises:
        SetupError: A feature is no number, a row has another length, or there is no such column.
    """
    path = path_of(data)
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            delimiter = max(DELIMITERS, key=first.count) if first else ","
            table = _Table(path, csv.reader(file, delimiter=delimiter), data.get("target"))
            table.read()
    except UnicodeDecodeError as error:
        raise SetupError(f"{path} is no UTF-8 text ({error.reason} at byte {error.start})") from error
    except csv.Error as error:
        raise SetupError(f"{path} cannot be read as a table: {error}") from error
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}") from error
    return TrainingSet(_shaped(table.features(), wanted), table.targets(wanted))


class _Table:
    """Reads one table once, keeping four bytes a number."""

    def __init__(self, path: str, rows: Iterator[list[str]], target: str | None) -> None:
        self._name = os.path.basename(path)
        self._rows = rows
        self._asked = target
        self._target = -1
        self._columns: list[str] = []
        self._features = array.array("f")
        self._codes = array.array("l")
        self._texts: dict[str, int] = {}
        self._count = 0

    def read(self) -> None:
        """Read all rows."""
        # Blank lines are no rows; they are counted all the same, so that a number leads to its line.
        numbered = ((number, row) for number, row in enumerate(self._rows, 1) if any(cell.strip() for cell in row))
        first = next(numbered, None)
        if first is None:
            raise SetupError(f"{self._name} has no rows")
        rows: Iterable[tuple[int, list[str]]] = numbered
        if not self._take_header(first[1]):
            rows = itertools.chain([first], rows)
        width = len(self._columns)
        if width < 2:
            raise SetupError(f"{self._name} has one column; features and a target need two or more")
        for number, row in rows:
            if len(row) != width:
                raise SetupError(f"{self._name} has {len(row)} cells in row {number}, and {width} columns")
            self._take(number, row)
        if not self._count:
            raise SetupError(f"{self._name} has a header and no rows under it")

    def _take_header(self, row: list[str]) -> bool:
        """Learn the columns of the first row; whether it names them rather than being data."""
        cells = [cell.strip() for cell in row]
        asked = self._asked or ""
        target = int(asked) - 1 if asked.isdecimal() and 1 <= int(asked) <= len(cells) else len(cells) - 1
        # Text where the target is may be one of its classes, in a table without a header.
        texts = [cell for column, cell in enumerate(cells) if column != target and _number(cell) is None]
        header = asked in cells or bool(texts)
        self._columns = cells if header else [f"column {number}" for number in range(1, len(cells) + 1)]
        if self._asked is None:
            self._target = len(cells) - 1
        elif header and self._asked in cells:
            self._target = cells.index(self._asked)
        elif not header and self._asked.isdecimal() and 1 <= int(self._asked) <= len(cells):
            self._target = int(self._asked) - 1
        elif header:
            hint = _meant(self._asked, cells)
            raise SetupError(f"{self._name} has no column {self._asked!r}; it has {_listed(cells)}{hint}")
        else:
            raise SetupError(
                f"{self._name} has no header, so the target is a number from 1 to {len(cells)}, not {self._asked!r}"
            )
        return header

    def _take(self, number: int, row: list[str]) -> None:
        for column, cell in enumerate(row):
            if column == self._target:
                text = cell.strip()
                if text.lower() in MISSING:
                    raise SetupError(f"{self._name} has no target in row {number}, column {self._columns[column]!r}")
                self._codes.append(self._texts.setdefault(text, len(self._texts)))
                continue
            value = _number(cell.strip())
            if value is None:
                raise SetupError(
                    f"{self._name} has {cell.strip()!r} in row {number}, column {self._columns[column]!r}: features "
                    "have to be numbers (only the target may be text; name it with --target)"
                )
            self._features.append(value)
        self._count += 1

    def features(self) -> Any:
        """The features, (rows, columns) float32."""
        import numpy

        return numpy.frombuffer(self._features, dtype="float32").reshape(self._count, -1)

    def targets(self, wanted: Wanted) -> Any:
        """The target, (rows,): whole numbers as int64, numbers as float32, text as class numbers."""
        import numpy

        codes = numpy.frombuffer(self._codes, dtype=numpy.dtype("l"))
        numbers = [_number(text) for text in self._texts]
        if all(number is not None for number in numbers):
            values = numpy.array(numbers, dtype="float64")
            whole = all(float(number).is_integer() for number in numbers if number is not None)
            return (values.astype("int64") if whole else values.astype("float32"))[codes]
        classes = sorted(self._texts)
        ranks = {text: rank for rank, text in enumerate(classes)}
        if len(classes) == self._count and self._count > 2:
            wanted.say(f"every row of {self._name} has another text as its target: is that the right column?")
        shown = ", ".join(f"{rank} {text}" for rank, text in enumerate(classes[:MAX_SHOWN]))
        more = f" and {len(classes) - MAX_SHOWN:,} more" if len(classes) > MAX_SHOWN else ""
        wanted.say(f"the target {self._columns[self._target]!r} is text and becomes class numbers: {shown}{more}")
        return numpy.array([ranks[text] for text in self._texts], dtype="int64")[codes]


def _number(text: str) -> float | None:
    """The number a cell holds, NaN where it holds none; `None` for other text."""
    try:
        return float(text)
    except ValueError:
        return math.nan if text.lower() in MISSING else None


def _shaped(features: Any, wanted: Wanted) -> Any:
    """Rows of numbers in the shape that the model takes, where they are just as many: pixels of an image, say."""
    inputs = wanted.interface.inputs
    shape = inputs[0].shape if len(inputs) == 1 else None
    sizes = [size for size in (shape or ())[1:] if size is not None]
    if shape is None or not 2 < len(shape) == len(sizes) + 1 or math.prod(sizes) != features.shape[1]:
        return features
    wanted.say(f"the {features.shape[1]} columns of each row are taken as the model's input, {tuple(sizes)}")
    return features.reshape(features.shape[0], *sizes)


def _meant(asked: str, names: list[str]) -> str:
    """The end of a sentence about a name that is not there: the one that is nearest, however it is spelt."""
    near = difflib.get_close_matches(asked.lower(), [name.lower() for name in names], 1)
    meant = next((name for name in names if [name.lower()] == near), None)
    return "" if meant is None else f"; did you mean {meant}?"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MAX_SHOWN:,} more" if len(names) > MAX_SHOWN else ""
    return ", ".join(names[:MAX_SHOWN]) + more
