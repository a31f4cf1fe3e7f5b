"""What real training would do with the data it was given: asked of Keras in symbols, before any training.

Three things can go wrong: the data does not fit the model's input, the targets do not fit the outputs and their loss,
or everything runs and the targets are stretched over the outputs without a word.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from . import describe
from .given import Given, Spec, leaves, mapped, named_leaves, spec_rows
from .rehearsal import Rehearsal, is_own

if TYPE_CHECKING:
    from .adapters import Adapter
    from .recorder import Recorder

__all__ = ["Fitting"]

BATCH_SIZE = 32
"""Keras's default."""

PROBES = (61, 32)
"""Rows put in place of an unknown batch size: what fails with both fails with nearly every one."""

MAX_LAYERS = 500
"""Layers of a model that is called in symbols where its outputs are not known otherwise."""

NOT_SAME_SHAPE = frozenset(
    {"SparseCategoricalCrossentropy", "CTC", "Circle", "CategoricalGeneralizedCrossEntropy"}
    | {"sparse_categorical_crossentropy", "ctc", "circle", "categorical_generalized_cross_entropy"}
)
"""Losses whose targets do not have the shape of the outputs: class numbers."""

WITH_TARGETS = ("fit", "fit_generator", "train_on_batch", "evaluate", "evaluate_generator", "test_on_batch")
ON_BATCH = ("train_on_batch", "test_on_batch", "predict_on_batch")

MEASURING = ("test_step", "metrics", "compute_metrics", "get_metrics_result")
"""What a model class measures by, beside its training step."""

STEPS = {"fit": "train_step", "fit_generator": "train_step", "train_on_batch": "train_step"}
STEPS.update(dict.fromkeys(("evaluate", "evaluate_generator", "test_on_batch"), "test_step"))


class _Found(Exception):
    """Something real training would trip over: no error of ours, but the way out once there is an answer."""

    def __init__(self, about: str, effect: str = "raises", **values: Any) -> None:
        super().__init__(about)
        self.facts = {"about": about, "effect": effect, **values}


class _UnknownError(Exception):
    """It cannot be found out, for the reason given."""


