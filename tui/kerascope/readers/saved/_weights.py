"""The arrays of an HDF5 file as weights: whose they are, by what each generation of Keras writes beside them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerascope.graph import Weight, clean_line
from kerascope.readers.saved._limits import MAX_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence, Set

__all__ = ["Array", "name_weights"]

_MODEL = "model_weights"
_OPTIMIZER = "optimizer_weights"
_TOP = "top_level_model_weights"
_LISTS = ("layers", "_layer_checkpoint_dependencies")
"""What a store of Keras 3, and one of Keras 2, calls the list of a model's layers."""
_ASIDE = ("optimizer", "metrics")
"""What a compiled model keeps beside its layers."""
_FREQUENCIES = "idf_weights"
"""How rare each word is, which lookup layers of Keras 3 keep, and TextVectorization twice; no parameter of a model."""


@dataclass(frozen=True, slots=True)
class Array:
    """An array as the child tells of it, not yet named.

    Attributes:
        path: Where it is.
        shape: Its sizes.
        dtype: Its type.
        nbytes: Bytes of its numbers.
        unreadable: Why these cannot be read; `None` where they can.
    """

    path: str
    shape: tuple[int, ...]
    dtype: str
    nbytes: int
    unreadable: str | None


def name_weights(arrays: Sequence[Array], owners: Set[str], names: Mapping[str, str]) -> tuple[Weight, ...]:
    """The weights of a file, in its order; each with the layer it belongs to, where the file tells.

    Full models and weights of Keras 1 and 2, and `.h5` of Keras 3, have a group for each layer, named like it, with an
    attribute `weight_names` (`keras/src/legacy/saving/legacy_h5_format.py`). Stores of Keras 3, and of `.keras` by
    Keras 2, have `vars` groups at the path of the object that owns them (`layers/conv2d_1/vars`): by class and number,
    not by name; Keras 3.15 leaves an attribute `name` there that tells it (`saving_lib._save_state`), tf-keras none.
    The layer is then the innermost one that stands in a list of layers. Files of the first kind tell the outermost.

    Args:
        arrays: What is in the file.
        owners: Paths of the groups that list the weights of a layer.
        names: Names of the owners of `vars` groups, by path (`layers/conv2d_1`).
    """
    named: list[Weight] = []
    used = {array.path for array in arrays}
    times: Counter[str] = Counter()
    for array in arrays:
        path = array.path
        name, layer, group = _legacy(path, owners) or _store(path, names)
        shown, unreadable = _clean(path), array.unreadable
        if shown != path:
            # It could not be asked for by what is shown of it.
            unreadable = unreadable or "its name has characters that are not shown"
            shown = _numbered(shown, used, times)
        named.append(
            Weight(
                path=shown,
                name=_clean(name),
                shape=array.shape,
                dtype=array.dtype,
                size=array.nbytes,
                layer=None if layer is None else _clean(layer),
                group=group,
                unreadable=unreadable,
            )
        )
    return tuple(named)


def _numbered(path: str, used: set[str], times: Counter[str]) -> str:
    """A path that no other array has: a number is put behind it where that is needed."""
    numbered = path
    while numbered in used:
        times[path] += 1
        numbered = f"{path}~{times[path]}"
    used.add(numbered)
    return numbered


def _clean(name: str) -> str:
    return clean_line(name.encode("utf-8", "replace").decode())[:MAX_NAME]


def _legacy(path: str, owners: Set[str]) -> tuple[str, str | None, str] | None:
    """Name, layer and group in a file with a group for each layer; `None` in any other."""
    if path.startswith(_OPTIMIZER + "/"):
        return _without_number(path.removeprefix(_OPTIMIZER + "/")), None, "optimizer"
    parts = path.split("/")
    owner = next((each for each in ("/".join(parts[:end]) for end in range(1, len(parts))) if each in owners), None)
    if owner is None:
        return None
    layer = owner.removeprefix(_MODEL + "/")
    inside = _without_number(path[len(owner) + 1 :])
    if layer == _TOP:
        return inside, None, "model"
    # `sequential/dense/kernel` of the layer `dense`, `dense/kernel` of the nested model `inner`, Keras 1's `dense_1_W`.
    at = f"/{inside}".find(f"/{layer}/")
    return (inside[at:] if at >= 0 else f"{layer}/{inside}"), layer, "model"


def _without_number(name: str) -> str:
    """A name without the number that TensorFlow adds for the output of an operation (`kernel:0`)."""
    stem, colon, number = name.rpartition(":")
    return stem if colon and number.isdigit() else name


def _store(path: str, names: Mapping[str, str]) -> tuple[str, str | None, str]:
    """Name, layer and group in a store of `vars` groups."""
    parts = path.split("/")
    group = "model"
    for outer, part in zip(("", *parts), parts[:-1], strict=False):
        # A compiled model inside another keeps its own: `layers/sequential/optimizer/vars/0`, as GANs have it.
        if part in _ASIDE and outer not in _LISTS:
            group = part
            break
    if "seed_generator" in parts[:-1]:
        group = "seed"
    if parts[-1] == _FREQUENCIES and group == "model":
        group = "other"
    shown: list[str] = []
    layer = None
    for number, part in enumerate(parts):
        if part in _LISTS and number < len(parts) - 1:
            continue
        if number and parts[number - 1] in _LISTS:
            layer = names.get("/".join(parts[: number + 1]))
            shown.append(layer or part)
        else:
            shown.append(part)
    return "/".join(shown), layer, group
