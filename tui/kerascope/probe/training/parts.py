"""What is done at the end of each epoch by Keras's own callbacks: CSV, TensorBoard, early stopping, checkpoints.

They are not among the callbacks of `fit`, whose errors end a training: our one callback calls them, and a part that
fails is a warning. All of them count the epochs of the run, so that several `fit` calls and attempts become one curve.
"""

from __future__ import annotations

import csv
import importlib.util
import os
from typing import TYPE_CHECKING, Any

from .saving import save_aside, save_model

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..adapters import Adapter
    from .calls import Call
    from .events import Events
    from .progress import Progress

__all__ = ["Checkpoints", "EarlyStop", "MetricsFile", "Part", "TensorBoardLogs", "forget_rows", "has_tensorboard"]


class Part:
    """Something done along a `fit` call, one object a call.

    Attributes:
        what: Its name in a warning.
    """

    what = ""

    def begin(self, call: Call) -> None:
        """Training begins; the model has its weights."""

    def epoch(self, call: Call, number: int, logs: dict[str, Any]) -> None:
        """An epoch of the run (`number` from 1) is complete."""

    def end(self, call: Call) -> None:
        """The call is over."""


class MetricsFile(Part):
    """`metrics.csv`, one row an epoch of the run, written by Keras's CSVLogger.

    Args:
        adapter: The Keras generation.
        path: The file.
    """

    what = "metrics.csv"

    def __init__(self, adapter: Adapter, path: str) -> None:
        self._adapter = adapter
        self._path = path
        self._logger: Any = None

    def epoch(self, call: Call, number: int, logs: dict[str, Any]) -> None:
        if self._logger is not None and not os.path.exists(self._path):
            self.end(call)  # somebody has deleted it: nobody would read what is written there
        if self._logger is None:
            self._logger = self._open(call, number, logs)
        self._logger.on_epoch_end(number, logs)

    def end(self, call: Call) -> None:
        logger, self._logger = self._logger, None
        if logger is not None:
            logger.on_train_end()

    def _open(self, call: Call, number: int, logs: dict[str, Any]) -> Any:
        columns = self._prepare(number, logs)
        logger = self._adapter.root.callbacks.CSVLogger(self._path, append=True)
        logger.set_model(call.model)
        logger.on_train_begin()
        logger.keys = columns
        return logger

    def _prepare(self, number: int, logs: dict[str, Any]) -> list[str]:
        """Give the file columns for what this call measures, beside those it has, and no rows from `number` on.

        CSVLogger would write rows of another order under the header of an earlier call. And an epoch whose state could
        not be restored is trained again.
        """
        header, rows = _rows_of(self._path)
        kept = _rows_until(rows, number - 1)
        wanted = sorted(logs)
        if not any(name.startswith("val_") for name in wanted):
            wanted += [f"val_{name}" for name in wanted]  # as CSVLogger does: they may come with a later epoch
        columns = [*header[1:], *(name for name in wanted if name not in header)]
        if header and (columns != header[1:] or len(kept) != len(rows)):
            _rewrite(self._path, ["epoch", *columns], kept)
        return columns


def _rows_of(path: str) -> tuple[list[str], list[dict[str, Any]]]:
    if not os.path.exists(path):
        return [], []
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
        return list(reader.fieldnames or []), rows


def _rows_until(rows: Iterable[dict[str, Any]], last: int) -> list[dict[str, Any]]:
    return [row for row in rows if (row.get("epoch") or "").isdigit() and int(row["epoch"]) <= last]


def _rewrite(path: str, columns: list[str], rows: Iterable[dict[str, Any]]) -> None:
    def write(aside: str) -> None:
        with open(aside, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns, restval="NA", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)

    save_aside(path, write)


def forget_rows(path: str, last: int) -> None:
    """Take the rows of later epochs out of a `metrics.csv`: a resumed run trains them again.

    Raises:
        OSError: It cannot be written.
    """
    header, rows = _rows_of(path)
    kept = _rows_until(rows, last)
    if len(kept) != len(rows):
        _rewrite(path, header, kept)


def has_tensorboard() -> bool:
    """Whether TensorBoard is installed, without which neither Keras nor TensorFlow can write its logs."""
    try:
        found = importlib.util.find_spec("tensorboard")
    except ValueError:
        return True  # a module of the program's own making
    # A folder of logs beside the program, called tensorboard, is found as a package without an origin.
    return found is not None and found.origin is not None


class TensorBoardLogs(Part):
    """TensorBoard's logs by Keras's own callback, epochs counted over the whole run."""

    what = "TensorBoard"

    def __init__(self, adapter: Adapter, directory: str) -> None:
        self._board = adapter.root.callbacks.TensorBoard(directory, update_freq="epoch")

    def begin(self, call: Call) -> None:
        self._board.set_params({"epochs": call.epochs, "steps": call.steps, "verbose": 0})
        self._board.set_model(call.model)
        self._board.on_train_begin()

    def epoch(self, call: Call, number: int, logs: dict[str, Any]) -> None:
        # Its epochs count from 0.
        self._board.on_epoch_begin(number - 1)
        self._board.on_epoch_end(number - 1, dict(logs))

    def end(self, call: Call) -> None:
        self._board.on_train_end()