class Fitting:
    """Finds out for one training call at a time.

    Args:
        adapter: The Keras generation.
        recorder: Told to look away while Keras is asked.
    """

    def __init__(self, adapter: Adapter, recorder: Recorder) -> None:
        self._adapter = adapter
        self._recorder = recorder
        self._root = adapter.root.__name__

    def facts(self, method: str, model: Any, passed: dict[str, Any], given: Given, validation: Given | None) -> Any:
        """What real training would do, ready to be sent.

        Args:
            method: The call that was skipped.
            model: Its model.
            passed: Its arguments by name.
            given: Its data.
            validation: Its validation data.
        """
        answer: dict[str, Any] = {"problem": None, "unknown": None, "inputs": [], "outputs": [], "loss": []}
        self._recorder.pretending = self._recorder.muted = True
        try:
            self._ask(method, model, passed, given, validation, answer)
        except _Found as found:
            answer["problem"] = found.facts
        except _UnknownError as unknown:
            answer["unknown"] = str(unknown)
        except Exception as error:
            # Other versions of Keras, and properties of the user's own, may lack or do anything.
            answer["unknown"] = f"Keras could not be asked ({type(error).__name__}: {_sentence(error)})"
        finally:
            self._recorder.pretending = self._recorder.muted = False
        return answer

    def _ask(
        self, method: str, model: Any, passed: Any, given: Given, validation: Given | None, answer: dict[str, Any]
    ) -> None:
        step = STEPS.get(method, "predict_step")
        for name in (step, "compile", "__call__", "make_" + step.replace("_step", "_function")):
            if is_own(type(model), name, self._root):
                raise _UnknownError(f"the model has its own {name}")
        targets = method in WITH_TARGETS
        compiled = getattr(model, "compiled", getattr(model, "_is_compiled", False))
        if targets and not compiled:
            raise _UnknownError("the model is not compiled")
        if targets and is_own(type(model), "compute_loss", self._root):
            targets, answer["unknown"] = False, "the model has its own compute_loss"
        rehearsal = Rehearsal(self._adapter, model)
        self._interface(model, rehearsal, answer)
        try:
            self._data(rehearsal, method, model, passed, given, answer, targets=targets)
            if validation is not None:
                self._validation(rehearsal, model, passed, validation, answer, targets=targets)
        finally:
            if targets:
                answer["names"] = self._names(rehearsal, model)
                answer["measured"] = self._measured(model, passed, answer["names"])
        if targets and rehearsal.own and answer["unknown"] is None:
            answer["unknown"] = f"the loss {rehearsal.own[0]} is the file's own and was not called"

    def _validation(
        self, rehearsal: Rehearsal, model: Any, passed: Any, data: Given, answer: Any, **options: Any
    ) -> None:
        passed = {
            "batch_size": passed.get("validation_batch_size") or passed.get("batch_size"),
            "steps": passed.get("validation_steps"),
        }
        try:
            self._data(rehearsal, "evaluate", model, passed, data, answer, **options)
        except _Found as found:
            found.facts["validation"] = True
            raise
        except _UnknownError as unknown:
            answer["unknown"] = answer["unknown"] or f"validation data: {unknown}"

    def _names(self, rehearsal: Rehearsal, model: Any) -> list[str] | None:
        """Names under which training would measure, also where its data is unknown or wrong."""
        try:
            if rehearsal.stage != "done":
                rehearsal = Rehearsal(self._adapter, model)
                rehearsal.prepare()
            return rehearsal.metric_names()
        except Exception:
            # Losses and metrics that do not go with the outputs measure nothing.
            return None

    def _measured(self, model: Any, passed: Any, names: list[str] | None) -> list[str]:
        """All names under which a training will measure; none where the file's own code may add to them."""
        given = passed.get("callbacks") or ()
        callbacks = given if isinstance(given, (list, tuple)) else [given]
        ours = any(is_own(type(model), name, self._root) for name in MEASURING)
        if names is None or ours or any(self._may_measure(callback) for callback in callbacks):
            return []
        try:
            more = [metric.name for metric in model.metrics if metric.name not in ("loss", "compile_metrics", *names)]
        except Exception:
            return []  # Keras 2 asks layers of the user's own, which may count on what only training sets up
        validates = passed.get("validation_data") is not None or bool(passed.get("validation_split"))
        return [*names, *more, *(f"val_{name}" for name in (*names, *more) if validates)]

    def _may_measure(self, callback: Any) -> bool:
        """Whether a callback can put a number into the logs."""
        kind = type(callback)
        return kind.__name__ == "LambdaCallback" or kind.__module__.split(".")[0] not in (self._root, "keras")

    def _interface(self, model: Any, rehearsal: Rehearsal, answer: dict[str, Any]) -> None:
        """The model's inputs and outputs, with their names."""
        graph = self._adapter.graph(model)
        if graph is None:
            return
        answer["inputs"] = [
            [str(tensor.name).split(":")[0], describe.shape_of(tensor), _dtype_name(tensor)]
            for tensor in self._adapter.graph_inputs(graph)
        ]
        outputs = self._adapter.graph_outputs(graph)
        names = list(getattr(model, "output_names", None) or getattr(graph, "output_names", None) or ())
        names = names if len(names) == len(outputs) else [None] * len(outputs)
        answer["outputs"] = [
            [name, describe.shape_of(tensor), _dtype_name(tensor)] for name, tensor in zip(names, outputs)
        ]
        answer["loss"] = [rehearsal.loss_of(number, name) for number, name in enumerate(names)]

    # ------------------------------------------------------------------ one set of data

    def _data(
        self,
        rehearsal: Rehearsal,
        method: str,
        model: Any,
        passed: Any,
        given: Given,
        answer: dict[str, Any],
        *,
        targets: bool,
    ) -> None:
        if given.unknown is not None:
            raise _UnknownError(given.unknown)
        if given.x is None:
            raise _UnknownError("it was given no data")
        if not given.batched:
            self._check_kinds(given)
        rows = None if given.batched else self._rows(given)
        sizes, certain = _batches(method, passed, given, rows)
        x = given.x
        y = given.y if targets else None
        if targets and y is None and rehearsal.has_loss:
            if STEPS[method] == "train_step" and not rehearsal.own:
                raise _Found("missing")
            raise _UnknownError("it was given no targets")
        self._check_text(rehearsal, model, x, y)
        plain = not self._differs(model, x)
        if plain and not targets:
            return
        predicted = rehearsal.known_outputs() if plain else None
        if predicted is None and len(self._adapter.own_layers(model)) > MAX_LAYERS:
            raise _UnknownError("the model is large, and its data is not what its inputs say")
        metrics = rehearsal.has_metrics and not is_own(type(model), "compute_metrics", self._root)
        failed: list[_Found] = []
        for size in sizes:
            try:
                self._step(rehearsal, x, y, given.weights, predicted, size, metrics=metrics)
            except _Found as found:
                failed.append(found)
                if certain or size is None:
                    break
            else:
                if not certain and size is not None:
                    failed.clear()
                    break
        if rehearsal.stage not in ("", "input"):
            self._fill_outputs(rehearsal, answer)
        if failed:
            raise failed[0]
        if targets and y is not None and rehearsal.has_loss:
            self._check_broadcast(rehearsal, y, answer)

    def _step(self, rehearsal: Any, x: Any, y: Any, w: Any, predicted: Any, rows: int | None, **options: Any) -> None:
        def sized(structure: Any) -> Any:
            return mapped(structure, lambda spec: spec.with_rows(rows))

        known = None if predicted is None else sized(predicted)
        try:
            rehearsal.step(sized(x), sized(y), sized(w), known, **options)
        except (ValueError, TypeError, KeyError, IndexError, RuntimeError, AttributeError, ArithmeticError) as error:
            graph = self._adapter.graph(rehearsal.model)
            if rehearsal.stage == "input" and graph is None and "incompatible with the layer" not in str(error):
                # A call of the user's own may count on data that is really there.
                raise _UnknownError(f"the model could not be called on it ({_sentence(error)})") from error
            raise _Found(rehearsal.stage, keras=_sentence(error), type=type(error).__name__) from error

    def _fill_outputs(self, rehearsal: Rehearsal, answer: dict[str, Any]) -> None:
        """The outputs as this data makes them: sizes that the model leaves open are known now."""
        named = named_leaves(rehearsal.outputs)
        known = [entry[0] for entry in answer["outputs"]]
        if len(known) == len(named):
            named = [(name or own, spec) for own, (name, spec) in zip(known, named)]
        answer["outputs"] = [[name, spec.shape and [None, *spec.shape[1:]], spec.dtype] for name, spec in named]
        answer["loss"] = [rehearsal.loss_of(number, name) for number, (name, _) in enumerate(named)]

    # ------------------------------------------------------------------ before the model

    def _check_kinds(self, given: Given) -> None:
        """Whether Keras takes such objects at all: lists of numbers it may not."""
        lists = [name for name in ("x", "y", "weights") if name in given.numbers]
        together = {"x"} if given.y is None else {"x", "y"}
        if lists and (self._adapter.generation == 3 or set(lists) - {"weights"} != together):
            raise _Found("kind", lists=lists)

    def _check_text(self, rehearsal: Rehearsal, model: Any, x: Any, y: Any) -> None:
        """Text where numbers are wanted: symbols would be cast without a word, real text cannot."""
        graph = self._adapter.graph(model)
        if graph is not None and any(leaf.dtype == "str" for leaf in leaves(x)):
            wanted = {_dtype_name(tensor) for tensor in self._adapter.graph_inputs(graph)}
            if not wanted & {"string", "str"}:
                raise _Found("input")
        if y is not None and rehearsal.has_loss and not rehearsal.own:
            text = [number for number, leaf in enumerate(leaves(y)) if leaf.dtype == "str"]
            if text:
                raise _Found("target", output=text[0])

    def _rows(self, given: Given) -> int:
        counts = [sorted(set(spec_rows(part))) for part in (given.x, given.y, given.weights)]
        different = {count for part in counts for count in part}
        if len(different) > 1:
            raise _Found("rows", rows=counts)
        if not different or 0 in different:
            raise _UnknownError("it was given no rows")
        return different.pop()

    def _differs(self, model: Any, x: Any) -> bool:
        """Whether the data is not plainly what the inputs of a model with a graph say."""
        graph = self._adapter.graph(model)
        if graph is None:
            return True
        inputs = self._adapter.graph_inputs(graph)
        names = [str(tensor.name).split(":")[0] for tensor in inputs]
        if isinstance(x, dict):
            if set(x) != set(names) or not all(isinstance(value, Spec) for value in x.values()):
                return True
            given: list[Any] = [x[name] for name in names]
        elif isinstance(x, (list, tuple)):
            if len(inputs) == 1 or isinstance(self._adapter.input_structure(graph), dict):
                return True
            given = list(x)
        else:
            given = [x]
        return len(given) != len(inputs) or any(_unlike(spec, tensor) for spec, tensor in zip(given, inputs))

    # ------------------------------------------------------------------ stretched targets

    def _check_broadcast(self, rehearsal: Rehearsal, y: Any, answer: dict[str, Any]) -> None:
        """Raise for a target that is stretched to its output, or the other way round, without a word from Keras."""
        pairs = _pairs(y, rehearsal.outputs, [entry[0] for entry in answer["outputs"]])
        for number, (target, output) in enumerate(pairs):
            name = answer["outputs"][number][0]
            loss = rehearsal.loss_of(number, name)
            if loss is None or loss in rehearsal.own or rehearsal.kind_of(number, name) in NOT_SAME_SHAPE:
                continue
            if target.shape is None or output.shape is None or _same(target.shape, output.shape):
                continue
            raise _Found("target", "broadcast", output=number)


