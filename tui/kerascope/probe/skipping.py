"""Calls that looking must never make: training, predicting and writing models are recorded and skipped.

Saving is skipped for the same reason as training: a script that trains and saves would overwrite the weights it saved
last time with untrained ones, only because somebody looked at it.
"""

from __future__ import annotations

import functools
import importlib
import os
import sys
from typing import TYPE_CHECKING, Any

from . import describe
from .fitting import Fitting
from .given import Spec, given_to, summary

if TYPE_CHECKING:
    from collections.abc import Callable

    from .adapters import Adapter
    from .given import Given
    from .places import Places
    from .recorder import Recorder
    from .sparing import SparedFiles

__all__ = ["Skipper", "metric_names", "replace_everywhere"]

TRAINING = ("fit", "fit_generator", "train_on_batch")
EVALUATING = ("evaluate", "evaluate_generator", "test_on_batch")
PREDICTING = ("predict", "predict_generator", "predict_on_batch")
SAVING = ("save", "save_weights", "export")

BATCH_SIZE = 32
"""Keras's default batch size: rows of a batch where the data does not tell without being read."""

MAX_EPOCHS = 100_000
"""Epochs for which an empty history is made; a script that asks for more stops its training otherwise."""


_ONE_FILE = (".keras", ".h5", ".hdf5")
"""Ends of the names of saved models that are one file."""

MAX_PATH = 4096
"""Bytes of a path (Linux's PATH_MAX)."""

_MARK = "kerascope has not saved "
"""What stands in the file of a model whose saving was skipped, before the path; also in a copy of it."""

MAX_KINDS = 8
"""Calls with data of different shapes that are kept for one line."""


