"""Shapes and counts as the text that screens and reports show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.graph._types import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kerascope.graph._types import DataSpec, Fit, Layer, Model, Shape

__all__ = [
    "cut_middle",
    "failing_layer",
    "format_count",
    "format_data",
    "format_fit",
    "format_shape",
    "format_shapes",
    "reason_of",
    "title_of",
    "unknown_of",
]


_NOT_BUILT = "the model is not built: "


def format_shape(shape: Shape) -> str:
    """A shape as a Python tuple: `(None, 28, 28, 1)`, `(None,)`, `()`."""
    return repr(tuple(shape))


def format_shapes(shapes: Iterable[Shape]) -> str:
    """Several shapes, equal ones once, as Keras's own summaries join them: `(None, 4), (None, 8)`."""
    return ", ".join(dict.fromkeys(format_shape(shape) for shape in shapes))


def format_data(specs: Iterable[DataSpec]) -> str:
    """Arrays by shape and dtype, with their names where they have some: `(10, 4) float32`, `a (10, 4) float32`."""
    return ", ".join(
        " ".join(
            part
            for part in (spec.name, "?" if spec.shape is None else format_shape(spec.shape), spec.dtype)
            if part is not None
        )
        for spec in specs
    )


def format_fit(fit: Fit) -> str:
    """A training call in one line, its place left out.

    For example: `x (60000, 28, 28, 1) float32; y (60000, 10) float32; batch size 128, 5 epochs; EarlyStopping`.
    """
    arrays = (("x", fit.x), ("y", fit.y), ("sample weights", fit.weights), ("validation", fit.validation))
    parts = [f"{name} {format_data(specs)}" for name, specs in arrays if specs]
    if fit.kind not in ("arrays", "lists"):
        parts.insert(0, fit.kind)
    counts = [
        f"{word} {value:,}" if word == "batch size" else f"{value:,} {word if value != 1 else word[:-1]}"
        for word, value in (("batch size", fit.batch_size), ("epochs", fit.epochs), ("steps", fit.steps))
        if value is not None
    ]
    if counts:
        parts.append(", ".join(counts))
    if fit.callbacks:
        parts.append(", ".join(fit.callbacks))
    if fit.unknown is not None:
        parts.append(f"not checked: {fit.unknown}")
    return "; ".join(parts)


def reason_of(model: Model) -> str:
    """Why a model is not built, to stand behind `not built`: `: nothing tells the shape of its input`."""
    failing = failing_layer(model)
    if failing is not None:
        return f": calling {failing.name} fails, {failing.failure}"
    return f": {model.unknown.removeprefix(_NOT_BUILT)}" if model.unknown else ""


def failing_layer(model: Model) -> Layer | None:
    """The layer that keeps a model whose input is known from being built: another input shape would not help."""
    if not model.layers or model.layers[0].verdict is not Verdict.DECIDES:
        return None
    return next((layer for layer in model.layers if layer.failure is not None), None)


def unknown_of(layer: Layer, model: Model | None) -> str | None:
    """Why a layer's shapes are unknown; in a model that is not built the reason is the model's to tell."""
    if model is not None and not model.built and (layer.unknown or "").startswith(_NOT_BUILT):
        return f"the model is not built{reason_of(model)}"
    return layer.unknown


def format_count(count: int | None) -> str:
    """A count with thousands separators, the empty string when it is not known."""
    return "" if count is None else f"{count:,}"


def cut_middle(text: str, width: int, ellipsis: str = "…") -> str:
    """Shorten `text` to `width` cells by leaving out its middle, where names and shapes differ least.

    Args:
        text: Text of single-width characters.
        width: Cells there are; 0 gives the empty string.
        ellipsis: What stands for the part left out.
    """
    if len(text) <= width:
        return text
    if width <= len(ellipsis):
        return text[:width]
    kept = width - len(ellipsis)
    head = (kept + 1) // 2
    return text[:head] + ellipsis + text[len(text) - (kept - head) :]


def title_of(model: Model) -> str:
    """A model by the name its author knows it under, and Keras's own where that differs: `net = sequential_2`."""
    name = model.name or "model"
    return f"{model.variable} = {name}" if model.variable and model.variable != name else name
