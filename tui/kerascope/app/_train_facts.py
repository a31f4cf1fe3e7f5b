"""What is known of a file that is to be trained: its fit calls, what fits its outputs, what was found in it. Pure."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kerascope._concerns import concerns_of, input_names, unmeasured
from kerascope.app._words import call_text
from kerascope.engine import choose_generation, import_name, real_path
from kerascope.graph import format_fit, is_saved
from kerascope.runs._arrays import ModelPorts, ports_of
from kerascope.runs._proposal import proposals_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from kerascope._concerns import Concerns
    from kerascope.app._settings import Settings
    from kerascope.graph import Fit, Inspection, Model, Target
    from kerascope.runs._proposal import Proposal

__all__ = ["TrainFacts", "facts_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainFacts:
    """Everything that the form starts from.

    Attributes:
        path: Absolute path of the file.
        shown: The path as the user named it.
        name: What in the file is trained where its data is given.
        call: Arguments of a factory as text.
        module: Dotted name it is imported by.
        root: The directory that a module is imported from.
        saved: Whether it is a saved model.
        input_shapes: Given input shapes.
        text: The program, `None` for a saved model.
        model: Title of the model.
        fits: The file's own training calls, one line each.
        fit_epochs: Epochs of each, `None` where the file does not say.
        fit_batches: Batch size of each, likewise.
        proposals: What fits each output.
        inputs: Names of the model's inputs; none where they are not known.
        ports: What the model takes and gives.
        unmeasured: Says of a metric that none of the file's own fit calls measures it.
        own: What the look means where the file's own calls train.
        given: What it means where other data is given.
        logout: Why a run started from here would end when its user logs out, and what to do; empty where it would not.
        keras: The generation that answered.
        python: The interpreter that answered.
        default_keras: The generation that is taken where none is named; `None` where one was named.
        default_python: Likewise.
        arguments: What the program finds in `sys.argv`.
        cwd: The current directory.
        runs_dir: Directory of runs as it was named.
    """

    path: str
    shown: str
    name: str | None = None
    call: str | None = None
    module: str | None = None
    root: str | None = None
    saved: bool = False
    input_shapes: tuple[tuple[str | None, tuple[int | None, ...], str | None], ...] = ()
    text: str | None = None
    model: str = ""
    fits: tuple[str, ...] = ()
    fit_epochs: tuple[int | None, ...] = ()
    fit_batches: tuple[int | None, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    inputs: tuple[str, ...] = ()
    ports: ModelPorts = field(default_factory=ModelPorts)
    unmeasured: Callable[[str], str | None] = field(default=lambda _: None, compare=False)
    own: Concerns
    given: Concerns
    logout: str = ""
    keras: int = 3
    python: str | None = None
    default_keras: int | None = 3
    default_python: str | None = None
    arguments: tuple[str, ...] = ()
    cwd: str = ""
    runs_dir: str | None = None

    @property
    def title(self) -> str:
        """What is trained: `train.py`, `train.py:build(64)`."""
        return self.shown if self.name is None else f"{self.shown}:{call_text(self.name, self.call)}"


def facts_of(target: Target, inspection: Inspection, model: Model | None, settings: Settings) -> TrainFacts:
    """What is known after a look.

    Args:
        target: What was looked at.
        inspection: The answer.
        model: The model that is shown.
        settings: What the command line chose.
    """
    saved, text = is_saved(inspection), inspection.source.text
    path = real_path(Path(inspection.source.path))
    module, root = (None, None) if saved else import_name(Path(path), text or "", target.module)
    engine = inspection.engine
    generation = _generation(inspection, settings)
    name, call = _name(target, model, inspection)
    fits = _fits_of(inspection)
    return TrainFacts(
        path=path,
        shown=target.module or target.path,
        name=name,
        call=call,
        module=module,
        root=root,
        saved=saved,
        input_shapes=target.input_shapes,
        text=None if saved else text,
        model=_title(model),
        fits=tuple(_fit_line(fit, inspection) for fit in fits),
        fit_epochs=tuple(fit.epochs for fit in fits),
        fit_batches=tuple(fit.batch_size for fit in fits),
        proposals=proposals_of(model) if model is not None else (),
        inputs=input_names([model]) if model is not None else (),
        ports=ports_of([model]) if model is not None else ModelPorts(),
        unmeasured=functools.partial(unmeasured, inspection),
        own=concerns_of(inspection, own=True, saved=saved),
        given=concerns_of(inspection, own=False, saved=saved),
        keras=generation,
        python=engine.python if engine is not None else settings.python,
        default_keras=generation if settings.keras in ("auto", "both") else None,
        default_python=engine.python if engine is not None and settings.python is None else None,
        arguments=settings.arguments,
        cwd=os.fspath(Path.cwd()),
        runs_dir=settings.runs_dir,
    )


def _generation(inspection: Inspection, settings: Settings) -> int:
    if inspection.engine is not None:
        return inspection.engine.generation
    wrote = inspection.file.generation if inspection.file is not None else None
    if wrote is not None and settings.keras in ("auto", "both"):
        return max(2, wrote)  # the Keras that wrote it; nobody trains with Keras 1 any more
    return choose_generation("auto" if settings.keras == "both" else settings.keras, inspection.source.text or "")


def _name(target: Target, model: Model | None, inspection: Inspection) -> tuple[str | None, str | None]:
    """What in the file is meant: what the user named, else what holds or makes the model that is shown."""
    if target.name is not None or is_saved(inspection) or model is None:
        return target.name, target.call
    several = sum(each.name is not None for each in inspection.models) > 1
    if several and model.variable is not None:
        return model.variable, None
    if several and model.made_by is not None and model.made_by.endswith(")"):
        maker, _, arguments = model.made_by[:-1].partition("(")
        return maker, arguments
    return None, None


def _title(model: Model | None) -> str:
    if model is None:
        return ""
    count = f", {model.params.total:,} parameters" if model.params is not None else ""
    return f"{model.name or model.class_name or 'Model'}{count}"


def _fits_of(inspection: Inspection) -> tuple[Fit, ...]:
    """The file's own training calls, in the order of its lines."""
    fits = [fit for model in inspection.models for fit in model.fits]
    return tuple(sorted(fits, key=lambda fit: fit.line or 0))


def _fit_line(fit: Fit, inspection: Inspection) -> str:
    """One training call: `fit, line 61: x (60000, 28, 28, 1) float32; 5 epochs`."""
    where = f", {inspection.source.line_name(fit.line, fit.path)}" if fit.line is not None else ""
    times = f" ({fit.count:,} times)" if fit.count > 1 else ""
    return f"{fit.method}{where}{times}: {format_fit(fit)}"