class Skipper:
    """Replaces the methods, records each call, and answers with something the script can go on with.

    What training would have measured is 0.0: a number that a script can format, compare and stop at.

    Args:
        adapter: The Keras generation.
        recorder: Knows the models, and keeps the records of the calls.
        places: Tells where in the user's code a call stands.
        files: Told that answers follow which no training has computed, and of files that are not saved.
    """

    def __init__(self, adapter: Adapter, recorder: Recorder, places: Places, files: SparedFiles) -> None:
        self._adapter = adapter
        self._files = files
        self._recorder = recorder
        self._places = places
        self._records: dict[Any, dict[Any, dict[str, Any]]] = {}
        self._saved: dict[str, Any] = {}
        self._fitting = Fitting(adapter, recorder)
        self._names: dict[int | None, list[str] | None] = {}

    def install(self) -> None:
        """Replace the methods on Keras's own model class, the saving functions, and TensorFlow's checkpoints."""
        answers: dict[str, Callable[[Any, str, dict[str, Any]], Any]] = {}
        answers.update(dict.fromkeys(TRAINING, self._trained))
        answers.update(dict.fromkeys(EVALUATING, self._evaluated))
        answers.update(dict.fromkeys(PREDICTING, self._predicted))
        answers.update(dict.fromkeys(SAVING, self._remember))
        for name, answer in answers.items():
            original = getattr(self._adapter.model_class, name, None)
            if original is not None:
                setattr(self._adapter.model_class, name, self._method(name, original, answer))
        self._replace_loading()
        self._skip_save_functions()

    def _method(self, name: str, original: Any, answer: Callable[[Any, str, dict[str, Any]], Any]) -> Any:
        names = describe.parameters_of(type("_", (), {"__init__": original}))

        @functools.wraps(original)
        def skipped(model: Any, *args: Any, **kwargs: Any) -> Any:
            passed = {**dict(zip(names, args)), **kwargs}
            if name in SAVING:
                self._say(self._record(name, model, passed))
                return answer(model, name, passed)
            self._files.note_skipped()
            self._data_call(name, model, passed)
            return answer(model, name, passed)

        return skipped

    def _data_call(self, name: str, model: Any, passed: dict[str, Any]) -> None:
        """Record what a model was given, let it be built by that, and find out what training would do with it."""
        waiting = self._adapter.counts(model) is None
        shapes = str([describe.shapes_in(passed.get(part)) for part in ("x", "y")])
        record = self._record(name, model, passed, shapes)
        if record["count"] > 1 and not waiting:
            return
        given = self._given(name, passed, peek=waiting)
        if record["count"] == 1:
            record["fit"] = summary(self._adapter.generation, passed, given)
            self._say(record)
        if waiting:
            self._build_from(model, given, record)
        if record["count"] == 1:
            self._check(record, name, model, passed, given)
            self._recorder.tell_models()

    def _given(self, name: str, passed: dict[str, Any], *, peek: bool) -> Given:
        """What a call was given; its arguments are called differently in the older methods."""
        data = passed.get("x", passed.get("generator"))
        predicting = name in PREDICTING
        return given_to(
            self._adapter,
            data,
            None if predicting else passed.get("y"),
            None if predicting else passed.get("sample_weight"),
            peek=peek,
            only_inputs=predicting,
        )

    def _check(self, record: dict[str, Any], name: str, model: Any, passed: dict[str, Any], given: Given) -> None:
        validation = None
        data = passed.get("validation_data")
        if name in TRAINING and data is not None:
            x, y, weights = (*data, None, None)[:3] if isinstance(data, (tuple, list)) else (data, None, None)
            validation = given_to(self._adapter, x, y, weights, peek=False)
        facts = self._fitting.facts(name, model, passed, given, validation)
        self._names[record["model"]] = facts.pop("names", None)
        record["fit"].update(facts)

    def _record(self, name: str, model: Any, passed: dict[str, Any], shapes: str = "") -> dict[str, Any]:
        """Note a call, once for each line, model and kind of data; what came before is only counted."""
        place = self._places.user_place(sys._getframe(2))
        uid = None if model is None else self._recorder.uid(model)
        line = (name, uid, place and (place["path"], place["line"]))
        kinds = self._records.setdefault(line, {})
        # Compiled anew, the same line trains towards something else.
        attribute = "_compile_loss" if self._adapter.generation == 3 else "compiled_loss"
        compiled = id(getattr(model, attribute, None))
        record = kinds.get((shapes, compiled))
        if record is None and len(kinds) >= MAX_KINDS:
            record = next(iter(kinds.values()))
        if record is not None:
            # A training loop of the user's own comes here thousands of times.
            record["count"] += 1
            return record
        record = kinds[shapes, compiled] = {
            "method": name,
            "model": uid,
            "place": place,
            "count": 1,
            "arguments": [[key, describe.text_of(value)] for key, value in passed.items()],
        }
        self._recorder.skipped.append(record)
        return record

    def _say(self, record: dict[str, Any]) -> None:
        """Tell the log of a call that is new."""
        if record["count"] == 1:
            place = record["place"]
            where = f"line {place['line']}: " if place else ""
            _say(f"{where}{record['method']} was skipped{_about(record.get('fit'))}")
            if "fit" not in record:
                self._recorder.tell_models()

    # ------------------------------------------------------------------ answers

    def _trained(self, model: Any, name: str, passed: dict[str, Any]) -> Any:
        if name == "train_on_batch":
            return self._scalars(model, passed)
        epochs = passed.get("epochs", 1)
        epochs = epochs if isinstance(epochs, int) and 0 < epochs < MAX_EPOCHS else 1
        keys = self._measures(model)
        if self._adapter.generation == 3:
            keys.sort()  # as Keras 3 does with everything it logs
        if passed.get("validation_data") is not None or passed.get("validation_split"):
            keys += ["val_" + key for key in keys]
        callbacks = self._adapter.root.callbacks
        history = callbacks.History()
        history.history = _Measured({key: [0.0] * epochs for key in keys})
        history.epoch = list(range(epochs))
        history.params = {"epochs": epochs, "verbose": 0}
        callbacks.Callback.set_model(history, model)
        model.history = history
        self._begin(passed.get("callbacks"), model, history.params)
        return history

    def _begin(self, callbacks: Any, model: Any, params: dict[str, Any]) -> None:
        """Give callbacks what training gives them first; a script may read their attributes afterwards."""
        base = self._adapter.root.callbacks.Callback
        for callback in callbacks if isinstance(callbacks, (list, tuple)) else [callbacks]:
            if not isinstance(callback, base):
                continue
            if self._places.owner(describe.file_of(type(callback))) == "user":
                callback.set_params(params)
                callback.set_model(model)
                callback.on_train_begin()
            else:
                # Keras's own may open files when they are given a model.
                base.set_model(callback, model)
            if isinstance(getattr(callback, "filepath", None), (str, os.PathLike)):
                self._keep(callback.filepath, model)

    def _evaluated(self, model: Any, name: str, passed: dict[str, Any]) -> Any:
        return self._scalars(model, passed)

    def _scalars(self, model: Any, passed: dict[str, Any]) -> Any:
        names = self._measures(model)
        if passed.get("return_dict"):
            return _Measured(dict.fromkeys(names, 0.0))
        return [0.0] * len(names) if len(names) > 1 else 0.0

    def _predicted(self, model: Any, name: str, passed: dict[str, Any]) -> Any:
        numpy = importlib.import_module("numpy")
        rows = _rows(passed.get("x", passed.get("generator")), passed)

        def zeros(shape: list[int | None]) -> Any:
            return numpy.zeros([rows, *(1 if size is None else size for size in shape[1:])], dtype="float32")

        structure = self._adapter.output_structure(model)
        if isinstance(structure, dict):
            return {key: zeros(describe.shape_of(tensor) or [None]) for key, tensor in structure.items()}
        record = self._recorder.record_of(model)
        shapes = describe.shapes_in(structure)
        if not shapes and record is not None and record.calls:
            shapes = record.calls[-1].outputs
        arrays = [zeros(shape) for shape in shapes] or [zeros([None, 1])]
        return arrays[0] if len(arrays) == 1 else arrays

    def _measures(self, model: Any) -> list[str]:
        """Names under which training would measure."""
        names = self._names.get(self._recorder.uid(model))
        if names is None:
            return ["loss", *metric_names(model)]
        return names + [name for name in _own_metric_names(model) if name not in names]

    def _build_from(self, model: Any, given: Given, record: dict[str, Any]) -> None:
        """Give a model that is not built yet the input its training would have given it."""
        self._recorder.pretending = True
        try:
            inputs = self._symbolic(given.x)
            if inputs is not None:
                model(inputs)
        except Exception as error:
            # Training itself is not our business here: it would have failed in its own words, later.
            record["build_error"] = f"{type(error).__name__}: {error}"
        finally:
            self._recorder.pretending = False

    def _symbolic(self, data: Any) -> Any:
        """Inputs like the data, with an open batch dimension; `None` when there is nothing to tell them from."""
        if isinstance(data, dict):
            inside = {key: self._symbolic(value) for key, value in data.items()}
            return None if any(value is None for value in inside.values()) else inside
        if isinstance(data, (list, tuple)) and data:
            inputs = [self._symbolic(item) for item in data]
            return None if any(item is None for item in inputs) else inputs
        if not isinstance(data, Spec) or not data.shape:
            return None
        dtype = "string" if data.dtype == "str" else data.dtype or "float32"
        return self._adapter.root.Input(shape=data.shape[1:], dtype=dtype)

    # ------------------------------------------------------------------ saving and loading

    def _remember(self, model: Any, name: str, passed: dict[str, Any]) -> None:
        """Keep what would have been written where: the script may read it again."""
        path = next(iter(passed.values()), None)
        if isinstance(path, (str, os.PathLike)):
            self._keep(path, model)

    def _keep(self, path: Any, model: Any) -> None:
        key = _key(path)
        self._saved[key] = model
        if key.endswith(_ONE_FILE) and "{" not in key:
            # A script asks for its size, copies it, or finds it in a listing.
            self._files.pretend(self._files.key(key, follow=True), _MARK + key)

    def _replace_loading(self) -> None:
        """Give back what was "saved" in this look; anything else is loaded as always."""
        model_class = self._adapter.model_class
        load_weights = model_class.load_weights
        load_model = self._adapter.root.models.load_model

        @functools.wraps(load_weights)
        def weights(model: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
            if self._saved_at(filepath) is not None:
                return None
            return load_weights(model, filepath, *args, **kwargs)

        @functools.wraps(load_model)
        def whole(filepath: Any, *args: Any, **kwargs: Any) -> Any:
            saved = self._saved_at(filepath)
            return load_model(filepath, *args, **kwargs) if saved is None else saved

        model_class.load_weights = weights
        replace_everywhere("load_model", load_model, whole)

    def _saved_at(self, path: Any) -> Any:
        """The model that was "saved" at a path, or in a file that was copied there; `None` where none was."""
        if not isinstance(path, (str, os.PathLike)):
            return None
        key = _key(path)
        if key not in self._saved:
            try:
                with open(path, "rb") as file:
                    key = os.fsdecode(file.read(len(_MARK) + MAX_PATH)).partition(_MARK)[2]
            except (OSError, ValueError):
                return None  # loading says what is wrong
        return self._saved.get(key)

    def _skip_save_functions(self) -> None:
        for name in ("save_model", "save_weights"):
            original = getattr(self._adapter.root.models, name, None)
            if original is not None:
                replace_everywhere(name, original, self._function(name, original))
        tensorflow = sys.modules.get("tensorflow")
        if tensorflow is None:
            return
        for owner, name in (
            (tensorflow.train.Checkpoint, "save"),
            (tensorflow.train.Checkpoint, "write"),
            (tensorflow.train.CheckpointManager, "save"),
            (tensorflow.saved_model, "save"),
        ):
            full = f"{owner.__name__.split('.')[-1]}.{name}"
            setattr(owner, name, self._function(full, getattr(owner, name)))

    def _function(self, name: str, original: Any) -> Any:
        @functools.wraps(original)
        def skipped(*args: Any, **kwargs: Any) -> None:
            model = args[0] if args and isinstance(args[0], self._adapter.model_class) else None
            self._say(self._record(name, model, kwargs))
            if model is not None:
                self._remember(model, name, dict(enumerate(args[1:])) or kwargs)  # type: ignore[arg-type]

        return skipped


class _Measured(dict):  # type: ignore[type-arg]
    """What training would have measured; keys that only training itself makes are there when asked for."""

    def __missing__(self, key: Any) -> Any:
        if not isinstance(key, str):
            raise KeyError(key)
        values = self[key] = next((list(value) if isinstance(value, list) else value for value in self.values()), 0.0)
        return values


def replace_everywhere(name: str, original: Any, replacement: Any) -> None:
    """Keras exports one function under several modules (`keras.models`, `keras.saving`, tf.keras's own)."""
    for module in list(sys.modules.values()):
        # vars(), not getattr: TensorFlow's lazy modules import themselves when asked for an attribute.
        if getattr(module, "__dict__", None) is not None and vars(module).get(name) is original:
            setattr(module, name, replacement)


def _about(facts: dict[str, Any] | None) -> str:
    """The data of a call in a few words, for the log: `: x (10, 4) float64; y (10,) float32; batch size 32`."""
    if facts is None:
        return ""
    parts = [f"{part} {_texts(facts[part])}" for part in ("x", "y", "weights") if facts[part]]
    parts += [f"{facts['kind']}"] if facts["kind"] not in ("arrays", "lists") else []
    parts += [f"batch size {facts['batch_size']}"] if facts["batch_size"] else []
    parts += [f"{facts['epochs']} epochs"] if facts["epochs"] else []
    return ": " + "; ".join(parts) if parts else ""


def _texts(entries: list[Any]) -> str:
    return ", ".join(f"{tuple(shape) if shape is not None else '?'} {dtype or '?'}" for _, shape, dtype in entries)


def _say(text: str) -> None:
    """A line in the log, where the script's own output stands."""
    try:
        sys.stdout.flush()
        os.write(2, f"[kerascope] {text}\n".encode("utf-8", "replace"))
    except (OSError, ValueError, AttributeError):
        return  # The file has closed or replaced its output; then there is no log to say it in.


def _key(path: Any) -> str:
    return str(os.path.abspath(os.fspath(path)))


def _rows(data: Any, passed: dict[str, Any]) -> int:
    """Rows of a prediction, without reading the data."""
    shapes = describe.shapes_in(data)
    if shapes and shapes[0] and shapes[0][0] is not None and not hasattr(data, "element_spec"):
        return shapes[0][0]
    batch = passed.get("batch_size") or getattr(data, "batch_size", None) or _batch_of(data) or BATCH_SIZE
    steps = passed.get("steps")
    if steps is None:
        try:
            steps = len(data)
        except TypeError:
            steps = 1  # a generator, or a data set of unknown length
    return int(steps) * int(batch)


def _batch_of(data: Any) -> int | None:
    """Rows of one batch of a tf.data data set, where its specification fixes them."""
    shapes = describe.shapes_in(getattr(data, "element_spec", None))
    return shapes[0][0] if shapes and shapes[0] else None


def metric_names(model: Any) -> list[str]:
    """Names under which training would measure, apart from `loss`, as far as they are known before it."""
    config = getattr(model, "_compile_metrics", None) or getattr(model, "compiled_metrics", None)
    names: list[str] = []
    flat: list[Any] = []
    _flatten(getattr(config, "_user_metrics", None), flat)
    for metric in flat:
        name = metric if isinstance(metric, str) else getattr(metric, "name", getattr(metric, "__name__", None))
        if isinstance(name, str) and name not in names:
            names.append(name)
    outputs = getattr(model, "output_names", None) or []
    if len(outputs) > 1:
        names = [f"{output}_loss" for output in outputs] + [f"{o}_{name}" for o in outputs for name in names]
    return names + [name for name in _own_metric_names(model) if name not in names]


def _own_metric_names(model: Any) -> list[str]:
    """Names of the metrics that hang on the model and its layers, beside those it was compiled with."""
    try:
        return [metric.name for metric in model.metrics if metric.name not in ("loss", "compile_metrics")]
    except Exception:
        # A `metrics` property of the user's own may count on what only training sets up.
        return []


def _flatten(structure: Any, found: list[Any]) -> None:
    if isinstance(structure, dict):
        for value in structure.values():
            _flatten(value, found)
    elif isinstance(structure, (list, tuple)):
        for item in structure:
            _flatten(item, found)
    elif structure is not None:
        found.append(structure)
