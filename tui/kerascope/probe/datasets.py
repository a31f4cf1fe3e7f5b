"""`keras.datasets` where nothing is in its cache: arrays of the right shapes and dtypes, made up.

Shapes, dtypes, numbers of classes and, for texts, the vocabulary and the longest item are those of the real data, so
that what a program works out from them is right. The values mean nothing. Where Keras does something with what it has
read (splits it, limits its words), Keras itself does it.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .adapters import Adapter

__all__ = ["replace_datasets"]

_IMAGES = {
    # name: (training items, shape of one, classes, shape of one label, dtype of labels)
    "mnist": (60_000, (28, 28), 10, (), "uint8"),
    "fashion_mnist": (60_000, (28, 28), 10, (), "uint8"),
    "cifar10": (50_000, (32, 32, 3), 10, (1,), "uint8"),
    "cifar100": (50_000, (32, 32, 3), 100, (1,), "int64"),
}
_TEST_IMAGES = 10_000
_COARSE_CLASSES = 20

_TEXTS = {
    # name: (items of each part of the file, classes, words, the longest item as it is in the file)
    "imdb": ({"x_train": 25_000, "x_test": 25_000}, 2, 88_584, 2_493),
    "reuters": ({"x": 11_228}, 46, 30_979, 2_375),
}
_TABLES = {
    # name: (items, columns, dtype)
    "boston_housing": (506, 13, "float64"),
    "california_housing": (20_640, 8, "float32"),
}
_LENGTHS = (10, 30)
"""Words of made-up texts; real ones have some 200, which nothing but the longest item tells."""


class _NotCachedError(Exception):
    """The file would have to be downloaded."""


def replace_datasets(adapter: Adapter, noted: Callable[[str], None]) -> None:
    """Have `load_data` and `get_word_index` answer without a download where the cache has not got the real thing.

    Args:
        adapter: The Keras generation.
        noted: Called with the name of every data set that was made up.
    """
    for name in (*_IMAGES, *_TEXTS, *_TABLES):
        try:
            module = importlib.import_module(f"{adapter.root.__name__}.src.datasets.{name}")
        except ModuleNotFoundError:
            continue  # this version of Keras has not got it
        vars(module)["get_file"] = _only_cached(vars(module)["get_file"])
        makers: dict[str, Callable[..., Any]] = {}
        if name in _IMAGES:
            makers["load_data"] = functools.partial(_images, adapter, name)
        else:
            makers["load_data"] = functools.partial(_as_if_read, module, vars(module)["load_data"], name)
        if name in _TEXTS:
            makers["get_word_index"] = functools.partial(_word_index, name)
        for function, maker in makers.items():
            _replace(vars(module)[function], maker, functools.partial(noted, name))


def _replace(original: Any, maker: Callable[..., Any], noted: Callable[[], None]) -> None:
    @functools.wraps(original)
    def load(*args: Any, **kwargs: Any) -> Any:
        try:
            return original(*args, **kwargs)
        except _NotCachedError:
            noted()
            return maker(*args, **kwargs)

    name = original.__name__
    for module in list(sys.modules.values()):
        # vars(), not getattr: lazy modules import themselves when asked for an attribute.
        if getattr(module, "__dict__", None) is not None and vars(module).get(name) is original:
            setattr(module, name, load)


def _only_cached(original: Any) -> Any:
    """Keras's `get_file`, as far as it goes without a network."""
    fetching = importlib.import_module(original.__module__)

    @functools.wraps(original)
    def get_file(*args: Any, **kwargs: Any) -> Any:
        def refuse(*_: Any) -> None:
            raise _NotCachedError

        # Without the sums: a file that does not fit its sum would be removed to be fetched anew.
        kwargs = {key: value for key, value in kwargs.items() if key not in ("file_hash", "md5_hash")}
        with _replaced(fetching, urlretrieve=refuse):
            return original(*args, **kwargs)

    return get_file


@contextlib.contextmanager
def _replaced(module: Any, **values: Any) -> Iterator[None]:
    """A module with other values under some of its names, where it has these."""
    before = {name: vars(module)[name] for name in values if name in vars(module)}
    vars(module).update({name: values[name] for name in before})
    try:
        yield
    finally:
        vars(module).update(before)


# Images: made as `load_data` gives them.


def _images(adapter: Adapter, name: str, label_mode: str = "fine", *args: Any, **kwargs: Any) -> Any:
    numpy = importlib.import_module("numpy")
    items, shape, classes, label, dtype = _IMAGES[name]
    if name == "cifar100" and label_mode == "coarse":
        classes = _COARSE_CLASSES
    if len(shape) == 3 and adapter.root.backend.image_data_format() == "channels_first":
        shape = (shape[2], *shape[:2])

    def part(rows: int) -> Any:
        labels = (numpy.arange(rows) % classes).astype(dtype).reshape(rows, *label)
        return numpy.zeros((rows, *shape), "uint8"), labels

    return part(items), part(_TEST_IMAGES)


# Texts and tables: made as the file holds them, and read by Keras.


def _as_if_read(module: Any, original: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    archive = _Archive(_text_file(name) if name in _TEXTS else _table_file(name))
    reading = _Reading(archive)

    def nowhere(*_: Any, **__: Any) -> str:
        return name

    with _replaced(module, get_file=nowhere, np=reading, npz_utils=reading):
        return original(*args, **kwargs)


class _Archive(dict):  # type: ignore[type-arg]
    """What `numpy.load` gives for a file of arrays."""

    def __enter__(self) -> _Archive:
        return self

    def __exit__(self, *error: object) -> None:
        """There is no file to close."""


class _Reading:
    """NumPy, but for what it reads."""

    def __init__(self, archive: _Archive) -> None:
        self._archive = archive
        self._numpy = importlib.import_module("numpy")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._numpy, name)

    def load(self, *args: Any, **kwargs: Any) -> _Archive:
        return self._archive

    load_npz = load


def _text_file(name: str) -> dict[str, Any]:
    numpy = importlib.import_module("numpy")
    parts, classes, words, longest = _TEXTS[name]
    file = {}
    shortest, usual = _LENGTHS
    for part, items in parts.items():
        texts = numpy.empty(items, dtype=object)
        word = 0
        for item in range(items):
            length = longest if item == 0 else shortest + item % (usual - shortest)
            texts[item] = [(word + number) % words + 1 for number in range(length)]
            word += length
        file[part] = texts
        file[part.replace("x", "y", 1)] = (numpy.arange(items) % classes).astype("int64")
    return file


def _word_index(name: str, *args: Any, **kwargs: Any) -> dict[str, int]:
    return {f"word{number}": number for number in range(1, _TEXTS[name][2] + 1)}


def _table_file(name: str) -> dict[str, Any]:
    numpy = importlib.import_module("numpy")
    items, columns, dtype = _TABLES[name]
    return {"x": numpy.zeros((items, columns), dtype), "y": numpy.zeros(items, dtype)}
