"""The state to resume from: written by Keras's BackupAndRestore into a folder of its own, which is renamed when whole.

A backup takes time that a training would not spend, so fast epochs share one: it is made when so much was trained since
the last one that it costs about a hundredth of it, and in any case after two seconds (ten times its own cost, for a
model that takes long to write). So an epoch that takes longer than that is never lost, and of faster ones at most about
two seconds' worth. A call of `fit` that is over has a state in any case, so that it is not trained again where what the
program does afterwards fails; only short ones that went through to their last epoch share one. The two newest states of
each model are kept: should the machine lose its power while the newest is on its way to the disk, there is the other.
"""

from __future__ import annotations

import contextlib
import errno
import json
import math
import os
import shutil
import sys
import time
from typing import TYPE_CHECKING, Any

from .errors import words_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..adapters import Adapter
    from .calls import Call

__all__ = ["Backups", "State", "ask_for_room", "interval"]

STATE_FILE = "state.json"

KEPT = 2
"""States of one model that are kept."""

MAX_MODELS = 32
"""Models whose states are kept; a `fit` whose state is gone is run again when the run is resumed."""

MAX_SECONDS = 2.0
"""Seconds of training after which a state is saved even where that costs more than a hundredth of them."""

END_PART = 20.0
"""A call that is over gets a state of its own where it trained so many times longer than saving one takes."""

FIRST_COST = 0.02
"""Seconds that the first backup is thought to take."""


def interval(cost: float) -> float:
    """Seconds between two backups of which each takes `cost` seconds."""
    return max(min(MAX_SECONDS, 100.0 * cost), 10.0 * cost)


def ask_for_room(directory: str, size: int) -> None:
    """Refuse to write where the disk has no room for it: libhdf5 can crash where it cannot write a file to its end.

    Args:
        directory: Where it would be written.
        size: Bytes of it.

    Raises:
        OSError: There is less room (ENOSPC), or the disk cannot be asked.
    """
    if shutil.disk_usage(directory).free < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), directory)


def _size_of(model: Any) -> int:
    """Bytes that a state takes at most: the variables, twice as many for an optimizer, and what stands round them."""
    numbers = sum(math.prod(int(axis) for axis in variable.shape) for variable in model.variables)
    return 3 * 8 * numbers + 2**20


class State:
    """A state on the disk.

    Attributes:
        directory: Where it is.
        order: Place of the `fit` call it belongs to, among those that can be resumed.
        epoch: Keras's number of epochs that are completed.
        complete: Whether the call was over.
        run_epoch: Completed epochs of the run.
        model_id: Number of the model in the run.
    """

    def __init__(self, directory: str, facts: dict[str, Any]) -> None:
        self.directory = directory
        self.order = int(facts["order"])
        self.epoch = int(facts["epoch"])
        self.complete = bool(facts["complete"])
        self.run_epoch = int(facts["run_epoch"])
        self.model_id = int(facts["model_id"])
        self.time = float(facts["time"])


