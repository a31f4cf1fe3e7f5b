"""What happens in the training process: the user's program run for real, or a model fitted to other data."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shutil
import sys
import tempfile
import threading
import time
from os import getpid  # bound now: the user's file may replace what os holds
from typing import TYPE_CHECKING, Any

from ..adapters import adapter_for
from ..keras_names import find_root, import_root
from ..places import Places
from ..running import execute, make_module, prepare
from .backup import Backups
from .devices import choose_devices, set_precision, set_seed
from .ending import Ending, ending_of, print_error
from .errors import SetupError, words_of
from .events import Events
from .fits import FitHooks
from .own_loops import OwnLoops
from .parts import Checkpoints, EarlyStop, MetricsFile, Part, TensorBoardLogs, forget_rows, has_tensorboard
from .past import Past
from .preparing import prepare_data_run
from .progress import Progress
from .saving import FinalModels
from .stopping import Agreement, Stopping, StopRequest
from .strategies import Distribution, check_strategy, scope_for
from .untouched import Untouched

if TYPE_CHECKING:
    from ..adapters import Adapter
    from .record import Reporter

__all__ = ["train"]

NO_TENSORBOARD = (
    "no TensorBoard logs are written: this Python has no package tensorboard; `pip install tensorboard` brings it"
)
NOTHING_TRAINED = (
    "the program ran to its end and called no fit: nothing was trained; let it call fit, or train its model on other "
    "data with --data or --synthetic"
)


def train(directory: str, reporter: Reporter, adapter: Adapter | None = None) -> int:
    """Train what a run's `run.json` asks for, and tell how it went.

    Args:
        directory: The run's directory; a worker that is not the chief has its own below the run's `workers`.
        reporter: Takes what goes into `run.json`.
        adapter: The Keras generation where it is imported already, and has computed nothing yet.

    Returns:
        The exit status: 0 where the run finished or was stopped.

    Raises:
        SetupError, KerasMissingError: The run could not be made ready.
    """
    with open(os.path.join(directory, "run.json"), encoding="utf-8") as file:
        facts = json.load(file)
    spec: dict[str, Any] = facts["spec"]
    os.environ.update({str(name): str(value) for name, value in spec.get("environment") or ()})
    check_strategy(spec, int(spec["keras"]))
    if adapter is None:
        adapter = adapter_for(import_root(find_root(int(spec["keras"])), int(spec["keras"])), int(spec["keras"]))
    return _Training(directory, facts, reporter, adapter).run()


class _Training:
    def __init__(self, directory: str, facts: dict[str, Any], reporter: Reporter, adapter: Adapter) -> None:
        self._process = getpid()
        self._own = os.path.abspath(directory)
        above = os.path.dirname(self._own)
        self._shared = os.path.dirname(above) if os.path.basename(above) == "workers" else self._own
        self._spec: dict[str, Any] = facts["spec"]
        self._attempt = int(facts.get("attempt") or 1)
        self._reporter = reporter
        self._adapter = adapter
        self._path = str(self._spec["path"])
        self._places = Places(self._path, os.path.dirname(os.path.abspath(adapter.root.__file__)))
        self._events = Events(self._shared, silent=self._shared != self._own)
        self._best_memory: dict[str, Any] = {}

    def run(self) -> int:
        """Train, and tell how it ended."""
        tensorflow = sys.modules.get("tensorflow") if _backend(self._adapter) == "tensorflow" else None
        device = "CPU" if tensorflow is None else choose_devices(self._spec, tensorflow)
        set_seed(self._spec, self._adapter)
        set_precision(self._spec, self._adapter)
        distribution = scope_for(self._spec, tensorflow, self._adapter.generation)
        self._own_loops = OwnLoops(tensorflow)
        self._tell_start(device, distribution)
        self._make(distribution)
        scratch = os.path.join(tempfile.gettempdir(), f"kerascope-generated-{os.getpid()}")
        self._places.generated.watch(scratch)
        error = self._run_program(distribution)
        if getpid() != self._process:
            return self._end_of_copy(error)
        try:
            return self._end(error)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
            _end_executors()

    def _tell_start(self, device: str, distribution: Distribution) -> None:
        engine = {
            "keras": self._adapter.version,
            "generation": self._adapter.generation,
            "tensorflow": getattr(sys.modules.get("tensorflow"), "__version__", None),
            "python": platform.python_version(),
            "backend": _backend(self._adapter),
        }
        self._reporter.tell({"kind": "engine", "engine": engine, "device": device})
        self._events.write(
            "start",
            attempt=self._attempt,
            pid=os.getpid(),
            **engine,
            device=device,
            strategy=distribution.name,
            replicas=distribution.replicas,
        )

    # ------------------------------------------------------------------ what watches the program

    def _make(self, distribution: Distribution) -> None:
        spec, chief, together = self._spec, distribution.is_chief, distribution.workers > 1
        resumable = bool(spec.get("resumable", True))
        past = Past.read(self._shared) if self._attempt > 1 and resumable else Past()
        own, shared = (os.path.join(folder, "backup") for folder in (self._own, self._shared))
        backups = Backups(
            self._adapter,
            own,
            lambda message: self._progress.warn(message),
            shared=None if chief else shared,
            every_epoch=together,
        )
        newest = backups.newest if past.fits else None
        if newest is None:
            backups.forget()
        from_epoch = 0 if newest is None else newest.run_epoch
        self._backups = backups if resumable else None
        self._progress = Progress(self._events, self._reporter, past, attempt=self._attempt, from_epoch=from_epoch)
        if self._attempt > 1:
            self._events.write("resume", attempt=self._attempt, from_epoch=from_epoch)
            self._reporter.tell({"kind": "progress", "epochs_done": from_epoch, "best": self._progress.best})
            self._best_memory["value"] = past.best_checkpoint
            if chief:
                self._forget_rows(from_epoch)
        self._stop = StopRequest(self._shared, lambda by: self._events.write("stopping", by=by))
        self._models = FinalModels(self._shared, self._progress, self._events, chief=chief, together=together)
        agreement = None
        if together:
            agreement = Agreement(os.path.join(self._shared, "workers", "stop.json"), self._stop, chief=chief)
        self._hooks = FitHooks(
            self._adapter,
            self._places,
            self._progress,
            self._stop,
            self._models,
            self._backups,
            past,
            lambda: self._parts(chief=chief),
            epochs=spec.get("epochs"),
            batch_size=spec.get("batch_size"),
            agreed=agreement,
        )
        self._hooks.install()
        self._own_loops.install()

    def _forget_rows(self, last: int) -> None:
        try:
            forget_rows(os.path.join(self._shared, "metrics.csv"), last)
        except OSError as error:
            self._progress.warn(f"metrics.csv keeps rows of epochs that are trained again: {error.strerror}")

    def _parts(self, *, chief: bool) -> list[Part]:
        """What is done along each `fit` call; early stopping by all workers, files by the chief."""
        spec, adapter, progress = self._spec, self._adapter, self._progress
        parts: list[Part] = []
        if chief:
            parts.append(MetricsFile(adapter, os.path.join(self._shared, "metrics.csv")))
        if chief and spec.get("tensorboard") and not has_tensorboard():
            progress.warn(NO_TENSORBOARD)
        elif chief and spec.get("tensorboard"):
            parts.append(TensorBoardLogs(adapter, os.path.join(self._shared, "tensorboard")))
        if spec.get("early_stopping"):
            parts.append(EarlyStop(adapter, spec["early_stopping"], int(spec.get("patience") or 0), progress))
        if spec.get("checkpoint_every") or spec.get("checkpoint_best"):
            parts.append(
                Checkpoints(
                    adapter,
                    os.path.join(self._shared, "checkpoints"),
                    self._events,
                    progress,
                    every=spec.get("checkpoint_every"),
                    best=spec.get("checkpoint_best"),
                    memory=self._best_memory,
                    chief=chief,
                )
            )
        return parts

    # ------------------------------------------------------------------ the program

    def _run_program(self, distribution: Distribution) -> BaseException | None:
        """Run it to its end.

        Returns:
            What has left it, `None` when it went through.
        """
        try:
            with distribution:
                if self._spec.get("data") is None:
                    self._execute()
                else:
                    self._fit_other_data()
            _join_threads()
        except BaseException as error:
            return error
        return None

    def _execute(self, untouched: Untouched | None = None) -> dict[str, Any]:
        spec = self._spec
        text = _program_text(self._shared, self._path)
        name, notebook = spec.get("module"), self._path.endswith(".ipynb")
        root = spec.get("root") if name else None
        arguments, cwd = spec.get("arguments") or (), spec.get("cwd")
        prepare(self._path, text, root=root, arguments=arguments, cwd=cwd, shown=spec.get("shown"))
        module = make_module(self._path, text, name=name, notebook=notebook)
        try:
            execute(text, module, notebook=notebook)
        except SystemExit:
            if untouched is None:
                raise
        except Exception as error:
            if untouched is None or not untouched.begun:
                raise
            self._progress.warn(f"after the fit that was left out the program failed with {words_of(error)}")
        return vars(module)

    def _fit_other_data(self) -> None:
        """Fit the program's model, or the saved one, to the data that the run names."""
        with Untouched(self._adapter, self._places, self._progress.notice) as untouched:
            self._hooks.untouched = untouched
            try:
                if self._spec.get("saved"):
                    os.chdir(self._spec.get("cwd") or os.curdir)
                    namespace = {}
                else:
                    namespace = self._execute(untouched)
                untouched.let_write()
                model, arguments = prepare_data_run(self._spec, namespace, self._adapter, self._progress.notice)
            finally:
                self._hooks.untouched = None
        if self._backups is not None:
            self._backups.keep_ends = False  # the run ends with this fit
        model.fit(**arguments)

    # ------------------------------------------------------------------ its end

    def _end_of_copy(self, error: BaseException | None) -> int:
        """How a process ends that the program has forked: as any other would, and without a word in the run's name."""
        ending = ending_of(error, self._places, self._adapter)
        if error is not None:
            print_error(error, ending)
        with contextlib.suppress(Exception):
            sys.stdout.flush()
        return ending.exit

    def _end(self, error: BaseException | None) -> int:
        self._hooks.finish()
        models = self._hooks.trained_models()
        ending = ending_of(error, self._places, self._adapter, models)
        if self._stop.asked and ending.status != "stopped":
            # What the program does without the `fit` that it was waiting for is not what ended it.
            if ending.error is not None:
                self._progress.warn(f"after the stop the program ended with {ending.error['sentence']}")
            ending = ending_of(Stopping(), self._places, self._adapter, models)
        if error is not None:
            print_error(error, ending)
        if ending.status == "finished" and not self._hooks.calls:
            ending = self._untrained(ending)
        with contextlib.suppress(OSError):
            os.makedirs(self._shared, exist_ok=True)  # somebody has deleted it: what can be kept is kept
        self._models.finish()
        if ending.status == "finished" and self._backups is not None:
            self._backups.clear()
        self._tell_end(ending)
        return ending.exit

    def _untrained(self, ending: Ending) -> Ending:
        """What becomes of a run whose program went to its end without a `fit`: it has failed if nothing was trained."""
        if self._hooks.called:
            self._progress.notice("no fit went through: the program called it, and went on when that failed")
            return ending
        doubt = self._own_loops.doubt
        if doubt is None:
            return Ending("failed", ending.exit, {"sentence": NOTHING_TRAINED})
        self._progress.notice(f"the program called no fit, and {doubt}: what that trained is not recorded")
        return ending

    def _tell_end(self, ending: Ending) -> None:
        progress = self._progress
        self._events.write(
            "end",
            status=ending.status,
            exit=ending.exit,
            error=ending.error,
            notice=progress.loss_lost,
            epochs_done=progress.completed,
        )
        self._reporter.tell(
            {
                "kind": "end",
                "status": ending.status,
                "exit": ending.exit,
                "error": ending.error,
                "notice": progress.loss_lost,
                "warnings": progress.warnings,
                "ended": time.time(),
                # Not waited for here, where memory and devices are held: the keeper writes them when there is room.
                "unwritten": self._events.unwritten,
                **progress.facts(),
            }
        )


def _backend(adapter: Adapter) -> str:
    return str(getattr(adapter.root.backend, "backend", lambda: "tensorflow")())


def _program_text(directory: str, path: str) -> str:
    """The program as it was when the run was started."""
    kept = os.path.join(directory, "source", os.path.basename(path))
    try:
        with open(kept, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError as error:
        raise SetupError(f"the run's copy of the program cannot be read: {kept}: {error.strerror}") from None


def _join_threads() -> None:
    """Wait for the program's threads, as Python does at its end; those of executors wait for work that never comes."""
    pools = getattr(sys.modules.get("concurrent.futures.thread"), "_threads_queues", {})
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon and thread not in pools:
            thread.join()


def _end_executors() -> None:
    """Let the threads of executors end, as Python does at its end; an exception within `fit` leaves Keras's waiting."""
    leave = getattr(sys.modules.get("concurrent.futures.thread"), "_python_exit", None)
    if leave is not None:
        leave()
