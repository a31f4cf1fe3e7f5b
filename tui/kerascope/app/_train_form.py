"""What stands in the form that starts a training, what is wrong with it, and the run it asks for. Pure."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kerascope.app._train_fields import FIELDS, Field
from kerascope.app._train_reading import YES
from kerascope.runs import Compilation, TrainingData, TrainSpec
from kerascope.runs._arrays import unfit
from kerascope.runs._command import command_of
from kerascope.runs._contents import ColumnError, check_contents, misnamed, never_validates
from kerascope.runs._data import data_of
from kerascope.runs._gpus import absent_gpu
from kerascope.runs._workers import WorkerError, worker_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kerascope._concerns import Concerns
    from kerascope.app._train_facts import TrainFacts

__all__ = ["Form", "form_of"]

OWN, DATA, SYNTHETIC = "own", "data", "synthetic"

SOURCES = {OWN: "the file's own fit calls", DATA: "the model, with data", SYNTHETIC: "the model, with random data"}

_GIVEN = frozenset({"validation_split", "loss", "optimizer", "learning_rate", "metrics"})
"""Fields of a training whose data is given."""

_TABLES = (".csv", ".tsv")
_MONITORED = ("checkpoint_best", "early_stopping")


@dataclass(frozen=True)
class Form:
    """The form at one moment.

    Attributes:
        facts: What is known of the file.
        values: What stands in each field, as text.
        errors: By field, what is wrong with what stands there.
        meanings: By field, what it means; those with an error are left out.
    """

    facts: TrainFacts
    values: Mapping[str, str]
    errors: Mapping[str, str] = field(init=False)
    meanings: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        errors, meanings = {}, {}
        for each in self.fields:
            try:
                meanings[each.key] = each.read(self.values[each.key].strip())
            except ValueError as error:
                errors[each.key] = str(error)
        object.__setattr__(self, "meanings", meanings)
        object.__setattr__(self, "errors", {**_together(self, meanings), **errors})

    @property
    def own(self) -> bool:
        """Whether the file's own calls train."""
        return self.values["source"] == OWN

    @property
    def concerns(self) -> Concerns:
        """What the look at the file means for the run."""
        return self.facts.own if self.own else self.facts.given

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields that there are now."""
        return tuple(each for each in FIELDS if self._is_there(each.key))

    def _is_there(self, key: str) -> bool:
        source = self.values["source"]
        if key == "data":
            return source == DATA
        if key == "target":
            return source == DATA and self.values["data"].strip().lower().endswith(_TABLES)
        if key == "samples":
            return source == SYNTHETIC
        if key == "trust":
            return self.concerns.suspect
        if key == "arguments":
            return not self.facts.saved
        if key == "patience":
            return bool(self.values["early_stopping"])
        if key == "memory_growth":
            return self.values["device"] != "cpu"
        return source != OWN if key in _GIVEN else True

    def choices(self, key: str) -> tuple[str, ...]:
        """What Space goes through in a field."""
        if key == "source" and self.facts.saved:
            return (DATA, SYNTHETIC)
        return next(each.choices for each in FIELDS if each.key == key)

    def with_value(self, key: str, text: str) -> Form:
        """The form with another text in one field."""
        return replace(self, values={**self.values, key: text})

    def turned(self, key: str, step: int = 1) -> Form:
        """The form with the next choice in one field; what was typed there is before the first one."""
        choices = self.choices(key)
        now = self.values[key]
        at = choices.index(now) if now in choices else -1 if step > 0 else 0
        return self.with_value(key, choices[(at + step) % len(choices)])

    def shown(self, key: str) -> tuple[str, bool]:
        """What is written of a field, and whether that is what is taken because nothing stands in it."""
        value = self.values[key].strip()
        if key == "source":
            return SOURCES[value], False
        if value:
            return value, False
        return _taken(self, key), True

    def changed(self, group: str) -> tuple[str, ...]:
        """Labels and values of a group's fields that are not as they began."""
        first = form_of(self.facts).values
        return tuple(
            f"{each.label} {self.values[each.key] or 'none'}"
            for each in self.fields
            if each.group == group and self.values[each.key] != first[each.key]
        )

    @property
    def spec(self) -> TrainSpec | None:
        """The run that is asked for; `None` while something is wrong."""
        return None if self.errors else _spec(self)

    @property
    def command(self) -> str:
        """The command line that starts the same run, as far as the fields are right."""
        facts = self.facts
        command = command_of(
            _spec(self), runs_dir=facts.runs_dir, keras=facts.default_keras, python=facts.default_python
        )
        if self.concerns.grave:
            # The command, too, has to be told that it is meant.
            command.insert(command.index("train") + 2, "--anyway")
        return shlex.join(command)


def form_of(facts: TrainFacts) -> Form:
    """The form as it is opened first."""
    values = dict.fromkeys((each.key for each in FIELDS), "")
    for each in FIELDS:
        if each.choices and not each.example:
            values[each.key] = each.choices[0]
    values.update(
        source=OWN if facts.fits and not facts.saved else DATA,
        samples="1024",
        device="auto",
        patience="3",
        keras=str(facts.keras),
        python=facts.python or "",
        arguments=shlex.join(facts.arguments),
    )
    return Form(facts, values)


