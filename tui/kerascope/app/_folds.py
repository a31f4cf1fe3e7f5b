"""What is folded: the layers inside a nested model or block behind its one row. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kerascope.graph import Layer

__all__ = ["Choices", "FoldPath", "carried", "fold_paths", "folded_layers", "tree_of"]

FoldPath: TypeAlias = "tuple[str, ...]"
"""Names from the model down to a layer; a name that stands twice beside itself carries its number."""

Choices: TypeAlias = "Mapping[FoldPath, bool]"
"""What the reader folded (`True`) and unfolded (`False`)."""

_MANY_ROWS = 200
"""A model with more rows than this, in all, starts folded."""


def tree_of(layers: Sequence[Layer]) -> dict[str, str | None]:
    """The layer that each one is shown under; `None` at the top, and for a parent that stands later or nowhere."""
    tree: dict[str, str | None] = {}
    for layer in layers:
        tree[layer.id] = layer.parent if layer.parent in tree else None
    return tree


def fold_paths(model: str | None, layers: Sequence[Layer]) -> dict[str, FoldPath]:
    """Path of each layer by its id."""
    tree = tree_of(layers)
    paths: dict[str, FoldPath] = {}
    times: dict[FoldPath, int] = {}
    for layer in layers:
        parent = tree[layer.id]
        path = (*(paths[parent] if parent is not None else (model or "",)), layer.name)
        times[path] = times.get(path, 0) + 1
        paths[layer.id] = path if times[path] == 1 else (*path[:-1], f"{layer.name} ({times[path]})")
    return paths


def folded_layers(model: str | None, layers: Sequence[Layer], choices: Choices) -> frozenset[str]:
    """Ids of the layers that are folded: those chosen, and in a model of many rows all that were not unfolded."""
    parents = {parent for parent in tree_of(layers).values() if parent is not None}
    if not parents:
        return frozenset()
    many = len(layers) > _MANY_ROWS
    paths = fold_paths(model, layers)
    return frozenset(layer_id for layer_id in parents if choices.get(paths[layer_id], many))


def carried(choices: Choices, model: str | None, before: Sequence[Layer], now: Sequence[Layer]) -> dict[FoldPath, bool]:
    """The choices after another look.

    Names that Keras numbers change when a layer is added above. So where a chosen name is gone, the choice goes to the
    layer that is constructed on the same lines, if there is exactly one new one.
    """
    kept = dict(choices)
    if not kept:
        return kept
    old, new = fold_paths(model, before), fold_paths(model, now)
    gone = {path: layer_id for layer_id, path in old.items() if path in kept and path not in set(new.values())}
    if not gone:
        return kept
    old_lines, new_lines = _lines(before), _lines(now)
    known = set(old.values())
    fresh: dict[tuple[int | None, ...], list[str]] = {}
    for layer_id, lines in new_lines.items():
        if new[layer_id] not in known:
            fresh.setdefault(lines, []).append(layer_id)
    for path, layer_id in gone.items():
        like = fresh.get(old_lines[layer_id], [])
        if len(like) == 1 and None not in old_lines[layer_id]:
            kept[new[like[0]]] = kept[path]
    return kept


def _lines(layers: Sequence[Layer]) -> dict[str, tuple[int | None, ...]]:
    """Construction lines from the top down to each layer."""
    tree = tree_of(layers)
    lines: dict[str, tuple[int | None, ...]] = {}
    for layer in layers:
        parent = tree[layer.id]
        own = layer.location.line if layer.location is not None else None
        lines[layer.id] = (*(lines[parent] if parent is not None else ()), own)
    return lines
