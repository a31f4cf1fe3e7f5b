"""What a saved file is and holds, besides its models: plain data, like all of the graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kerascope.graph._types import Argument

__all__ = ["FileInfo", "FileIssue", "Weight", "WeightStats"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInfo:
    """What a saved file is, as it says itself; nothing in it was executed to know it.

    Attributes:
        format: What kind of file, in words: `Keras archive (.keras)`, `HDF5 model`, `SavedModel`, ...
        size: Bytes of the file, or of all files of a directory.
        generation: The Keras that wrote it: 1, 2 or 3; `None` where it does not say and nothing tells.
        keras_version: Version of the Keras that wrote it, where it says so.
        backend: The backend it was written with, where it says so.
        saved: When it was written, where it says so.
        declares: Whether the format keeps what the author declared; else declarations are not recorded by it.
        architecture: Whether the file says what the layers are; a weights-only file does not.
        facts: What else it says, as label and value: signatures, op counts, training config, ...
        text: The config as it stands in the file, as long as it is and not cleaned: whoever shows it does that; `None`
            where there is none.
    """

    format: str
    size: int
    generation: int | None = None
    keras_version: str | None = None
    backend: str | None = None
    saved: str | None = None
    declares: bool = False
    architecture: bool = True
    facts: tuple[Argument, ...] = ()
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileIssue:
    """Something about a saved file that a user should know before trusting it.

    Attributes:
        kind: `executable` (it carries or names code), `reference` (it points at something outside of itself),
            `malformed` (it is not as its format says, or exceeds a bound), `weights` (NaN or Inf in a weight), `loader`
            (Keras 2 and Keras 3 would make different shapes of it) or `generation` (another Keras cannot load it).
        message: What was found, with the values, in one sentence.
        why: What that means: what loading it would do, or what the format says.
        where: The place in the file: `config.layers[3].config.function`, `model.weights.h5/layers/dense/vars/0`.
        model: The model's name, where it is about one.
        layer: The layer's name, where it is about one.
        fix: What to do, where there is something.
        certain: False where it only may be so: the class may be the user's own and harmless.
    """

    kind: str
    message: str
    why: str
    where: str = ""
    model: str | None = None
    layer: str | None = None
    fix: str | None = None
    certain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightStats:
    """Statistics of the numbers in one weight, over those that are finite.

    Attributes:
        count: Numbers, all of them.
        minimum, maximum, mean, std: In float64 (std with `ddof=0`, as `numpy.std`); `None` where no number is finite.
        zeros: Numbers equal to zero.
        nans: Numbers that are NaN.
        infs: Numbers that are infinite.
        histogram: Counts in equal bins from `minimum` to `maximum`; empty where no number is finite.
    """

    count: int
    minimum: float | None
    maximum: float | None
    mean: float | None
    std: float | None
    zeros: int
    nans: int
    infs: int
    histogram: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """One array of weights in a saved file.

    Attributes:
        path: Where it is in the file (`layers/dense/vars/0`, `dense/dense/kernel:0`); unique in an inspection.
        name: The same as people say it: `dense/kernel`, `dense/vars/0`.
        shape: Its sizes; it has no batch dimension.
        dtype: Its type as NumPy calls it; `bfloat16` and the like by their own names.
        size: Bytes of the numbers.
        layer: Name of the layer whose weight it is, where the file tells.
        group: What it is part of: `model`, `optimizer`, or `other`: metrics, counters, tables, copies.
        unreadable: Why its numbers cannot be read, where they cannot.
        stats: Its statistics, once they were asked for.
    """

    path: str
    name: str
    shape: tuple[int, ...]
    dtype: str
    size: int
    layer: str | None = None
    group: str = "model"
    unreadable: str | None = None
    stats: WeightStats | None = None
