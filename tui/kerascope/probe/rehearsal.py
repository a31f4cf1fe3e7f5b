"""One training step put to Keras in symbols: its own inputs check, losses and metrics, on tensors that hold nothing.

Losses and metrics are copies made from what the model was compiled with, so that the model itself is left as it is.
What the user's own code would compute (their loss functions and metrics) is stood in for, never called.
"""

from __future__ import annotations

import importlib
import inspect
from typing import TYPE_CHECKING, Any

from . import describe
from .given import Spec, leaves, mapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from .adapters import Adapter

__all__ = ["MARKS", "Rehearsal", "is_own"]

MARKS = frozenset({"sigmoid", "softmax", "Sigmoid", "Softmax"})
"""Activations behind which Keras's losses look for the logits, so that they decide what a loss accepts."""

MARKED = ("Dense", "EinsumDense", "Conv", "DepthwiseConv", "SeparableConv", "Activation", "Softmax")
"""Beginnings of the class names of layers that give out what their activation returned, untouched."""


class Rehearsal:
    """The training step of one compiled model.

    Attributes:
        own: Names of the losses that are the user's own.
        stage: What the last step was at when it ended: `input`, `target`, `metric`, `weights` or `done`.
        outputs: The outputs of the last step, as `Spec`.
    """

    def __init__(self, adapter: Adapter, model: Any) -> None:
        self._adapter = adapter
        self._root = adapter.root.__name__
        self._model = model
        self.own: list[str] = []
        self._loss_names: Any = None
        self._loss_kinds: Any = None
        self.stage = ""
        self.outputs: Any = None
        self._loss, self._metrics = self._of_3() if adapter.generation == 3 else self._of_2()

    # ------------------------------------------------------------------ what the model was compiled with

    def _of_3(self) -> tuple[Any, Any]:
        model = self._model
        loss, metrics = getattr(model, "_compile_loss", None), getattr(model, "_compile_metrics", None)
        if loss is not None:
            user = self._losses(loss._user_loss)
            self._name_losses(loss._user_loss)
            loss = type(loss)(user, loss_weights=loss._user_loss_weights, output_names=loss.output_names)
        if metrics is not None:
            metrics = type(metrics)(
                self._copies(metrics._user_metrics),
                self._copies(metrics._user_weighted_metrics),
                output_names=metrics.output_names,
            )
        return loss, metrics

    def _of_2(self) -> tuple[Any, Any]:
        model = self._model
        names = getattr(model, "output_names", None)
        loss, metrics = getattr(model, "compiled_loss", None), getattr(model, "compiled_metrics", None)
        if loss is not None:
            user = self._losses(loss._user_losses)
            self._name_losses(loss._user_losses)
            loss = None if not user else type(loss)(user, loss._user_loss_weights, output_names=names)
        if metrics is not None:
            metrics = type(metrics)(
                self._copies(metrics._user_metrics), self._copies(metrics._user_weighted_metrics), output_names=names
            )
        return loss, metrics

    @property
    def has_loss(self) -> bool:
        """Whether a loss was compiled: without one, targets are the model's own business."""
        return self._loss is not None

    @property
    def has_metrics(self) -> bool:
        return self._metrics is not None

    @property
    def model(self) -> Any:
        """The model whose step it is."""
        return self._model

    def loss_of(self, number: int, output: str | None) -> str | None:
        """The name of an output's loss, `None` where it has none or that is not plain to see."""
        return _entry(self._loss_names, number, output)

    def kind_of(self, number: int, output: str | None) -> str | None:
        """The class or function of Keras behind an output's loss, by name."""
        return _entry(self._loss_kinds, number, output)

    def _kind(self, loss: Any) -> str:
        if isinstance(loss, str):
            try:
                loss = self._adapter.root.losses.get(loss)
            except ValueError:
                return str(loss)  # "crossentropy" is one of several, by the shapes
        if isinstance(loss, dict):
            return str(loss["class_name"])
        function = getattr(loss, "fn", getattr(loss, "_fn", None))
        if type(loss).__name__ == "LossFunctionWrapper" and function is not None:
            loss = function
        return str(loss.__name__ if inspect.isroutine(loss) or isinstance(loss, type) else type(loss).__name__)

    def _name_losses(self, structure: Any) -> None:
        self._loss_names, self._loss_kinds = _described(structure, _name), _described(structure, self._kind)

    def _losses(self, structure: Any) -> Any:
        """The compiled losses, the user's own stood in for; their names are noted."""
        if isinstance(structure, dict) and "class_name" not in structure:
            return {key: self._losses(value) for key, value in structure.items()}
        if isinstance(structure, (list, tuple)):
            return [self._losses(value) for value in structure]
        if structure is None or not self._is_users(structure):
            return structure
        self.own.append(_name(structure))
        return _named(self._nothing, _name(structure))

    def _copies(self, structure: Any) -> Any:
        """The compiled metrics, copied: the user's own stand in by name only."""
        if isinstance(structure, dict):
            return {key: self._copies(value) for key, value in structure.items()}
        if isinstance(structure, (list, tuple)):
            return [self._copies(value) for value in structure]
        if structure is None or isinstance(structure, str):
            return structure
        if self._is_users(structure):
            name = _name(structure)
            stand_in = _named(self._nothing, name)
            return self._adapter.root.metrics.MeanMetricWrapper(stand_in, name=name)
        if isinstance(structure, self._adapter.metric_class):
            return type(structure).from_config(structure.get_config())
        return structure

    def _nothing(self, y_true: Any, y_pred: Any) -> Any:
        """What stands in for a function of the user's own."""
        root = self._adapter.root
        return root.ops.mean(y_pred) if self._adapter.generation == 3 else root.backend.mean(y_pred)

    def _is_users(self, thing: Any) -> bool:
        if isinstance(thing, str):
            custom: dict[str, Any] = getattr(self._adapter.root.utils, "get_custom_objects", dict)()
            return thing in custom
        if isinstance(thing, dict):
            return False
        if not self._keras_made(thing if inspect.isroutine(thing) or isinstance(thing, type) else type(thing)):
            return True
        function = getattr(thing, "fn", getattr(thing, "_fn", None))
        return function is not None and not self._keras_made(function)

    def _keras_made(self, thing: Any) -> bool:
        return str(getattr(thing, "__module__", "")).split(".")[0] in (self._root, "keras", "tf_keras", "tensorflow")

    # ------------------------------------------------------------------ the step

    def step(self, x: Any, y: Any, weights: Any, predicted: Any, *, metrics: bool) -> None:
        """Rehearse one step.

        Args:
            x: Inputs, as `Spec`.
            y: Targets; `None` stops after the outputs are known.
            weights: Sample weights.
            predicted: The outputs where they are known already (see `known_outputs`), else `None`: the model is called.
            metrics: Whether to rehearse the metrics too.

        Raises:
            Exception: What Keras raises, whatever it is; `stage` says where.
        """

        def run(x: Any, y: Any, weights: Any, given: Any) -> None:
            self.stage = "input"
            outputs = self._model(x, training=False) if predicted is None else given
            outputs = _unpacked(outputs)
            if predicted is not None:
                outputs = self._marked(outputs)
            self.outputs = _specs(outputs)
            if y is not None:
                self.stage = "target"
                if self._loss is not None:
                    self._loss(y, outputs, None)
                if metrics and self._metrics is not None:
                    self.stage = "metric"
                    self._metrics.update_state(y, outputs, None)
                if weights is not None and self._loss is not None:
                    self.stage = "weights"
                    self._loss(y, outputs, weights)
            self.stage = "done"

        self._trace(run, x, y, weights, predicted)

    def _trace(self, run: Any, *structures: Any) -> None:
        if self._adapter.generation == 3:
            keras_tensor = self._adapter.root.KerasTensor
            backend = importlib.import_module(f"{self._root}.src.backend")
            symbols = [mapped(part, lambda spec: keras_tensor(spec.shape, self._dtype(spec))) for part in structures]
            backend.compute_output_spec(run, *symbols)
            return
        tensorflow = importlib.import_module("tensorflow")
        # Keras's own scratch graphs are named so, and lazy weights know them by it.
        with tensorflow.__internal__.FuncGraph("kerascope_scratch_graph").as_default():
            placeholder = tensorflow.compat.v1.placeholder
            run(*[mapped(part, lambda spec: placeholder(self._dtype(spec), spec.shape)) for part in structures])

    def _dtype(self, spec: Spec) -> str:
        """What Keras makes of a dtype before the model sees it: floats are the default float, text is text."""
        if spec.dtype == "str":
            return "string"
        if spec.dtype is not None and spec.dtype.startswith(("float", "bfloat")):
            return str(self._adapter.root.backend.floatx())
        return spec.dtype or str(self._adapter.root.backend.floatx())

    def known_outputs(self) -> Any:
        """The outputs of a model with a graph, as `Spec` with open rows; `None` where a size in them is open too."""
        structure = _unpacked(self._adapter.output_structure(self._model))
        specs = None if structure is None else _specs(structure)
        if any(leaf.shape is None or None in leaf.shape[1:] for leaf in leaves(specs)):
            return None
        return specs

    def _marked(self, outputs: Any) -> Any:
        """Outputs as their last activation gives them out: some losses look for the logits behind it."""
        structure = _unpacked(self._adapter.output_structure(self._model))
        if isinstance(outputs, dict):
            return {key: self._activated(value, structure[key]) for key, value in outputs.items()}
        if isinstance(outputs, (list, tuple)):
            return type(outputs)(self._activated(value, part) for value, part in zip(outputs, structure))
        return self._activated(outputs, structure)

    def _activated(self, tensor: Any, symbol: Any) -> Any:
        operation = self._last_operation(symbol)
        name = type(operation).__name__
        if not self._keras_made(type(operation)):
            return tensor
        if name in MARKS and not isinstance(operation, self._adapter.layer_class):
            return operation(tensor)
        activation: Any = getattr(operation, "activation", None)
        if name == "Softmax":
            return operation(tensor)
        if name.startswith(MARKED) and getattr(activation, "__name__", "") in MARKS and self._keras_made(activation):
            return activation(tensor)
        return tensor

    def _last_operation(self, symbol: Any) -> Any:
        """The layer or operation an output comes from, looked for inside models that are used as layers."""
        operation = getattr(symbol, "_keras_history", (None,))[0]
        while isinstance(operation, self._adapter.model_class):
            graph = self._adapter.graph(operation)
            symbols = [] if graph is None else self._adapter.graph_outputs(graph)
            if len(symbols) != 1:
                break
            operation = getattr(symbols[0], "_keras_history", (None,))[0]
        return operation

    # ------------------------------------------------------------------ names

    def prepare(self) -> None:
        """Let losses and metrics learn the outputs, where no data is known."""

        def build(outputs: Any) -> None:
            for container in (self._loss, self._metrics):
                if container is None:
                    continue
                if self._adapter.generation == 2 and container is self._loss:
                    container.build(outputs)
                else:
                    container.build(outputs, outputs)
            self.stage = "done"

        outputs = mapped(self.known_outputs(), lambda spec: spec.with_rows(None))
        if outputs is not None:
            self._trace(build, outputs)

    def metric_names(self) -> list[str] | None:
        """Names under which training measures, `loss` first, once a step has been rehearsed to its end."""
        if self.stage != "done" or (self._metrics is None and self._loss is None):
            return None
        if self._adapter.generation == 3:
            return list(dict.fromkeys(["loss", *self._names_3()]))
        names = ["loss"]
        for container in (self._loss, self._metrics):
            names += [metric.name for metric in (container.metrics if container is not None else ())]
        return list(dict.fromkeys(names))

    def _names_3(self) -> list[str]:
        names: list[str] = []
        metrics = self._metrics
        if metrics is not None and metrics.built:
            backend = importlib.import_module(f"{self._root}.src.backend")
            result: dict[str, Any] = {}
            backend.compute_output_spec(lambda: result.update(metrics.result()))
            names += list(result)
        if self._loss is not None:
            names += [metric.name for metric in self._loss.metrics]
        return names


