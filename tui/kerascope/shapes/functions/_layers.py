"""The layers that Keras 2 wraps around TensorFlow functions, properties and methods on symbolic tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._reasons import told
from kerascope.shapes._registry import function_rule, rule
from kerascope.shapes._types import Unknown

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.shapes._types import Call, Infer, Result

__all__: list[str] = []


@rule("TFOpLambda", "SlicingOpLambda", generations=(2,))
def called(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The rule of the function that it calls, by name (tf-keras `TFOpLambda`)."""
    name = layer.config.get("function")
    found = function_rule(name) if isinstance(name, str) else None
    if found is None:
        raise Unknown(f"there is no shape rule for the TensorFlow function {told(name)}")
    return found(layer, call, infer)


@rule("ClassMethod", "InstanceMethod", "InstanceProperty", generations=(2,))
def of_ragged(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Ragged and sparse tensors, whose shapes Keras itself knows only in part."""
    name = layer.config.get("method_name") or layer.config.get("attr_name")
    raise Unknown(f"it works on a ragged or sparse tensor ({told(name)})")