class Backups:
    """Saves and restores the states of a run.

    Args:
        adapter: The Keras generation.
        directory: Where this process writes.
        warn: Takes sentences for the user.
        shared: Where the chief of several workers writes, `None` where this process is the only one or the chief. The
            others save too, because Keras gathers some values from all of them, and throw away what they wrote.
        every_epoch: Set for several workers, who must all save at the same epochs.

    Attributes:
        keep_ends: Whether a `fit` that is over is to have a state; unset where nothing comes after it.
    """

    def __init__(
        self,
        adapter: Adapter,
        directory: str,
        warn: Callable[[str], None],
        *,
        shared: str | None = None,
        every_epoch: bool = False,
    ) -> None:
        self._adapter = adapter
        self._directory = directory
        self._chief = shared is None
        self._warn = warn
        self._every_epoch = every_epoch
        self._states = _found(shared or directory)
        self._cost = FIRST_COST
        self._trained = 0.0
        self._since: float | None = None
        self._began = time.monotonic()
        self.keep_ends = True

    @property
    def newest(self) -> State | None:
        """The state that was saved last."""
        return self._states[-1] if self._states else None

    def forget(self) -> None:
        """Begin anew: the kept states do not go with the program."""
        self._states = []

    def of(self, call: Call) -> State | None:
        """The newest state within a `fit` call."""
        return next((state for state in reversed(self._states) if state.order == call.order), None)

    def outlived(self, call: Call) -> bool:
        """Whether a later call's state of the same model makes this call's one needless."""
        return any(state.model_id == call.model_id and state.order > (call.order or 0) for state in self._states)

    # ------------------------------------------------------------------ saving

    def begin(self) -> None:
        """A `fit` begins to train: time that passed without that needs no backup."""
        self._since = self._began = time.monotonic()

    def rest(self) -> None:
        """Training is over for now."""
        self._trained, self._since = self._unsaved, None

    @property
    def _unsaved(self) -> float:
        """Seconds of training since the last backup, those of several `fit` calls together."""
        return self._trained + (0.0 if self._since is None else time.monotonic() - self._since)

    def due(self) -> bool:
        """Whether it is time for a backup."""
        return self._every_epoch or self._unsaved >= interval(self._cost)

    def due_at_end(self, *, early: bool) -> bool:
        """Whether it is time for one at the end of a `fit`; `early` where there were epochs left.

        What has ended it early would not end it so again.
        """
        worth = early or max(self._unsaved, time.monotonic() - self._began) >= END_PART * self._cost
        return self.due() or (self.keep_ends and worth)

    def save(self, call: Call, run_epoch: int, *, complete: bool = False) -> None:
        """Save the state of a call's model; a failure is a warning."""
        start = time.monotonic()
        folder = os.path.join(self._directory, f"fit-{call.order or 0:03d}")
        aside = os.path.join(folder, ".tmp")
        facts = {
            "order": call.order,
            "epoch": call.epochs_done,
            "complete": complete,
            "run_epoch": run_epoch,
            "model_id": call.model_id,
            "time": time.time(),
        }
        try:
            shutil.rmtree(aside, ignore_errors=True)
            os.makedirs(aside)
            ask_for_room(aside, _size_of(call.model))
            self._write(call.model, aside, call.epochs_done)
            if self._chief:
                with open(os.path.join(aside, STATE_FILE), "w", encoding="utf-8") as file:
                    json.dump(facts, file)
                path = _renamed(aside, os.path.join(folder, f"epoch-{call.epochs_done:04d}"))
                self._states.append(State(path, facts))
                self._prune()
            else:
                self._states.append(State(aside, facts))  # as the chief has it
        except Exception as error:
            # A full disk, a model that Keras cannot save: the training itself goes on.
            kept = self.newest
            left = "from its beginning" if kept is None else f"from epoch {kept.run_epoch + 1}"
            self._warn(f"the state of {call.name} could not be saved ({words_of(error)}); a resume would go on {left}")
        finally:
            if not self._chief or os.path.exists(aside):
                shutil.rmtree(aside, ignore_errors=True)
            now = time.monotonic()
            self._cost, self._trained = now - start, 0.0
            self._since = None if self._since is None else now

    def _write(self, model: Any, directory: str, epoch: int) -> None:
        keeper = self._adapter.root.callbacks.BackupAndRestore(directory)
        keeper.set_model(model)
        last = epoch - 1  # -1, within the first epoch, is how Keras 2 says that there is none
        if self._adapter.generation == 2:
            keeper.on_train_begin()
            keeper.on_epoch_begin(last)
        try:
            keeper.on_epoch_end(last)
        finally:
            self.release(model)

    def release(self, model: Any) -> None:
        """Take back what BackupAndRestore leaves on a model: its next `fit` begins where it is told to."""
        if self._adapter.generation == 2:
            model._training_state = None
        elif hasattr(model, "_initial_epoch"):
            model._initial_epoch = None

    def _prune(self) -> None:
        by_model: dict[int, list[State]] = {}
        for state in self._states:
            by_model.setdefault(state.model_id, []).append(state)
        newest_first = sorted(by_model.values(), key=lambda states: states[-1].time, reverse=True)
        kept = [state for states in newest_first[:MAX_MODELS] for state in states[-KEPT:]]
        for state in self._states:
            if state not in kept:
                shutil.rmtree(state.directory, ignore_errors=True)
                with contextlib.suppress(OSError):
                    os.rmdir(os.path.dirname(state.directory))  # where it was the last of its call
        self._states = [state for state in self._states if state in kept]

    def clear(self) -> None:
        """Delete all states: the run has finished."""
        if self._chief:
            shutil.rmtree(self._directory, ignore_errors=True)

    # ------------------------------------------------------------------ restoring

    def restore(self, call: Call) -> State | None:
        """Give a model the newest state of its call that can be read; to be called as `fit` begins.

        Returns:
            The state; `None` when there is none, and the model is as it was.
        """
        for state in [state for state in reversed(self._states) if state.order == call.order]:
            before = call.model.get_weights() if self._adapter.built(call.model) else None
            try:
                self._read(call.model, state.directory)
                return state
            except Exception as error:
                self.release(call.model)
                self._warn(
                    f"the state after epoch {state.run_epoch} cannot be restored ({words_of(error)}); an earlier one "
                    "is taken, or the beginning"
                )
                if before is not None:
                    call.model.set_weights(before)
        return None

    def _read(self, model: Any, directory: str) -> None:
        tensorflow = sys.modules.get("tensorflow")
        # Keras 2 begins anew without a word where it finds none.
        if self._adapter.generation == 2 and tensorflow is not None:
            chief = os.path.join(directory, "chief")
            if tensorflow.train.latest_checkpoint(chief) is None:
                raise OSError(errno.EIO, f"there is no whole checkpoint in {chief}")
        keeper = self._adapter.root.callbacks.BackupAndRestore(directory)
        keeper.set_model(model)
        keeper.on_train_begin()


def _renamed(aside: str, path: str) -> str:
    """Rename a folder to a name that is free."""
    number, free = 1, path
    while os.path.exists(free):
        number += 1
        free = f"{path}-{number}"
    os.rename(aside, free)
    return free


def _found(directory: str) -> list[State]:
    """The states in a folder, oldest first; what is not whole is left out."""
    states = []
    for root, folders, files in os.walk(directory):
        if STATE_FILE in files and not os.path.basename(root).startswith("."):
            folders.clear()
            path = os.path.join(root, STATE_FILE)
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError), open(path, encoding="utf-8") as file:
                states.append(State(root, json.load(file)))
    return sorted(states, key=lambda state: (state.run_epoch, state.order, state.time))
