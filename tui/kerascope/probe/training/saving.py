"""Models on the disk: checkpoints and the final model, complete files or none."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import time
import weakref
from typing import TYPE_CHECKING, Any

from .errors import words_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .calls import Call
    from .events import Events
    from .progress import Progress

__all__ = ["FinalModels", "save_aside", "save_model"]

MODEL_FILE = "model.keras"
WEIGHTS = ".weights.h5"

MAX_MODELS = 16
"""Models of one run that are saved at its end; a search over a thousand would fill the disk."""

FIRST_COST = 0.03
"""Seconds that saving a model is thought to take before it was saved once."""

COST_PART = 100.0
"""A model is saved before the end of the program when it has trained so many times longer than saving takes."""


def save_aside(path: str, save: Callable[[str], None]) -> int:
    """Write a file whole or not at all: aside in the same folder, then renamed.

    Args:
        path: The file.
        save: Writes to the path it is given, which ends like `path`.

    Returns:
        Its bytes.

    Raises:
        Exception: What `save` raises; the file is as it was.
    """
    folder, name = os.path.split(path)
    os.makedirs(folder, exist_ok=True)
    aside = os.path.join(folder, f".tmp-{name}")
    try:
        save(aside)
        size = os.path.getsize(aside)
        os.replace(aside, path)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(aside)
    return size


def save_model(model: Any, path: str, warn: Callable[[str], None], *, write: bool = True) -> tuple[str, int]:
    """Save a model as `.keras`; one that Keras cannot save whole has its weights saved, with a warning.

    Args:
        model: The model.
        path: Ends with `.keras`.
        warn: Takes sentences for the user.
        write: Whether the file is wanted; of several workers only the chief's is, but all must take part.

    Returns:
        The path that was written, and its bytes.

    Raises:
        Exception: Neither could be written.
    """
    if not write:
        with tempfile.TemporaryDirectory() as folder:
            return save_model(model, os.path.join(folder, os.path.basename(path)), warn)
    try:
        return path, save_aside(path, model.save)
    except OSError:
        raise  # no space, no permission: the weights would fare no better
    except Exception as error:
        weights = path[: -len(".keras")] + WEIGHTS
        size = save_aside(weights, model.save_weights)
        warn(
            f"Keras cannot save {_name(model)} as a whole ({words_of(error)}); its weights are in "
            f"{os.path.basename(weights)}: load them into the model that your program makes"
        )
        return weights, size


def _name(model: Any) -> str:
    return str(getattr(model, "name", "") or type(model).__name__)


class _Trained:
    """A model that was trained, and whether the file is as new as the model."""

    def __init__(self, call: Call) -> None:
        self.model_id = call.model_id
        self.name = call.name
        self.reference: weakref.ref[Any] = weakref.ref(call.model)
        self.path: str | None = None
        self.unsaved = 0.0
        self.cost = FIRST_COST


class FinalModels:
    """Saves the models that were trained: the one trained last as `model.keras`, the others under their names.

    A model is saved when its `fit` is over, so that whatever the program does afterwards cannot lose it; where many
    short calls follow each other, once in a while, and at the end.

    Args:
        directory: The run's directory.
        progress: Takes warnings.
        events: Takes `checkpoint` records.
        chief: Whether this process writes what all workers share.
        together: Set for several workers, who must all save at the same moments.
    """

    def __init__(
        self, directory: str, progress: Progress, events: Events, *, chief: bool = True, together: bool = False
    ) -> None:
        self._directory = directory
        self._progress = progress
        self._events = events
        self._chief = chief
        self._together = together
        self._models: dict[int, _Trained] = {}
        self._last: Any = None

    def trained(self, call: Call, seconds: float) -> None:
        """A call has trained a model for so many seconds."""
        entry = self._models.get(call.model_id)
        if entry is None:
            self._make_room()
            entry = self._models[call.model_id] = _Trained(call)
        if call.model is not self._last:
            self._move_on()
            self._last = call.model  # kept alive until it is saved
        # The newest is the last one of the dictionary.
        self._models[call.model_id] = self._models.pop(call.model_id)
        entry.unsaved += seconds
        if self._together or entry.unsaved >= COST_PART * entry.cost:
            self._save(entry, call.model)

    def _make_room(self) -> None:
        if len(self._models) >= MAX_MODELS:
            oldest = next(iter(self._models.values()))
            del self._models[oldest.model_id]
            self._progress.notice(
                f"more than {MAX_MODELS} models are trained: only the last {MAX_MODELS} are kept as files"
            )
            if oldest.path is not None and self._chief:
                with contextlib.suppress(OSError):
                    os.unlink(oldest.path)
                    self._events.write("renamed", path=os.path.basename(oldest.path), to=None)

    def _move_on(self) -> None:
        """Another model is trained now: the one before gets its own name."""
        for entry in self._models.values():
            model = entry.reference()
            if model is not None and model is self._last and entry.unsaved:
                self._save(entry, model)
            if entry.path is not None and os.path.basename(entry.path).startswith("model."):
                named = os.path.join(self._directory, self._file_name(entry) + os.path.basename(entry.path)[5:])
                try:
                    if self._chief:
                        os.replace(entry.path, named)
                    before, entry.path = entry.path, named
                    # Its `checkpoint` records name the file as it was.
                    self._events.write("renamed", path=os.path.basename(before), to=os.path.basename(named))
                except OSError as error:
                    self._progress.warn(f"the model {entry.name} could not be renamed: {words_of(error)}")

    def _file_name(self, entry: _Trained) -> str:
        plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", entry.name) or "model"
        taken = any(other is not entry and other.name == entry.name for other in self._models.values())
        return f"model-{plain}-{entry.model_id}" if taken else f"model-{plain}"

    def _save(self, entry: _Trained, model: Any, name: str | None = None) -> None:
        start = time.monotonic()
        path = os.path.join(self._directory, name or MODEL_FILE)
        try:
            entry.path, size = save_model(model, path, self._progress.warn, write=self._chief)
        except Exception as error:
            entry.path = None
            self._progress.warn(f"{os.path.basename(path)} could not be written: {words_of(error)}")
            return
        finally:
            entry.cost = time.monotonic() - start
        entry.unsaved = 0.0
        written = os.path.basename(entry.path)
        self._events.write("checkpoint", kind="final", path=written, epoch=self._progress.done, bytes=size)

    def finish(self) -> None:
        """Save what is not saved yet; where the run's directory takes nothing, into the folder for temporary files."""
        for entry in list(self._models.values()):
            model = entry.reference()
            gone = entry.path is None or (self._chief and not os.path.exists(entry.path))
            if model is None or not (entry.unsaved or gone):
                continue
            self._save(entry, model, None if model is self._last else f"{self._file_name(entry)}.keras")
            if (entry.unsaved or entry.path is None) and self._chief:
                self._save_elsewhere(entry, model)

    def _save_elsewhere(self, entry: _Trained, model: Any) -> None:
        name = f"kerascope-{os.path.basename(self._directory)}-{MODEL_FILE}"
        try:
            path, _ = save_model(model, os.path.join(tempfile.gettempdir(), name), self._progress.warn)
        except Exception as error:
            self._progress.warn(f"the model {entry.name} could not be saved anywhere: {words_of(error)}")
        else:
            self._progress.warn(f"the run's directory takes no model, so {entry.name} was saved as {path}")
