"""Layers that only Keras 2 has: what `add_loss` leaves in a model, random features, the base class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._registry import rule, unruled
from kerascope.shapes._types import Result, Tensor, Unknown, WeightSpec
from kerascope.shapes.layers._arguments import known, one_tensor, weights_of, whole

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.shapes._types import Call, Infer

__all__: list[str] = []

unruled(
    "DenseFeatures",
    "SequenceFeatures",
    because="its shapes are those of feature columns, for which there are no shape rules",
    generations=(1, 2),
)
unruled("ModuleWrapper", because="it holds a TensorFlow module, whose code is not in the file", generations=(1, 2))


@rule("AddLoss", "AddMetric", "Layer", generations=(1, 2))
def given_on(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """What it is called on: `add_loss` and `add_metric` only look at it, and the base class does nothing.

    What a metric counts is not among the weights of its layer (tf-keras 2.21).
    """
    if not call.tensors:
        raise Unknown(f"this {layer.class_name} is called on no tensor")
    return Result(call.first)


@rule("RandomFourierFeatures", generations=(1, 2))
def random_fourier_features(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Random features of a kernel: all of it is fixed but its scale."""
    shape = one_tensor(layer, call, rank=2).shape
    inputs, outputs = known(layer, shape, -1), whole(layer, "output_dim")
    weights = weights_of(
        layer,
        WeightSpec("unscaled_kernel", (inputs, outputs), trainable=False),
        WeightSpec("bias", (outputs,), trainable=False),
        # Trainable is what it is asked to be, and it is not by default.
        WeightSpec("kernel_scale", (1,), trainable=bool(layer.config.get("trainable", False))),
    )
    return Result(Tensor((shape[0], outputs), "float32"), weights)
