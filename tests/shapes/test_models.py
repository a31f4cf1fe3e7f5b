"""Shapes of whole models: which call gives what, and models inside models that nobody would wait for."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from kerascope.configs import CallConfig, LayerConfig, ModelConfig, Structure, TensorRef
from kerascope.shapes import infer_model

SOON = 15.0
"""Seconds that a model may take at the very most, on a busy machine: a fifth of that on an idle one."""


def layer(
    class_name: str,
    name: str,
    *calls: TensorRef,
    model: ModelConfig | None = None,
    generation: int = 3,
    **config: object,
) -> LayerConfig:
    return LayerConfig(
        class_name=class_name,
        name=name,
        config=config,
        generation=generation,
        calls=tuple(CallConfig((ref,)) for ref in calls),
        model=model,
    )


def functional(*layers: LayerConfig, outputs: object) -> ModelConfig:
    return ModelConfig(
        kind="functional",
        class_name="Functional",
        name="model",
        generation=3,
        layers=layers,
        inputs=TensorRef("x"),
        outputs=outputs,
    )


def sequential(*layers: LayerConfig, build: object = None) -> ModelConfig:
    return ModelConfig(
        kind="sequential", class_name="Sequential", name="model", generation=2, layers=layers, build=build
    )


def test_the_calls_of_a_shared_layer_stand_in_their_order() -> None:
    """The second call can be followed before the first one, which takes what another layer gives."""
    model = functional(
        layer("InputLayer", "x", batch_shape=[None, 4]),
        layer("Reshape", "reshape", TensorRef("x"), target_shape=[2, 2]),
        layer("Activation", "shared", TensorRef("reshape"), TensorRef("x"), activation="relu"),
        outputs=(TensorRef("shared", 0), TensorRef("shared", 1)),
    )
    shared = infer_model(model).layers[2]
    assert [call.outputs for call in shared.calls] == [((None, 2, 2),), ((None, 4),)]
    assert [call.sources for call in shared.calls] == [("reshape",), ("x",)]


@pytest.mark.parametrize(
    ("given", "tensors", "output"),
    [
        ((TensorRef("x"), TensorRef("x")), 2, ((None, 10),)),
        ({"b": TensorRef("x"), "a": TensorRef("x"), "more": TensorRef("x")}, 2, ((None, 10),)),
        (TensorRef("x"), 1, None),
        ((TensorRef("x"), None), 1, None),
        ({"b": None, "a": TensorRef("x")}, 1, None),
        ((TensorRef("x"), TensorRef("x"), TensorRef("x")), 3, None),
    ],
)
def test_a_model_that_is_called_on_fewer_or_more_tensors_than_it_has_inputs_is_unknown(
    given: Structure, tensors: int, output: object
) -> None:
    """What it declares says nothing about such a call: no input is known to be the one that is left out."""
    inner = functional(
        layer("InputLayer", "a", batch_shape=[None, 4]),
        layer("InputLayer", "b", batch_shape=[None, 4]),
        LayerConfig(
            class_name="Concatenate",
            name="both",
            config={"axis": -1},
            generation=3,
            calls=(CallConfig(((TensorRef("a"), TensorRef("b")),)),),
        ),
        layer("Dense", "dense", TensorRef("both"), units=3),
        outputs=TensorRef("both"),
    )
    inner = replace(inner, inputs=(TensorRef("a"), TensorRef("b")))
    called = replace(layer("Functional", "inner", model=inner), calls=(CallConfig((given,)),))
    model = functional(layer("InputLayer", "x", batch_shape=[None, 5]), called, outputs=TensorRef("inner"))
    shapes = infer_model(model)
    call = shapes.layers[1].calls[0]
    assert call.outputs == output
    assert not call.invalid
    reason = f"it is called on another number of tensors ({tensors}) than it has inputs (2)"
    assert call.unknown == (None if output else reason)
    assert shapes.unknown == (None if output else "it takes the output of inner, which is unknown")


@pytest.mark.parametrize("build", [None, [None, 4]])
@pytest.mark.parametrize("first", [True, False])
def test_a_sequential_inside_sequentials_is_followed_once(build: object, first: bool) -> None:
    inputs = [layer("InputLayer", "x", generation=2, batch_input_shape=[None, 4])] if first else []
    model = sequential(*inputs, layer("Dense", "dense", generation=2, units=3), build=build)
    for depth in range(40):
        model = sequential(layer("Sequential", f"inner_{depth}", model=model, generation=2))
    begun = time.monotonic()
    shapes = infer_model(model)
    assert time.monotonic() - begun < SOON
    assert [tensor.shape for tensor in shapes.inputs or ()] == ([(None, 4)] if first or build else [])


def test_models_that_call_each_other_twice_end_unknown_and_soon() -> None:
    """Each call on another shape, so that none of them is known already."""
    model = functional(
        layer("InputLayer", "x", batch_shape=[None, None, 4]),
        layer("ZeroPadding1D", "padding", TensorRef("x"), padding=[0, 1]),
        outputs=TensorRef("padding"),
    )
    for depth in range(30):
        model = functional(
            layer("InputLayer", "x", batch_shape=[None, 5, 4]),
            layer("Functional", f"inner_{depth}", TensorRef("x"), TensorRef(f"inner_{depth}"), model=model),
            outputs=TensorRef(f"inner_{depth}", 1),
        )
    begun = time.monotonic()
    shapes = infer_model(model)
    assert time.monotonic() - begun < SOON
    assert shapes.output is None
    assert (
        "more than 30,000 calls of layers" in str([call.unknown for call in shapes.layers[1].calls]) or shapes.unknown
    )


def test_a_layer_that_gives_out_thousands_of_tensors_counts_as_many_calls() -> None:
    split = {"num_or_size_splits": 1000, "axis": 1}
    model = functional(
        layer("InputLayer", "x", batch_shape=[None, 1000]),
        *(
            LayerConfig(
                class_name="TFOpLambda",
                name=f"split_{number}",
                config={"function": "split"},
                generation=2,
                calls=(CallConfig((TensorRef("x"),), split),),
            )
            for number in range(60)
        ),
        outputs=TensorRef("x"),
    )
    calls = [row.calls[0] for row in infer_model(model).layers[1:]]
    assert calls[0].outputs is not None
    assert calls[-1].outputs is None
    assert calls[-1].unknown is not None
    assert "more than 30,000 calls of layers" in calls[-1].unknown
