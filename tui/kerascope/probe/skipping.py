"""Calls that looking must never make: training, predicting and writing models are recorded and skipped.

Saving is skipped for the same reason as training: a script that trains and saves would overwrite the weights it saved
last time with untrained ones, only because somebody looked at it.
"""

from __future__ import annotations

import functools
import importlib
import sys
from typing import TYPE_CHECKING, Any

from . import describe

if TYPE_CHECKING:
    from collections.abc import Callable

    from .adapters import Adapter
    from .places import Places
    from .recorder import Recorder

__all__ = ["Skipper"]

TRAINING = ("fit", "fit_generator", "train_on_batch")
EVALUATING = ("evaluate", "evaluate_generator", "test_on_batch")
PREDICTING = ("predict", "predict_generator", "predict_on_batch")
SAVING = ("save", "save_weights", "export")

DEFAULT_BATCH_SIZE = 32
"""Rows a predicted array has where the data's length cannot be told without reading it."""


class Skipper:
    """Replaces the methods, records each call, and answers with something the script can go on with."""

    def __init__(self, adapter: Adapter, recorder: Recorder, places: Places) -> None:
        self._adapter = adapter
        self._recorder = recorder
        self._places = places

    def install(self) -> None:
        """Replace the methods on Keras's own model class, the saving functions, and TensorFlow's checkpoints."""
        answers: dict[str, Callable[[Any, str, dict[str, Any]], Any]] = {}
        answers.update(dict.fromkeys(TRAINING, self._trained))
        answers.update(dict.fromkeys(EVALUATING, self._evaluated))
        answers.update(dict.fromkeys(PREDICTING, self._predicted))
        answers.update(dict.fromkeys(SAVING, self._saved))
        for name, answer in answers.items():
            original = getattr(self._adapter.model_class, name, None)
            if original is not None:
                setattr(self._adapter.model_class, name, self._method(name, original, answer))
        self._skip_save_functions()

    def _method(self, name: str, original: Any, answer: Callable[[Any, str, dict[str, Any]], Any]) -> Any:
        names = describe.parameters_of(type("_", (), {"__init__": original}))

        @functools.wraps(original)
        def skipped(model: Any, *args: Any, **kwargs: Any) -> Any:
            passed = {**dict(zip(names, args)), **kwargs}
            self._record(name, model, passed)
            return answer(model, name, passed)

        return skipped

    def _record(self, name: str, model: Any, passed: dict[str, Any]) -> None:
        place = self._places.user_place(sys._getframe(2))
        data = {key: describe.shapes_in(value) for key, value in passed.items() if key in ("x", "y")}
        self._recorder.skipped.append(
            {
                "method": name,
                "model": None if model is None else self._recorder.uid(model),
                "place": place,
                "sequence": self._recorder.next_sequence(),
                "data": data,
                "arguments": [[key, describe.text_of(value)] for key, value in passed.items()],
            }
        )

    # ------------------------------------------------------------------ answers

    def _trained(self, model: Any, name: str, passed: dict[str, Any]) -> Any:
        self._build_from(model, passed)
        if name == "train_on_batch":
            return self._scalars(model, passed)
        history = self._adapter.root.callbacks.History()
        epochs = passed.get("epochs", 1)
        epochs = epochs if isinstance(epochs, int) and 0 < epochs < 100_000 else 1
        keys = ["loss", *_metric_names(model)]
        if passed.get("validation_data") is not None or passed.get("validation_split"):
            keys += ["val_" + key for key in keys]
        history.history = {key: [float("nan")] * epochs for key in keys}
        history.epoch = list(range(epochs))
        history.params = {"epochs": epochs, "verbose": 0}
        if hasattr(history, "set_model"):
            history.set_model(model)
        model.history = history
        return history

    def _evaluated(self, model: Any, name: str, passed: dict[str, Any]) -> Any:
        self._build_from(model, passed)
        return self._scalars(model, passed)

    def _scalars(self, model: Any, passed: dict[str, Any]) -> Any:
        names = ["loss", *_metric_names(model)]
        if passed.get("return_dict"):
            return dict.fromkeys(names, float("nan"))
        return [float("nan")] * len(names) if len(names) > 1 else float("nan")

    def _predicted(self, model: Any, name: str, passed: dict[str, Any]) -> Any:
        self._build_from(model, passed)
        numpy = importlib.import_module("numpy")
        shapes = describe.shapes_in(passed.get("x"))
        rows = shapes[0][0] if shapes and shapes[0] and shapes[0][0] is not None else DEFAULT_BATCH_SIZE
        try:
            outputs = model.outputs
        except (AttributeError, ValueError):
            outputs = None
        shapes_out = [describe.shape_of(tensor) for tensor in outputs or ()]
        arrays = [
            numpy.zeros([rows, *(1 if size is None else size for size in shape[1:])], dtype="float32")
            for shape in shapes_out
            if shape
        ]
        if not arrays:
            return numpy.zeros((rows, 1), dtype="float32")
        return arrays[0] if len(arrays) == 1 else arrays

    def _saved(self, model: Any, name: str, passed: dict[str, Any]) -> None:
        return None

    def _build_from(self, model: Any, passed: dict[str, Any]) -> None:
        """Give a model that is not built yet the input its training would have given it."""
        data = passed.get("x", passed.get("generator"))
        if data is None or (self._adapter.built(model) and self._adapter.counts(model) is not None):
            return
        self._recorder.pretending = True
        try:
            inputs = self._symbolic(data)
            if inputs is not None:
                model(inputs)
        except Exception as error:
            # Training itself is not our business here: it would have failed in its own words, later.
            self._recorder.skipped[-1]["build_error"] = f"{type(error).__name__}: {error}"
        finally:
            self._recorder.pretending = False

    def _symbolic(self, data: Any) -> Any:
        """Inputs like the data, with an open batch dimension; `None` when the data does not tell without reading it."""
        spec = getattr(data, "element_spec", None)
        if spec is not None:
            data = spec[0] if isinstance(spec, tuple) else spec
        if isinstance(data, dict):
            inside = {key: self._symbolic(value) for key, value in data.items()}
            return None if any(value is None for value in inside.values()) else inside
        if isinstance(data, (list, tuple)) and data and all(describe.shape_of(item) is not None for item in data):
            return [self._symbolic(item) for item in data]
        shape = describe.shape_of(data)
        if not shape:
            return None
        dtype = getattr(data, "dtype", None)
        return self._adapter.root.Input(shape=shape[1:], dtype=str(getattr(dtype, "name", dtype) or "float32"))

    # ------------------------------------------------------------------ saving

    def _skip_save_functions(self) -> None:
        for name in ("save_model", "save_weights"):
            self._replace_everywhere(name, getattr(self._adapter.root.models, name, None))
        tensorflow = sys.modules.get("tensorflow")
        if tensorflow is None:
            return
        for owner, name in (
            (tensorflow.train.Checkpoint, "save"),
            (tensorflow.train.Checkpoint, "write"),
            (tensorflow.train.CheckpointManager, "save"),
            (tensorflow.saved_model, "save"),
        ):
            setattr(owner, name, self._function(f"{owner.__name__.split('.')[-1]}.{name}", getattr(owner, name)))

    def _replace_everywhere(self, name: str, original: Any) -> None:
        """Keras exports one function under several modules (`keras.models`, `keras.saving`, tf.keras's own)."""
        if original is None:
            return
        replacement = self._function(name, original)
        for module in list(sys.modules.values()):
            # vars(), not getattr: TensorFlow's lazy modules import themselves when asked for an attribute.
            if getattr(module, "__dict__", None) is not None and vars(module).get(name) is original:
                setattr(module, name, replacement)

    def _function(self, name: str, original: Any) -> Any:
        @functools.wraps(original)
        def skipped(*args: Any, **kwargs: Any) -> None:
            model = args[0] if args and isinstance(args[0], self._adapter.model_class) else None
            self._record(name, model, kwargs)

        return skipped


def _metric_names(model: Any) -> list[str]:
    """Names of the compiled metrics, as far as they are known before training."""
    names = []
    config = getattr(model, "_compile_metrics", None)
    metrics = getattr(config, "_user_metrics", None)
    if metrics is None:
        metrics = getattr(getattr(model, "compiled_metrics", None), "_user_metrics", None)
    flat: list[Any] = []
    _flatten(metrics, flat)
    for metric in flat:
        name = metric if isinstance(metric, str) else getattr(metric, "name", getattr(metric, "__name__", None))
        if isinstance(name, str):
            names.append(name)
    return names


def _flatten(structure: Any, found: list[Any]) -> None:
    if isinstance(structure, dict):
        for value in structure.values():
            _flatten(value, found)
    elif isinstance(structure, (list, tuple)):
        for item in structure:
            _flatten(item, found)
    elif structure is not None:
        found.append(structure)
