"""What each Keras makes of a file that an older one wrote: measured with Keras 3.15.1 and tf-keras 2.21."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kerascope.graph import FileIssue, SourceKind, clean_line, format_shape
from kerascope.shapes import Call, Invalid, Tensor, Unknown, as_shape, infer

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig, ModelConfig

__all__ = ["loader_issues"]


def loader_issues(
    config: ModelConfig, kind: SourceKind, version: str | None, *, layers_listed: bool = False
) -> list[FileIssue]:
    """What depends on which Keras loads a file.

    Args:
        config: The model.
        kind: The kind of file it stands in.
        version: Version of the Keras that wrote it, where the file says so.
        layers_listed: Whether the config of a Sequential is the bare list of its layers, as up to Keras 2.2.2.
    """
    wrote = f"Keras {version}" if version else f"Keras {config.generation}"
    if config.generation > 2:
        return []
    found = []
    if kind is SourceKind.HDF5 and config.kind == "sequential" and config.layers and not layers_listed:
        issue = _without_input(config, config.layers[0], wrote)
        if issue is not None:
            found.append(issue)
    refused = _refused_by_3(config, kind, layers_listed=layers_listed)
    if refused is not None:
        found.append(
            FileIssue(
                kind="generation",
                message=f"the file was written by {wrote}: {refused}",
                why="Keras 3 loads what it wrote itself, and HDF5 files of Keras 2 where every layer still takes the "
                "same arguments; what is shown here was read as data",
                model=clean_line(config.name) or None,
                fix="load it with tf-keras (TF_USE_LEGACY_KERAS=1), and save it again from there"
                if config.generation == 2
                else "build the model in code for today's Keras, and give its layers the weights of this file",
                certain=False,
            )
        )
    return found


def _without_input(config: ModelConfig, first: LayerConfig, wrote: str) -> FileIssue | None:
    """KS106: a Sequential without an InputLayer, as standalone Keras 2 wrote them, read from `batch_input_shape`.

    Keras 2 takes that as it stands. Keras 3 takes it for a shape without the batch dimension, and says nothing.
    """
    shape = as_shape(first.config.get("batch_input_shape"))
    if first.class_name == "InputLayer" or shape is None:
        return None
    longer = (None, *shape)
    try:
        infer(replace(first, generation=3), Call((Tensor(longer),)))
        theirs = f"Keras 3 silently makes it {format_shape(longer)}"
    except Invalid:
        theirs = f"Keras 3 makes it {format_shape(longer)}, which {clean_line(first.name)} refuses"
    except Unknown:
        return None
    return FileIssue(
        kind="loader",
        message=f"the model's input depends on who loads the file: Keras 2 makes it {format_shape(shape)}, {theirs}",
        why=f"{wrote} wrote no InputLayer, only batch_input_shape={format_shape(shape)} on the first layer, "
        f"{clean_line(first.name)}; Keras 3 takes that for a shape without the batch size and puts one before it",
        model=clean_line(config.name) or None,
        layer=clean_line(first.name),
        fix="load it with tf-keras (TF_USE_LEGACY_KERAS=1) and save it again, or rebuild it with keras.Input",
    )


def _refused_by_3(config: ModelConfig, kind: SourceKind, *, layers_listed: bool) -> str | None:
    """What of a file Keras 3.15 is known to refuse; `None` where it may load."""
    if config.generation < 2:
        return "neither tf-keras nor Keras 3 knows the arguments of Keras 1"
    if kind is SourceKind.SAVED_MODEL:
        return "load_model of Keras 3 takes no SavedModel"
    if kind is SourceKind.JSON:
        return "model_from_json of Keras 3 takes no JSON of an earlier Keras"
    if layers_listed:
        return "Keras 3 takes no Sequential whose config is a bare list of layers"
    named = next((layer.class_name for layer in config.layers if layer.class_name == "TFOpLambda"), None)
    if named is not None:
        return f"Keras 3 has no {named}, which stands for an operation on tensors"
    if kind is SourceKind.KERAS and config.kind == "functional":
        return "Keras 3 takes no functional .keras file of tf-keras"
    if kind is SourceKind.KERAS and any("batch_input_shape" in layer.config for layer in config.layers):
        return "Keras 3 refuses the batch_input_shape that it keeps"
    return None
