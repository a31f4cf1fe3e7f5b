"""Layer weights that take no memory until something reads or writes them.

Keras 3: a variable made from an initializer inside a `StatelessScope` holds no value; such a scope stands only around
`Layer.add_weight`, and the list of variables to be allocated when a scope ends does not hear of it. Keras 2: the
variable is TensorFlow's `UninitializedVariable`, a handle without a value. In both, reading or assigning a weight for
real (not while Keras traces shapes) gives it its value first, so that the user's own code goes on as it would.
"""

from __future__ import annotations

import functools
import importlib
from typing import Any

from .adapters import Adapter, Keras3

__all__ = ["make_weights_lazy"]


def make_weights_lazy(adapter: Adapter) -> bool:
    """Make the weights of all layers built from now on lazy.

    Returns:
        False where this Keras cannot do it (another backend than TensorFlow): weights are real then.
    """
    if isinstance(adapter, Keras3):
        return _make_lazy_3(adapter)
    return _make_lazy_2(adapter)


def _make_lazy_3(adapter: Keras3) -> bool:
    backend = importlib.import_module(f"{adapter.root.__name__}.src.backend")
    state = importlib.import_module(f"{adapter.root.__name__}.src.backend.common.global_state")
    stateless = importlib.import_module(f"{adapter.root.__name__}.src.backend.common.stateless_scope")
    if backend.backend() != "tensorflow":
        return False
    original = adapter.layer_class.add_weight

    @functools.wraps(original)
    def add_weight(layer: Any, *args: Any, **kwargs: Any) -> Any:
        outer = stateless.get_stateless_scope()
        # Entered and left by hand: leaving the scope itself would allocate every variable made inside.
        state.set_global_attribute("stateless_scope", outer or stateless.StatelessScope())
        try:
            variable = original(layer, *args, **kwargs)
        finally:
            state.set_global_attribute("stateless_scope", outer)
        waiting = state.get_global_attribute("uninitialized_variables", [])
        waiting[:] = [other for other in waiting if other is not variable]
        return variable

    adapter.layer_class.add_weight = add_weight

    variable_class = backend.Variable
    plain_value = variable_class.value.fget
    plain_assign = variable_class._direct_assign

    def value(variable: Any) -> Any:
        # In a stateless scope Keras traces shapes, and a placeholder is what it wants.
        if variable._value is None and not stateless.in_stateless_scope():
            variable._deferred_initialize()
        return plain_value(variable)

    def direct_assign(variable: Any, new: Any) -> None:
        if variable._value is None:
            variable._deferred_initialize()
        plain_assign(variable, new)

    variable_class.value = property(value)
    variable_class._direct_assign = direct_assign
    return True


def _make_lazy_2(adapter: Adapter) -> bool:
    tensorflow = importlib.import_module("tensorflow")
    utils: Any = importlib.import_module(f"{adapter.root.__name__}.src.engine.base_layer_utils")
    original_add = adapter.layer_class.add_weight
    original_make = utils.make_variable
    lazy_class = _lazy_variable_class(tensorflow)
    # add_weight calls make_variable, and a user's weight may be made while another layer's is: a depth, not a flag.
    depth = [0]

    def make_variable(
        name: Any, shape: Any = None, dtype: Any = None, initializer: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        special = args or kwargs.get("layout") is not None or kwargs.get("partitioner") is not None
        if not depth[0] or special or shape is None or tensorflow.distribute.has_strategy():
            return original_make(name, shape, dtype, initializer, *args, **kwargs)
        initial, variable_dtype = utils.infer_init_val_and_dtype(initializer, dtype or tensorflow.float32, shape, None)
        if not callable(initial):
            return original_make(name, shape, dtype, initializer, *args, **kwargs)
        trainable = kwargs.get("trainable")
        variable = lazy_class(
            trainable=True if trainable is None else trainable,
            name=name,
            shape=tensorflow.TensorShape(shape),
            dtype=variable_dtype,
            constraint=kwargs.get("constraint"),
            synchronization=kwargs.get("synchronization", tensorflow.VariableSynchronization.AUTO),
            aggregation=kwargs.get("aggregation", tensorflow.VariableAggregation.NONE),
        )
        variable._lazy_initial = initial
        return variable

    @functools.wraps(original_add)
    def add_weight(layer: Any, *args: Any, **kwargs: Any) -> Any:
        if adapter.is_metric(layer):
            return original_add(layer, *args, **kwargs)
        depth[0] += 1
        try:
            return original_add(layer, *args, **kwargs)
        finally:
            depth[0] -= 1

    utils.make_variable = make_variable
    adapter.layer_class.add_weight = add_weight
    return True


def _lazy_variable_class(tensorflow: Any) -> Any:
    resources = importlib.import_module("tensorflow.python.ops.resource_variable_ops")

    class LazyVariable(resources.UninitializedVariable):  # type: ignore[misc, name-defined]
        """A handle that gets its value from the initializer when something first needs it."""

        _lazy_initial: Any = None

        def _give_value(self) -> None:
            initial, self._lazy_initial = self._lazy_initial, None
            if initial is not None:
                with tensorflow.init_scope():
                    super().assign(initial())

        def _read_variable_op(self, *args: Any, **kwargs: Any) -> Any:
            self._give_value_unless_tracing()
            return super()._read_variable_op(*args, **kwargs)

        def sparse_read(self, *args: Any, **kwargs: Any) -> Any:
            self._give_value_unless_tracing()
            return super().sparse_read(*args, **kwargs)

        def gather_nd(self, *args: Any, **kwargs: Any) -> Any:
            self._give_value_unless_tracing()
            return super().gather_nd(*args, **kwargs)

        def assign(self, value: Any, *args: Any, **kwargs: Any) -> Any:
            self._lazy_initial = None
            return super().assign(value, *args, **kwargs)

        def assign_add(self, delta: Any, *args: Any, **kwargs: Any) -> Any:
            self._give_value()
            return super().assign_add(delta, *args, **kwargs)

        def assign_sub(self, delta: Any, *args: Any, **kwargs: Any) -> Any:
            self._give_value()
            return super().assign_sub(delta, *args, **kwargs)

        def _give_value_unless_tracing(self) -> None:
            if self._lazy_initial is not None and not _only_tracing(tensorflow):
                self._give_value()

    for name in dir(resources.BaseResourceVariable):
        if name.startswith(("scatter_", "batch_scatter_")):
            setattr(LazyVariable, name, _with_value(getattr(resources.BaseResourceVariable, name)))
    return LazyVariable


def _with_value(method: Any) -> Any:
    """A method that changes a part of a variable, and so needs the rest of it."""

    @functools.wraps(method)
    def changed(variable: Any, *args: Any, **kwargs: Any) -> Any:
        variable._give_value()
        return method(variable, *args, **kwargs)

    return changed


def _only_tracing(tensorflow: Any) -> bool:
    """Whether this runs in one of the graphs in which Keras 2 works out shapes, where a handle needs no value."""
    if tensorflow.executing_eagerly():
        return False
    graph = tensorflow.compat.v1.get_default_graph()
    while graph is not None:
        name = str(getattr(graph, "name", ""))
        if name.endswith("_scratch_graph") or name in ("build_graph", "keras_graph"):
            return True
        graph = getattr(graph, "outer_graph", None)
    return False
