"""`keras.datasets` where nothing is in its cache: arrays of the right shapes and dtypes, made up.

Shapes, dtypes, numbers of classes and, for texts, the size of the vocabulary and the longest item are those of the real
data, as Keras documents them, so that what a program works out from them is right. The values mean nothing.
"""

from __future__ import annotations

import functools
import importlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

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

_TEXTS = {
    # name: (items, share of the test items, classes, highest index with the default `index_from`, longest item)
    "imdb": (50_000, 0.5, 2, 88_586, 2_494),
    "reuters": (11_228, 0.2, 46, 30_981, 2_376),
}
_TABLES = {
    # name: (items, columns, dtype)
    "boston_housing": (506, 13, "float64"),
    "california_housing": (20_640, 8, "float32"),
}
_SMALL_CALIFORNIA = 600
_SHORT_TEXT = 20
"""Words of a made-up text; a real one has some 200, which nothing but the longest item tells."""


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
        vars(module)["get_file"] = _only_cached(adapter, vars(module)["get_file"])
        makers: dict[str, Callable[..., Any]] = {"load_data": functools.partial(_data, adapter, name)}
        if name in _TEXTS:
            makers["get_word_index"] = functools.partial(_word_index, name)
        for function, maker in makers.items():
            _replace(module, function, maker, functools.partial(noted, name))


def _replace(module: Any, function: str, maker: Callable[..., Any], noted: Callable[[], None]) -> None:
    original = vars(module)[function]

    @functools.wraps(original)
    def load(*args: Any, **kwargs: Any) -> Any:
        try:
            return original(*args, **kwargs)
        except _NotCachedError:
            noted()
            return maker(*args, **kwargs)

    for other in list(sys.modules.values()):
        # vars(), not getattr: lazy modules import themselves when asked for an attribute.
        if getattr(other, "__dict__", None) is not None and vars(other).get(function) is original:
            setattr(other, function, load)


class _NotCachedError(Exception):
    """The file would have to be downloaded."""


def _only_cached(adapter: Adapter, original: Any) -> Any:
    """Keras's `get_file`, as far as it goes without a network."""
    fetching = importlib.import_module(original.__module__)

    @functools.wraps(original)
    def get_file(*args: Any, **kwargs: Any) -> Any:
        def refuse(*_: Any) -> None:
            raise _NotCachedError

        # Without the sums: a file that does not fit its sum would be removed to be fetched anew.
        kwargs = {key: value for key, value in kwargs.items() if key not in ("file_hash", "md5_hash")}
        retrieve, vars(fetching)["urlretrieve"] = vars(fetching)["urlretrieve"], refuse
        try:
            return original(*args, **kwargs)
        finally:
            vars(fetching)["urlretrieve"] = retrieve

    return get_file


def _data(adapter: Adapter, name: str, *args: Any, **kwargs: Any) -> Any:
    if name in _IMAGES:
        return _images(adapter, name)
    return _texts(name, *args, **kwargs) if name in _TEXTS else _table(name, *args, **kwargs)


def _images(adapter: Adapter, name: str) -> Any:
    numpy = importlib.import_module("numpy")
    items, shape, classes, label, dtype = _IMAGES[name]
    if len(shape) == 3 and adapter.root.backend.image_data_format() == "channels_first":
        shape = (shape[2], *shape[:2])

    def part(rows: int) -> Any:
        labels = (numpy.arange(rows) % classes).astype(dtype).reshape(rows, *label)
        return numpy.zeros((rows, *shape), "uint8"), labels

    return part(items), part(_TEST_IMAGES)


def _texts(
    name: str,
    path: Any = None,
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    *rest: Any,
    **others: Any,
) -> Any:
    numpy = importlib.import_module("numpy")
    items, share, classes, highest, longest = _TEXTS[name]
    share = others.get("test_split", share)
    # imdb's fifth parameter is the seed, reuters' the share.
    share = rest[0] if rest and name == "reuters" else share
    top = highest if not num_words else min(num_words, highest + 1) - 1
    low = max(1, min(skip_top, top))
    texts = numpy.empty(items, dtype=object)
    for item in range(items):
        texts[item] = [low + (item + word) % (top - low + 1) for word in range(_SHORT_TEXT)]
    first_test = int(items * (1 - share))
    for item, length in ((0, longest), (first_test, longest)):
        if item < items and (maxlen is None or maxlen > length):
            texts[item] = [top] * length
        elif item < items:
            texts[item] = [top] * min(_SHORT_TEXT, maxlen - 1 if maxlen else _SHORT_TEXT)
    labels = (numpy.arange(items) % classes).astype("int64")
    return (texts[:first_test], labels[:first_test]), (texts[first_test:], labels[first_test:])


def _word_index(name: str, *args: Any, **kwargs: Any) -> dict[str, int]:
    # Words count from 1; `load_data` adds its `index_from`, 3 where nothing else is asked for, and keeps one to spare.
    return {f"word{number}": number for number in range(1, _TEXTS[name][3] - 1)}


def _table(name: str, *args: Any, **kwargs: Any) -> Any:
    numpy = importlib.import_module("numpy")
    items, columns, dtype = _TABLES[name]
    split = kwargs.get("test_split", 0.2)
    if name == "california_housing":
        split = args[2] if len(args) > 2 else split
        items = _SMALL_CALIFORNIA if (args[0] if args else kwargs.get("version")) == "small" else items
    else:
        split = args[1] if len(args) > 1 else split
    first_test = int(items * (1 - split))
    x, y = numpy.zeros((items, columns), dtype), numpy.zeros(items, dtype)
    return (x[:first_test], y[:first_test]), (x[first_test:], y[first_test:])
