"""Saved files made by hand: what reading them as data gives, without any file."""

from __future__ import annotations

import json
from dataclasses import replace

from kerascope.graph import (
    Argument,
    Connection,
    Declaration,
    Failure,
    FileInfo,
    FileIssue,
    Finding,
    Inspection,
    Layer,
    Model,
    Note,
    Params,
    Provenance,
    Severity,
    Shape,
    Source,
    SourceKind,
    Verdict,
    Weight,
    WeightStats,
)

PATH = "/home/ada/digits.keras"
IMAGE: Shape = (None, 28, 28, 1)
WIDE: Shape = (None, 28, 28, 32)
CUSTOM = "Shout is not one of Keras's own layers, and only its code could tell what it gives"


def layer(name: str, class_name: str, *inbound: str, **more: object) -> Layer:
    """A layer of a file, whose id is its name; what is given as `config` is its entries."""
    config = more.pop("config", {})
    assert isinstance(config, dict)
    made = Layer(
        id=name,
        uid=sum(map(ord, name)),
        name=name,
        class_name=class_name,
        inbound=inbound,
        provenance=Provenance.FILE,
        connection=Connection.CONNECTED,
        arguments=tuple(Argument(name=key, value=value) for key, value in config.items()),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def weight(layer_name: str, variable: str, *shape: int) -> Weight:
    """A weight of float32 numbers."""
    size = 4
    for length in shape:
        size *= length
    name = f"{layer_name}/{variable}"
    return Weight(path=f"layers/{name}", name=name, shape=shape, dtype="float32", size=size, layer=layer_name)


def stats(low: float = -0.25, high: float = 0.5, **more: object) -> WeightStats:
    """Statistics with a histogram of one hill."""
    made = WeightStats(
        count=288,
        minimum=low,
        maximum=high,
        mean=0.0125,
        std=0.125,
        zeros=36,
        nans=0,
        infs=0,
        histogram=(0, 1, 2, 4, 9, 16, 20, 16, 9, 4, 2, 1, 0, 0, 1, 0),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def keras() -> Inspection:
    """A Keras 3 archive with a layer of the user's own in it."""
    layers = (
        layer(
            "image",
            "InputLayer",
            declared=Declaration(shape=IMAGE, argument="batch_shape", value="[None, 28, 28, 1]"),
            effective=(IMAGE,),
            output=(IMAGE,),
            verdict=Verdict.DECIDES,
            is_input=True,
            params=0,
            config={"batch_shape": "[None, 28, 28, 1]", "dtype": "float32"},
        ),
        layer(
            "stem",
            "Conv2D",
            "image",
            effective=(IMAGE,),
            output=(WIDE,),
            params=320,
            config={"filters": "32", "kernel_size": "[3, 3]", "padding": "same"},
        ),
        layer("norm", "BatchNormalization", "stem", effective=(WIDE,), output=(WIDE,), params=128),
        layer(
            "shout",
            "Shout",
            "norm",
            effective=(WIDE,),
            provenance=Provenance.INFERRED,
            unknown=CUSTOM,
            params=None,
            config={"volume": "3"},
        ),
        layer("digits", "Dense", "shout", provenance=None, unknown=f"it takes what shout gives, and {CUSTOM}"),
    )
    weights = (
        weight("stem", "kernel", 3, 3, 1, 32),
        weight("stem", "bias", 32),
        *(weight("norm", name, 32) for name in ("gamma", "beta", "moving_mean", "moving_variance")),
        weight("shout", "scale", 1),
        replace(weight("optimizer", "iteration"), layer=None, group="optimizer", dtype="int64", size=8),
    )
    config = {
        "class_name": "Functional",
        "config": {"name": "digit_model", "layers": [_config(each) for each in layers]},
    }
    message = "config.layers[3] names the class Shout, which is not one of Keras's own."
    why = "Loading this file needs the code of that class, and runs it."
    return Inspection(
        source=Source(path=PATH, kind=SourceKind.KERAS, executed=False),
        models=(
            Model(
                name="digit_model",
                class_name="Functional",
                built=True,
                layers=layers,
                params=Params(total=449, trainable=385, non_trainable=64),
            ),
        ),
        findings=(
            Finding(
                rule="KS501",
                name="executable-content",
                severity=Severity.WARNING,
                message=message,
                why=why,
                model="digit_model",
                layer="shout",
                layer_id="shout",
            ),
        ),
        issues=(FileIssue(kind="executable", message=message, why=why, where="config.layers[3]", layer="shout"),),
        file=FileInfo(
            format="Keras archive (.keras)",
            size=49_322,
            generation=3,
            keras_version="3.15.1",
            backend="tensorflow",
            saved="2026-11-20@10:11:12",
            facts=(Argument(name="members", value="config.json, metadata.json, model.weights.h5"),),
            text=json.dumps(config),
        ),
        weights=weights,
        seconds=0.21,
    )


def _config(each: Layer) -> object:
    config = {argument.name: argument.value for argument in each.arguments}
    return {"class_name": each.class_name, "config": {"name": each.name, **config}, "inbound_nodes": list(each.inbound)}


def only_weights() -> Inspection:
    """A file of weights, without what they are the weights of."""
    made = keras()
    assert made.file is not None
    return replace(
        made,
        source=replace(made.source, path="/home/ada/digits.weights.h5", kind=SourceKind.HDF5),
        models=(),
        findings=(),
        issues=(),
        file=FileInfo(format="HDF5 weights", size=42_104, architecture=False),
    )


def cut_off() -> Inspection:
    """A file that ends too early, so that nothing of it could be read."""
    made = only_weights()
    message = "digits.keras is not a whole archive: config.json ends after 4,096 bytes in the middle of a text."
    return replace(
        made,
        source=replace(made.source, path=PATH, kind=SourceKind.KERAS),
        file=None,
        weights=(),
        failure=Failure(kind="unreadable", message=message, hint="Copy the file again.", path=PATH),
    )


def partly() -> Inspection:
    """A file whose weights are cut off; the rest could be read."""
    failure = Failure(kind="unreadable", message="model.weights.h5 in it is cut off.", hint="Copy the file again.")
    return replace(keras(), weights=(), failure=failure)


def unbuilt() -> Inspection:
    """A Sequential whose input is stated nowhere, from a format that records declarations."""
    reason = "nothing in the file states its input shape"
    layers = tuple(
        layer(name, "Dense", provenance=None, unknown=f"the model is not built: {reason}") for name in ("one", "two")
    )
    made = keras()
    assert made.file is not None
    model = Model(name="sequential", class_name="Sequential", built=False, layers=layers, unknown=reason)
    file = replace(made.file, format="HDF5 model", generation=2, keras_version="2.15.0", declares=True)
    return replace(made, models=(model,), findings=(), issues=(), weights=(), file=file, notes=(Note(message="none"),))


def many(count: int = 10_000) -> Inspection:
    """A chain of many layers, each with a weight."""
    shape: Shape = (None, 56, 56, 64)
    layers = tuple(
        layer(
            f"block_{number // 40}_conv_{number}",
            "Conv2D",
            *((f"block_{(number - 1) // 40}_conv_{number - 1}",) if number else ()),
            effective=(shape,),
            output=(shape,),
            params=36_928,
        )
        for number in range(count)
    )
    made = keras()
    model = replace(made.models[0], name="tower", layers=layers, params=None)
    weights = tuple(weight(each.name, "kernel", 3, 3, 64, 64) for each in layers)
    return replace(made, models=(model,), findings=(), issues=(), weights=weights)


SAVED = {
    "keras": keras,
    "only_weights": only_weights,
    "cut_off": cut_off,
    "partly": partly,
    "unbuilt": unbuilt,
}