def _batches(method: str, passed: Any, given: Given, rows: int | None) -> tuple[list[int | None], bool]:
    """The rows of the batches that training would see, `None` for an open size, and whether they are certain."""
    if method in ON_BATCH:
        return [rows], True
    if given.batched:
        fixed = spec_rows(given.x)
        if fixed:
            return [None, fixed[0]], True
        return [None, *PROBES], False
    assert rows is not None
    split = passed.get("validation_split")
    if split and passed.get("validation_data") is None:
        train = math.floor(rows * (1.0 - split))
        if train in (0, rows):
            raise _Found("split", rows=rows, split=split)
        rows = train
    steps = passed.get("steps_per_epoch") or passed.get("steps")
    size = passed.get("batch_size") or (math.ceil(rows / steps) if steps else BATCH_SIZE)
    whole, rest = divmod(rows, size)
    sizes: list[int | None] = [None] if rest else []
    sizes += [size] if whole else []
    if rest and not (steps and steps <= whole):
        sizes.append(rest)
    return sizes, True


def _same(target: Any, output: Any) -> bool:
    """Whether a target has its output's shape after what Keras itself squeezes or expands; rows do not count."""
    short, long = sorted((list(target[1:]), list(output[1:])), key=len)
    if len(long) == len(short) + 1 and long[-1] == 1:
        long = long[:-1]
    return len(short) == len(long) and all(a == b or None in (a, b) for a, b in zip(short, long))


