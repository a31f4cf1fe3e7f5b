"""The training calls a file made, decoded, with what real training would have done put into sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerascope.graph import DataSpec, Fit, Location, Shape, clean_line, format_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["fits_of"]

Facts = dict[str, Any]

_CLASS_NUMBERS = frozenset({"sparse_categorical_crossentropy", "categorical_generalized_cross_entropy", "circle"})
"""Losses that take one class number for each sample."""


def fits_of(
    skipped: Sequence[Facts], uid: int, location_of: Callable[[Facts | None], Location | None]
) -> tuple[Fit, ...]:
    """The training calls of one model, in order.

    Args:
        skipped: What was recorded of all skipped calls.
        uid: The model.
        location_of: Turns a place of the probe's into the one that is shown.
    """
    return tuple(
        _fit(call, location_of(call["place"]))
        for call in skipped
        if call["model"] == uid and call.get("fit") is not None
    )


def _fit(call: Facts, location: Location | None) -> Fit:
    facts = call["fit"]
    x, y = _specs(facts["x"]), _specs(facts["y"])
    rows = y[0].shape[0] if y and y[0].shape else x[0].shape[0] if x and x[0].shape else None
    outputs = _specs(facts.get("outputs") or (), rows)
    loss = tuple("" if name is None else clean_line(name) for name in facts.get("loss") or ())
    problem = facts.get("problem")
    words = _Words(call["method"], facts, x, y, _specs(facts.get("inputs") or ()), outputs, loss)
    told = words.told(problem) if problem is not None else {}
    return Fit(
        method=call["method"],
        line=None if location is None else location.line,
        column=None if location is None else location.column,
        path=None if location is None else location.path,
        kind=clean_line(facts["kind"]),
        x=x,
        y=y,
        weights=_specs(facts["weights"]),
        validation=_specs(facts["validation"]),
        batch_size=facts["batch_size"],
        epochs=facts["epochs"],
        steps=facts["steps"],
        callbacks=tuple(clean_line(name) for name in facts["callbacks"]),
        loss=loss,
        measures=tuple(clean_line(name) for name in facts.get("measured") or ()),
        inputs=_specs(facts.get("inputs") or ()),
        outputs=outputs,
        unknown=facts.get("unknown") and clean_line(facts["unknown"]),
        count=call["count"],
        **told,
    )


def _specs(entries: Iterable[Sequence[Any]], rows: int | None = None) -> tuple[DataSpec, ...]:
    """Arrays as they were told; open rows are `rows`."""
    return tuple(
        DataSpec(
            name=None if name is None else clean_line(name),
            shape=None if shape is None else _shape(shape, rows),
            dtype=None if dtype is None else clean_line(dtype),
        )
        for name, shape, dtype in entries
    )


def _shape(shape: Sequence[int | None], rows: int | None) -> Shape:
    return (rows if shape[0] is None else shape[0], *shape[1:]) if shape else ()


class _Words:
    """Says what real training would have done with the data of one call."""

    def __init__(
        self,
        method: str,
        facts: Facts,
        x: Sequence[DataSpec],
        y: Sequence[DataSpec],
        inputs: Sequence[DataSpec],
        outputs: Sequence[DataSpec],
        loss: Sequence[str],
    ) -> None:
        self._method = method
        self._generation = facts["generation"]
        self._facts = facts
        self._x, self._y = x, y
        self._inputs, self._outputs, self._loss = inputs, outputs, loss
        self._ends = f"{method} will raise"

    def told(self, problem: Facts) -> Facts:
        """The fields of a `Fit` that say what is wrong."""
        about = problem["about"]
        if problem.get("validation"):
            return self._of_validation(problem)
        raised = clean_line(problem["keras"]) if problem.get("keras") else None
        output = problem.get("output")
        if output is None and about == "target":
            output = self._culprit()
        values: Facts = {"raised": raised, "output": output, "about": about}
        if problem["effect"] == "broadcast":
            return {**values, "broadcast": self._broadcast(output)}
        if about in ("input", "kind", "split"):
            return {**values, "input_error": getattr(self, f"_{about}")(problem)}
        if about == "rows":
            field = "target_error" if len(problem["rows"][0]) == 1 else "input_error"
            return {**values, field: self._rows(problem)}
        return {**values, "target_error": getattr(self, f"_{about}")(problem)}

    def _of_validation(self, problem: Facts) -> Facts:
        validation = self._facts["validation"]
        shapes = ", ".join(_text(spec) for spec in _specs(validation))
        raised = clean_line(problem["keras"]) if problem.get("keras") else None
        if problem["effect"] == "broadcast":
            return {
                "about": "validation",
                "broadcast": f"the validation targets ({shapes}) are broadcast against the outputs; {self._method} "
                "runs but what it measures on them means something else",
            }
        about = problem["about"]
        field = "input_error" if about in ("input", "kind", "split") else "target_error"
        what = "does not fit the model" if field == "input_error" else "does not go with the outputs and the loss"
        if about == "rows":
            what = "differs in its rows"
        said = f"validation data {shapes} {what}; {self._ends} when it first validates"
        return {"about": "validation", field: said, "raised": raised}

    # ------------------------------------------------------------------ inputs

    def _input(self, problem: Facts) -> str:
        given = ", ".join(_text(spec) for spec in self._x)
        names, expected = [spec.name for spec in self._x], [spec.name for spec in self._inputs]
        if names and None not in names and expected and set(names) != set(expected):
            keys = f"the {'key' if len(names) == 1 else 'keys'} {_list(names)}"
            inputs = f"the {'input is' if len(expected) == 1 else 'inputs are'} {_list(expected)}"
            return f"x has {keys} and {inputs}; {self._ends}"
        wanted = ", ".join(_named(spec) for spec in self._inputs)
        if len(self._inputs) == 1 and self._inputs[0].shape is not None:
            wanted = format_shape(self._inputs[0].shape)  # the name of an only input is nearly always Keras's own
        if self._x and self._inputs and len(self._x) != len(self._inputs):
            return (
                f"x is {_count(len(self._x), 'array')} and the model has {_count(len(self._inputs), 'input')} "
                f"({wanted}); {self._ends}"
            )
        if len(self._x) == len(self._inputs) > 1:
            for mine, theirs in zip(self._in_order(), self._inputs, strict=True):
                if not _fits(mine, theirs):
                    return f"x {_text(mine)} does not fit the input {_named(theirs)}; {self._ends}"
        return f"x {given} does not fit the input {wanted or 'of the model'}; {self._ends}"

    def _in_order(self) -> Sequence[DataSpec]:
        by_name = {spec.name: spec for spec in self._x}
        if None in by_name or not all(spec.name in by_name for spec in self._inputs):
            return self._x
        return [by_name[spec.name] for spec in self._inputs]

    def _kind(self, problem: Facts) -> str:
        lists = [{"weights": "sample_weight"}.get(name, name) for name in problem["lists"]]
        many = len(lists) > 1
        said = f"{_list(lists)} {'are Python lists' if many else 'is a Python list'} of numbers"
        if self._generation == 3:
            return f"{said}, and Keras 3 takes arrays; {self._ends}"
        return f"{said} and the rest is not; Keras 2 takes either all lists or all arrays; {self._ends}"

    def _split(self, problem: Facts) -> str:
        return (
            f"validation_split={problem['split']:g} leaves nothing of {_count(problem['rows'], 'row')} on one side; "
            f"{self._ends}"
        )

    # ------------------------------------------------------------------ targets

    def _rows(self, problem: Facts) -> str:
        parts = [
            f"{name} {'has' if name != 'the sample weights' else 'have'} {' and '.join(map(str, counts))} rows"
            for name, counts in zip(("x", "y", "the sample weights"), problem["rows"], strict=True)
            if counts
        ]
        return f"{_list(parts)}; {self._ends}"

    def _target(self, problem: Facts) -> str:
        number = self._culprit()
        pair = self._pair(number)
        if pair is None:
            targets = ", ".join(_text(spec) for spec in self._y)
            outputs = ", ".join(_named(spec) for spec in self._outputs)
            return f"the targets {targets} do not go with the outputs {outputs} and their losses; {self._ends}"
        target, output = pair
        loss = self._loss_of(number)
        which = f" {output.name}" if len(self._outputs) > 1 and output.name else ""
        assert target.shape is not None
        assert output.shape is not None
        both = f"target {format_shape(target.shape)} and output{which} {format_shape(output.shape)}"
        if target.dtype == "str":
            return f"target {_text(target)} is text, and {loss} needs numbers; {self._ends}"
        if loss in _CLASS_NUMBERS:
            return f"{both} do not go together; {loss} needs one class number for each sample; {self._ends}"
        if len(target.shape) != len(output.shape):
            return f"{both} have different ranks; {loss} needs the same; {self._ends}"
        if target.shape != output.shape:
            return f"{both} have different sizes; {loss} needs the same; {self._ends}"
        return f"{both} do not go with {loss}; {self._ends}"

    def _metric(self, problem: Facts) -> str:
        targets = ", ".join(_text(spec) for spec in self._y)
        outputs = ", ".join(_named(spec) for spec in self._outputs)
        return f"a metric cannot be computed from the target {targets} and the output {outputs}; {self._ends}"

    def _weights(self, problem: Facts) -> str:
        weights = ", ".join(_text(spec) for spec in _specs(self._facts["weights"]))
        outputs = ", ".join(_named(spec) for spec in self._outputs)
        return f"the sample weights {weights} do not go with the output {outputs}; {self._ends}"

    def _missing(self, problem: Facts) -> str:
        losses = _list([name for name in self._loss if name]) or "a loss"
        return f"no targets were given, and the model was compiled with {losses}; {self._ends}"

    def _broadcast(self, number: int | None) -> str:
        pair = self._pair(number)
        assert pair is not None
        target, output = pair
        assert target.shape is not None
        assert output.shape is not None
        runs = f"{self._method} runs but means something else"
        which = f" of {output.name}" if len(self._outputs) > 1 and output.name else ""
        if len(output.shape) == 2 and (len(target.shape) == 1 or target.shape[1] == 1) and output.shape[1] != 1:
            return f"y {format_shape(target.shape)} is broadcast against {output.shape[1]} outputs{which}; {runs}"
        stretched, whole = f"y {format_shape(target.shape)}", f"output{which} {format_shape(output.shape)}"
        if len(target.shape) > len(output.shape) or _size(target.shape) > _size(output.shape):
            stretched, whole = whole, stretched
        return f"{stretched} is broadcast against {whole}; {runs}"

    def _culprit(self) -> int | None:
        """The output whose target is most plainly wrong; `None` where that is not plain."""
        pairs = [(number, self._pair(number)) for number in range(len(self._outputs))]
        known = [(number, pair) for number, pair in pairs if pair is not None]
        if len(known) == 1 and len(self._outputs) == 1:
            return 0
        for number, (target, output) in known:
            numbers = self._loss_of(number) in _CLASS_NUMBERS
            wanted = output.shape[:-1] if numbers and output.shape else output.shape
            if target.shape != wanted and target.shape != (*(wanted or ()), 1):
                return number
        return None

    def _pair(self, number: int | None) -> tuple[DataSpec, DataSpec] | None:
        """An output's target and the output, where both shapes are known."""
        if number is None or number >= len(self._outputs):
            return None
        output = self._outputs[number]
        by_name = {spec.name: spec for spec in self._y if spec.name is not None}
        if by_name:
            target = by_name.get(output.name or "")
        else:
            target = self._y[number] if len(self._y) == len(self._outputs) else None
        return None if target is None or target.shape is None or output.shape is None else (target, output)

    def _loss_of(self, number: int | None) -> str:
        return (self._loss[number] if number is not None and number < len(self._loss) else "") or "the loss"


def _fits(given: DataSpec, wanted: DataSpec) -> bool:
    if given.shape is None or wanted.shape is None or (given.dtype == "str") != (wanted.dtype in ("str", "string")):
        return False
    pairs = zip(given.shape[1:], wanted.shape[1:], strict=False)
    return len(given.shape) == len(wanted.shape) and all(want in (None, have) for have, want in pairs)


def _text(spec: DataSpec) -> str:
    shape = "of unknown shape" if spec.shape is None else format_shape(spec.shape)
    return f"{shape} {spec.dtype}" if spec.dtype else shape


def _named(spec: DataSpec) -> str:
    shape = "of unknown shape" if spec.shape is None else format_shape(spec.shape)
    return f"{spec.name} {shape}" if spec.name else shape


def _size(shape: Shape) -> int:
    size = 1
    for side in shape[1:]:
        size *= side or 1
    return size


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _list(words: Sequence[Any]) -> str:
    return ", ".join(map(str, words[:-1])) + (" and " if len(words) > 1 else "") + str(words[-1]) if words else ""