class EarlyStop(Part):
    """Keras's EarlyStopping on the metric that was asked for; epochs of an earlier attempt count."""

    what = "early stopping"

    def __init__(self, adapter: Adapter, metric: str, patience: int, progress: Progress) -> None:
        self._metric = metric
        self._progress = progress
        self._stopper = adapter.root.callbacks.EarlyStopping(monitor=metric, patience=patience)
        self._begun = False

    def epoch(self, call: Call, number: int, logs: dict[str, Any]) -> None:
        if self._metric not in logs:
            self._progress.warn(_not_measured("early stopping", self._metric, call, logs))
            return
        if not self._begun:
            self._begun = True
            self._stopper.set_model(call.model)
            self._stopper.on_train_begin()
            past = [] if call.past is None else call.past.until(call.epochs_done - 1)
            for facts in past:
                if self._metric in facts["metrics"]:
                    self._stopper.on_epoch_end(int(facts["fit_epoch"]) - 1, facts["metrics"])
        self._stopper.on_epoch_end(call.epochs_done - 1, logs)
        if call.model.stop_training and self._stopper.stopped_epoch:
            self._progress.notice(
                f"{call.where} was stopped early after epoch {number}: {self._metric} has not improved for "
                f"{self._stopper.wait} epoch{'' if self._stopper.wait == 1 else 's'}"
            )


class Checkpoints(Part):
    """The model every so many epochs (`epoch-0003.keras`), and the one that is best on a metric (`best.keras`).

    Args:
        adapter: The Keras generation.
        directory: The folder.
        events: Takes `checkpoint` records.
        progress: Takes warnings.
        every: Epochs of the run between two checkpoints, `None` for none.
        best: The metric, `None` for none.
        memory: Shared by the calls of a run: ModelCheckpoint, which knows the best value so far.
        chief: Whether this process writes what all workers share.
    """

    what = "the checkpoint"

    def __init__(
        self,
        adapter: Adapter,
        directory: str,
        events: Events,
        progress: Progress,
        *,
        every: int | None,
        best: str | None,
        memory: dict[str, Any],
        chief: bool = True,
    ) -> None:
        self._adapter = adapter
        self._directory = directory
        self._events = events
        self._progress = progress
        self._every = every
        self._best = best
        self._memory = memory
        self._chief = chief

    def epoch(self, call: Call, number: int, logs: dict[str, Any]) -> None:
        if self._best is not None:
            if self._best in logs:
                self._keep_best(call, number, logs)
            else:
                self._progress.warn(_not_measured("the best model", self._best, call, logs))
        if self._every and number % self._every == 0:
            self._write(call.model, f"epoch-{number:04d}.keras", "epoch", number)

    def _keep_best(self, call: Call, number: int, logs: dict[str, Any]) -> None:
        keeper = self._memory.get("keeper")
        if keeper is None:
            keeper = self._memory["keeper"] = _best_keeper(self._adapter, self._best)
            if self._memory.get("value") is not None:
                keeper.best = self._memory["value"]
        stand = _Stand(call.model)
        keeper.set_model(stand)
        keeper.on_epoch_begin(call.epochs_done - 1)
        before = keeper.best
        keeper.on_epoch_end(call.epochs_done - 1, logs)
        if stand.saved:
            value = float(logs[str(self._best)])
            try:
                self._write(call.model, "best.keras", "best", number, metric=self._best, value=value)
            except BaseException:
                keeper.best = before
                raise

    def _write(self, model: Any, name: str, kind: str, number: int, **facts: Any) -> None:
        path = os.path.join(self._directory, name)
        written, size = save_model(model, path, self._progress.warn, write=self._chief)
        shown = f"checkpoints/{os.path.basename(written)}"
        self._events.write("checkpoint", kind=kind, path=shown, epoch=number, bytes=size, **facts)


def _best_keeper(adapter: Adapter, metric: str | None) -> Any:
    return adapter.root.callbacks.ModelCheckpoint("best.keras", monitor=metric, save_best_only=True)


class _Stand:
    """Stands for the model in ModelCheckpoint, which only decides whether it is the best: we write the file, aside."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.saved = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def save(self, path: str, *args: Any, **options: Any) -> None:
        """Note that the model is to be saved."""
        self.saved = True


def _not_measured(what: str, metric: str, call: Call, logs: dict[str, Any]) -> str:
    return f"{what} waits for {metric}, which {call.where} does not measure; it measures {', '.join(sorted(logs))}"