def is_own(cls: type, name: str, root: str) -> bool:
    """Whether a method of a model class is the user's own and not Keras's."""
    for base in cls.__mro__:
        if name in vars(base):
            return base.__module__.split(".")[0] not in (root, "keras", "tf_keras", "tensorflow")
    return False


def _described(structure: Any, describe_one: Callable[[Any], str]) -> Any:
    """The compiled losses, nested as they are, each as a text; a list of one is that one."""
    if isinstance(structure, dict) and "class_name" not in structure:
        return {str(key): _described(value, describe_one) for key, value in structure.items()}
    if isinstance(structure, (list, tuple)):
        texts = [_described(value, describe_one) for value in structure]
        return texts[0] if len(texts) == 1 else texts
    return None if structure is None else describe_one(structure)


def _entry(described: Any, number: int, output: str | None) -> str | None:
    """The text for one output; one loss alone is that of every output."""
    if isinstance(described, dict):
        described = described.get(output)
    elif isinstance(described, list):
        described = described[number] if number < len(described) else None
    return described if isinstance(described, str) else None


def _name(thing: Any) -> str:
    """The name of a loss or metric: `mse`, `binary_crossentropy`, that of an instance."""
    if isinstance(thing, str):
        return thing
    if isinstance(thing, dict):
        return str(thing.get("class_name", "loss"))
    name = getattr(thing, "name", None) or getattr(thing, "__name__", None)
    return str(name or type(thing).__name__)


def _named(method: Any, name: str | None) -> Any:
    def stand_in(y_true: Any, y_pred: Any) -> Any:
        return method(y_true, y_pred)

    stand_in.__name__ = name or "loss"
    return stand_in


def _unpacked(structure: Any) -> Any:
    """A model gives out its one output by itself."""
    return structure[0] if isinstance(structure, (list, tuple)) and len(structure) == 1 else structure


def _specs(structure: Any) -> Any:
    if isinstance(structure, dict):
        return {str(key): _specs(value) for key, value in structure.items()}
    if isinstance(structure, (list, tuple)):
        return type(structure)(_specs(value) for value in structure)
    dtype = getattr(structure, "dtype", None)
    return Spec(describe.shape_of(structure), str(getattr(dtype, "name", dtype)))