def _pairs(y: Any, outputs: Any, names: list[Any]) -> list[tuple[Spec, Spec]]:
    """Each output's target beside it; nothing where that is not plain to see."""
    outs = leaves(outputs)
    if isinstance(y, dict):
        keys = list(outputs) if isinstance(outputs, dict) else names
        if not all(isinstance(y.get(key), Spec) for key in keys) or len(keys) != len(outs):
            return []
        return [(y[key], out) for key, out in zip(keys, outs)]
    targets = leaves(y)
    return list(zip(targets, outs)) if len(targets) == len(outs) else []


def _unlike(spec: Any, tensor: Any) -> bool:
    expected = describe.shape_of(tensor)
    if not isinstance(spec, Spec) or spec.shape is None or expected is None or len(spec.shape) != len(expected):
        return True
    if (spec.dtype == "str") != (_dtype_name(tensor) in ("string", "str")):
        return True
    if expected[0] is not None:
        return True
    return any(want is not None and have != want for have, want in zip(spec.shape[1:], expected[1:]))


def _dtype_name(tensor: Any) -> str:
    dtype = getattr(tensor, "dtype", None)
    return str(getattr(dtype, "name", dtype))


_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def _sentence(error: BaseException) -> str:
    """What an exception says, in one line and without what Keras puts around it."""
    text = _ESCAPES.sub("", str(error))
    if text.startswith("in user code:"):
        # Keras 2 puts the whole traceback into the message.
        text = re.split(r"\n\s+\w+(?:Error|Exception): ", text)[-1]
    text = re.sub(r"^Exception encountered when calling [^\n]*\n+", "", text)
    text = re.split(r"\n\s*(?:Arguments received by|Call arguments received by)", text)[0]
    text = re.sub(r" for '\{\{node .*?\}\}[^']*'", "", text, flags=re.DOTALL)
    return " ".join(text.split())[:400]
