"""Saved models, loaded by Keras's own loader; nothing they carry is executed unless they are trusted."""

from __future__ import annotations

import json
import os
import re
import zipfile
from typing import TYPE_CHECKING, Any

from ..choosing import is_model
from .errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..adapters import Adapter

__all__ = ["load_saved"]

LAMBDA = re.compile(rb'"class_name"\s*:\s*"Lambda"')
"""How a layer that carries code stands in the JSON inside HDF5 files, SavedModels and configs."""

CHUNK = 1 << 20
HDF5 = b"\x89HDF\r\n\x1a\n"

_FOREIGN = re.compile(
    r"Unknown (?:layer|object|loss function|metric function|optimizer)[^:]*: '?\"?(?P<a>[\w>.]+)"
    r"|Cannot deserialize object of type `(?P<c>[\w>.]+)`"
    r"|Could not locate (?:class|function) '(?P<b>[\w>.]+)'"
)


def load_saved(path: str, adapter: Adapter, *, trust: bool, say: Callable[[str], None]) -> Any:
    """Load a `.keras` or HDF5 file, a SavedModel directory or a JSON config, compiled as it was where that is kept.

    Args:
        path: The file or directory.
        adapter: The Keras generation whose loader is used.
        trust: Whether code in it (Lambda layers) may be executed.
        say: Takes sentences that the user should know.

    Raises:
        SetupError: Keras cannot load it; the text says why and what to do.
    """
    kind = _kind(path)
    if kind == "SavedModel" and adapter.generation == 3:
        raise SetupError(
            f"{path} is a SavedModel, which Keras 3 cannot train: use --keras 2, or save the model as a .keras file"
        )
    if not trust and kind != ".keras" and _carries_code(path):
        raise SetupError(
            f"{path} has a Lambda layer, whose Python code would be executed; give --trust if you know where it is from"
        )
    try:
        model = _load(path, kind, adapter, trust=trust, say=say)
    except Exception as error:
        # Whatever Keras's loader raises, a file that cannot be loaded is the user's to replace.
        raise SetupError(_words(path, adapter, error)) from error
    if not is_model(adapter, model):
        raise SetupError(f"{path} is a SavedModel without a Keras model in it: it can be served, but not trained")
    if adapter.generation == 3:
        _renew_optimizer(model, path, say)
    return model


def _renew_optimizer(model: Any, path: str, say: Callable[[str], None]) -> None:
    """Give a model a new optimizer where Keras 3 has restored one that does not know the model's variables.

    Keras 3.15 does so for every Sequential in an HDF5 file; its `fit` then raises "Unknown variable".
    """
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None or not optimizer.built:
        return
    known = {id(variable) for variable in getattr(optimizer, "_trainable_variables", ())}
    if all(id(variable) in known for variable in model.trainable_variables):
        return
    kept = dict(model._compile_config.config)
    model.compile(**{**kept, "optimizer": type(optimizer).from_config(optimizer.get_config())})
    say(f"Keras restores the state of the optimizer in {os.path.basename(path)} wrongly: it begins anew")


def _kind(path: str) -> str:
    if os.path.isdir(path):
        return "SavedModel"
    try:
        with open(path, "rb") as file:
            head = file.read(8)
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}") from error
    if head.startswith(b"PK"):
        return ".keras"
    if head == HDF5:
        return "HDF5"
    if head.lstrip()[:1] in (b"{", b"["):
        return "JSON"
    raise SetupError(f"{path} is no .keras file, HDF5 file, SavedModel or JSON config: there is no model to train")


def _load(path: str, kind: str, adapter: Adapter, *, trust: bool, say: Callable[[str], None]) -> Any:
    models = adapter.root.models
    if kind == "JSON":
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if trust:
            _allow_code(adapter)
        say(f"{os.path.basename(path)} holds no weights: training begins from new ones")
        return models.model_from_json(text)
    # Keras 2 looks at the ending, not into the file.
    options = {} if kind == "SavedModel" else {"safe_mode": not trust}
    try:
        return models.load_model(path, **options)
    except Exception as error:
        try:
            model = models.load_model(path, compile=False, **options)
        except Exception:
            # Without its compilation neither: the first error is the one to tell.
            raise error from None
        say(f"the compilation in {os.path.basename(path)} cannot be loaded and is left out: {_first(error)}")
        return model


def _allow_code(adapter: Adapter) -> None:
    config = getattr(adapter.root, "config", None)
    enable = getattr(config, "enable_unsafe_deserialization", None)
    if enable is None:
        enable = adapter.root.__internal__.enable_unsafe_deserialization
    enable()


def _carries_code(path: str) -> bool:
    """Whether a Lambda layer stands in the file: some loaders of Keras execute it without a word."""
    if os.path.isdir(path):
        path = os.path.join(path, "keras_metadata.pb")
        if not os.path.exists(path):
            return False
    before = b""
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            if LAMBDA.search(before + chunk):
                return True
            before = chunk[-64:]
    return False


def _words(path: str, adapter: Adapter, error: BaseException) -> str:
    text = " ".join(str(error).split())
    name = os.path.basename(path)
    foreign = _FOREIGN.search(text)
    if "Lambda" in text and ("safe_mode" in text or "arbitrary code" in text):
        return (
            f"{name} has a Lambda layer, whose Python code would be executed; give --trust if you know where it is from"
        )
    said = f"Keras {adapter.version} cannot load {name}"
    writer = _writer(path)
    if writer is not None and writer != adapter.generation:
        return f"{said}: it was written by Keras {writer}; use --keras {writer}"
    if foreign is not None:
        thing = (foreign.group("a") or foreign.group("b") or foreign.group("c")).rsplit(">", 1)[-1]
        return (
            f"{said}: it needs {thing}, which is defined in a program; train a program that defines it and loads the "
            f"file (keras.models.load_model), instead of the file itself"
        )
    other = 5 - adapter.generation
    return f"{said}: {_first(error)} If it was written by Keras {other}, use --keras {other}."


def _writer(path: str) -> int | None:
    """The generation of Keras that wrote a `.keras` file, `None` where that is not known."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("metadata.json") as file:
            version = str(json.load(file)["keras_version"])
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError):
        return None
    return 3 if version.startswith("3") else 2


def _first(error: BaseException) -> str:
    """The first sentence of an error."""
    text = " ".join(str(error).split()) or type(error).__name__
    end = text.find(". ")
    return (text if end < 0 else text[: end + 1])[:300]