def _taken(form: Form, key: str) -> str:
    """What is taken where a field is empty."""
    facts, own = form.facts, form.own
    compiled = "as compiled, else "
    if key in ("epochs", "batch_size"):
        known = facts.fit_epochs if key == "epochs" else facts.fit_batches
        unsaid = 1 if key == "epochs" else 32
        if not own:
            return str(unsaid)
        numbers = list(dict.fromkeys(str(number) if number is not None else f"{unsaid}" for number in known))
        return f"as the file says ({', '.join(numbers)})" if numbers else "as the file says"
    if key in ("loss", "metrics"):
        said = [each.loss if key == "loss" else " ".join(each.metrics) for each in facts.proposals]
        return f"{compiled}{', '.join(dict.fromkeys(said))}" if said else f"{compiled}what fits the outputs"
    return {
        "data": "not named yet",
        "samples": "1024",
        "device": "auto",
        "patience": "3",
        "target": "the last column",
        "validation_split": "none",
        "optimizer": f"{compiled}adam",
        "learning_rate": "that of the optimizer",
        "precision": "as it is",
        "seed": "none",
        "cwd": facts.cwd,
        "python": "the one that looks at files",
    }.get(key, "none")


def _together(form: Form, meanings: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with fields that are right by themselves."""
    errors = {}
    if form.values["source"] != OWN:
        try:
            _check_data(form, meanings)
        except ColumnError as error:
            errors["target"] = str(error)
        except ValueError as error:
            errors["data" if form.values["source"] == DATA else "samples"] = str(error)
    if form.concerns.suspect and not meanings.get("trust"):
        known = "carries code, which would run, or points elsewhere" if form.concerns.untrusted else "may carry code"
        errors["trust"] = f"the file {known}: choose yes to train it"
    if (gone := absent_gpu(meanings.get("device") or "auto")) is not None:
        errors["device"] = gone.replace("use --device cpu", "choose cpu")
    if meanings.get("strategy") == "multiworker":
        errors.update(_workers(meanings))
    for key in _MONITORED:
        name = meanings.get(key) or ""
        if name.startswith("val_") and _never_validates(form, meanings):
            errors[key] = f"{name} needs data for validation: fill in 'for validation', 0.2 for example"
        elif name and form.own and (wrong := form.facts.unmeasured(name)) is not None:
            errors[key] = wrong
    return errors


def _check_data(form: Form, meanings: Mapping[str, Any]) -> None:
    data = _data(form, meanings)
    if data is not None:
        check_contents(data)
        wrong = misnamed(data, form.facts.inputs) or unfit(data, form.facts.ports, meanings.get("loss"))
        if wrong is not None:
            raise ValueError(wrong)


def _never_validates(form: Form, meanings: Mapping[str, Any]) -> bool:
    try:
        data = _data(form, meanings)
    except ValueError:
        return False  # said at its own field
    return data is not None and never_validates(data)


def _workers(meanings: Mapping[str, Any]) -> dict[str, str]:
    if meanings.get("keras") == 3:
        return {"strategy": "Keras 3 cannot train over several workers; choose Keras 2, or mirrored on one machine"}
    try:
        worker_of({**os.environ, **dict(meanings.get("environment") or ())})
    except WorkerError as error:
        return {"strategy": str(error)}
    return {}


def _data(form: Form, meanings: Mapping[str, Any]) -> TrainingData | None:
    source = form.values["source"]
    if source == OWN:
        return None
    split = meanings.get("validation_split") or 0.0
    if source == SYNTHETIC:
        return data_of((), synthetic=meanings.get("samples") or 1024, validation_split=split)
    return data_of(meanings.get("data") or (), target=meanings.get("target") or None, validation_split=split)


def _spec(form: Form) -> TrainSpec:
    """The run as far as the fields are right: what is wrong counts as empty."""
    facts, meanings = form.facts, form.meanings
    try:
        data = _data(form, meanings)
    except ValueError:
        # For the command line, which is shown while it is not complete yet.
        data = TrainingData(kind="npz", paths=tuple(meanings.get("data") or ("DATA",)))
    compilation = Compilation()
    if not form.own:
        compilation = Compilation(
            loss=meanings.get("loss"),
            optimizer=meanings.get("optimizer"),
            learning_rate=meanings.get("learning_rate"),
            metrics=meanings.get("metrics"),
        )
    named = not form.own
    return TrainSpec(
        path=facts.path,
        shown=facts.shown,
        name=facts.name if named else None,
        call=facts.call if named else None,
        module=facts.module,
        root=facts.root,
        saved=facts.saved,
        trust=bool(meanings.get("trust")),
        input_shapes=facts.input_shapes,
        arguments=meanings.get("arguments") or (),
        data=data,
        compilation=compilation,
        epochs=meanings.get("epochs"),
        batch_size=meanings.get("batch_size"),
        keras=meanings.get("keras") or facts.keras,
        python=meanings.get("python"),
        cwd=meanings.get("cwd"),
        environment=meanings.get("environment") or (),
        device=meanings.get("device") or "auto",
        memory_growth=bool(meanings.get("memory_growth")),
        precision=meanings.get("precision"),
        seed=meanings.get("seed"),
        checkpoint_every=meanings.get("checkpoint_every"),
        checkpoint_best=meanings.get("checkpoint_best"),
        early_stopping=meanings.get("early_stopping"),
        patience=meanings.get("patience") or 3,
        tensorboard=bool(meanings.get("tensorboard")),
        resumable=form.values["resumable"] == YES,
        strategy=meanings.get("strategy") or "none",
    )
