"""What was read of a saved file -> its inspection."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kerascope.configs import generation_of, parse_model
from kerascope.graph import (
    Argument,
    FileInfo,
    FileIssue,
    Inspection,
    Model,
    Note,
    Source,
    SourceKind,
    clean_line,
    cut_middle,
    format_count,
    format_shapes,
)
from kerascope.readers.saved._declared import Declares
from kerascope.readers.saved._graph import Built, build_model
from kerascope.readers.saved._loaders import loader_issues
from kerascope.readers.saved._suspects import suspects
from kerascope.readers.saved._weight_rows import (
    lora_numbers,
    rows_of_weights,
    weight_issues,
    with_layers,
    with_names,
    without_copies,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.configs import ModelConfig
    from kerascope.graph import Shape, Weight

__all__ = ["FilePart", "Understood", "inspection_of", "understand"]

MAX_TOLD = 3
"""Layers about which the same thing is said one by one."""
_ERRORS = 300
"""Characters of a reason that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePart:
    """What the reader of one format has found.

    Attributes:
        kind: The kind of file.
        format: The same in words.
        size: Bytes of it.
        config: The decoded JSON of the model's config; `None` where the file holds none.
        text: The same as it stands in the file.
        keras_version: Version of the Keras that wrote it, where the file says so.
        backend: Its backend, where the file says so.
        saved: When it was written, where the file says so.
        weights: The arrays in it.
        issues: What else was seen.
        facts: What else it says of itself.
        notes: What else is to be said, in sentences.
        no_config: Where there is no config: what the file is then, in one sentence.
        understood: What was made of the config, where that was done while the rest was read.
    """

    kind: SourceKind
    format: str
    size: int
    config: object = None
    text: str | None = None
    keras_version: str | None = None
    backend: str | None = None
    saved: str | None = None
    weights: tuple[Weight, ...] = ()
    issues: tuple[FileIssue, ...] = ()
    facts: tuple[Argument, ...] = ()
    notes: tuple[str, ...] = ()
    no_config: str | None = None
    understood: Understood | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """What a config alone tells.

    Attributes:
        generation: The Keras that wrote it, where anything tells.
        suspects: What in it is dangerous to load.
        config: The model; `None` where it describes none.
        built: Its graph.
        unreadable: Why it describes no model.
    """

    generation: int | None
    suspects: tuple[FileIssue, ...]
    config: ModelConfig | None = None
    built: Built | None = None
    unreadable: str = ""


def understand(
    config: object, keras_version: str | None, given: Sequence[tuple[str | None, Shape, str | None]] = ()
) -> Understood:
    """What a config tells: the larger part of the work, for which nothing but the config is needed.

    Args:
        config: The decoded JSON of the model's config.
        keras_version: Version of the Keras that wrote it, where the file says so.
        given: Input shapes for a model that the file gives none.
    """
    generation = generation_of(config, keras_version)
    found = tuple(suspects(config, what=""))
    try:
        # Without any other sign: Keras 3 signs every object with its module, and to_json() of Keras 2 signs none.
        signed = isinstance(config, dict) and "module" in config
        model = parse_model(config, generation or (3 if signed else 2))
    except ValueError as error:
        return Understood(generation, found, unreadable=str(error))
    declares = Declares(
        inputs_only=model.generation > 2,
        fills_in=model.generation < 2 or (keras_version or "2.0").startswith(("2.0", "2.1.")),
    )
    return Understood(generation, found, model, build_model(model, declares, given))


def inspection_of(path: str, part: FilePart, given: Sequence[tuple[str | None, Shape, str | None]] = ()) -> Inspection:
    """The inspection of a saved file, without findings.

    Args:
        path: The file, as it is shown.
        part: What was read of it.
        given: Input shapes for a model that the file gives none.
    """
    source = Source(path=path, kind=part.kind, executed=False)
    understood = part.understood
    if understood is None and part.config is not None:
        understood = understand(part.config, part.keras_version, given)
    info = FileInfo(
        format=part.format,
        size=part.size,
        generation=generation_of(None, part.keras_version) if understood is None else understood.generation,
        keras_version=part.keras_version,
        backend=part.backend,
        saved=part.saved,
        architecture=part.config is not None,
        facts=part.facts,
        text=part.text,
    )
    notes = tuple(Note(message=clean_line(sentence)) for sentence in part.notes)
    inspection = Inspection(source=source, file=info, weights=part.weights, issues=part.issues, notes=notes)
    if understood is None:
        if part.no_config:
            inspection = replace(inspection, notes=(*notes, Note(message=part.no_config)))
        return replace(inspection, models=rows_of_weights(part.weights))
    issues = [*part.issues, *understood.suspects]
    config, built = understood.config, understood.built
    if config is None or built is None:
        issues.append(_no_model(understood.unreadable))
        return replace(
            inspection,
            file=replace(info, architecture=False),
            models=rows_of_weights(part.weights),
            issues=tuple(issues),
        )
    issues += [_unreadable(sentence, config) for sentence in config.unreadable[:MAX_TOLD]]
    issues += _refused(built, config)
    issues += loader_issues(config, part.kind, part.keras_version, layers_listed=_layers_listed(part.config))
    models: tuple[Model, ...] = (built.model,)
    if not built.model.layers:
        models = (_with_weight_rows(built.model, part.weights),)
    weights = with_names(without_copies(with_layers(part.weights, models[0]), models[0]), built.weights)
    merged = lora_numbers(built.weights)
    issues += weight_issues(models[0], weights, merged)
    if merged and weights and not any("/lora_" in weight.name for weight in weights):
        message = f"save() merged the LoRA weights, {format_count(merged)} numbers, into the kernels that they adapt"
        notes = (*notes, Note(message=message))
    return replace(
        inspection,
        file=replace(info, declares=config.generation <= 2, generation=config.generation),
        models=models,
        weights=weights,
        issues=tuple(issues),
        notes=(*notes, *_differing(built)),
    )


def _layers_listed(data: object) -> bool:
    """Whether a Sequential's config is the bare list of its layers."""
    return isinstance(data, dict) and data.get("class_name") == "Sequential" and isinstance(data.get("config"), list)


def _with_weight_rows(model: Model, weights: Sequence[Weight]) -> Model:
    """A model whose layers are code: its rows are what it has weights for."""
    rows = rows_of_weights(weights)
    if not rows:
        return model
    reason = model.unknown or ""
    return replace(model, layers=tuple(replace(layer, unknown=reason) for layer in rows[0].layers))


def _no_model(why: str) -> FileIssue:
    return FileIssue(
        kind="malformed",
        message=f"the file's config describes no model: {cut_middle(clean_line(why), _ERRORS)}",
        why="a saved model has a config with class_name and config, as to_json() and save() of every Keras write it",
        fix="if it is something else, look into it with what wrote it; if it was cut or edited, save the model again",
    )


def _unreadable(sentence: str, config: ModelConfig) -> FileIssue:
    return FileIssue(
        kind="malformed",
        message=cut_middle(clean_line(sentence), _ERRORS),
        why="Keras writes no such config; the rest of it is shown as if this stood alone",
        model=clean_line(config.name) or None,
        certain=False,
    )


def _refused(built: Built, config: ModelConfig) -> list[FileIssue]:
    """Layers that Keras would refuse to call on what the file gives them."""
    # HDF5 and JSON of Keras 2 name a class without its module: one of the author's own may bear the name of Keras's.
    own = ", unless its class is the author's own and bears the name of one of Keras's"
    return [
        FileIssue(
            kind="malformed",
            message=f"{name} cannot be called as the file says: {cut_middle(reason, _ERRORS)}",
            why=f"Keras {config.generation} calls every layer again when it loads the file, and refuses this call{own}",
            model=built.model.name,
            layer=name,
            certain=False,
            fix="save the model again with the Keras that made it; if the file was edited, undo that",
        )
        for name, reason in built.invalid[:MAX_TOLD]
    ]


def _differing(built: Built) -> tuple[Note, ...]:
    """What the file states and what follows from its config, where both cannot be."""
    notes = [
        Note(
            message=f"{name}: the file states the input {format_shapes(stated)}, and the layers before it give "
            f"{format_shapes(inferred)} by our shape rules"
        )
        for name, stated, inferred in built.differing[:MAX_TOLD]
    ]
    more = len(built.differing) - MAX_TOLD
    if more > 0:
        notes.append(Note(message=f"and so {more:,} more layers"))
    return tuple(notes)
