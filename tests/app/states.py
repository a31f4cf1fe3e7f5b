"""Inspections made by hand, of files that need more than one look: folded, unbuilt, compared, failing, tolerant."""

from __future__ import annotations

from dataclasses import replace

from kerascope.graph import (
    Cell,
    Compared,
    Connection,
    Declaration,
    EngineInfo,
    Factory,
    Failure,
    Finding,
    Frame,
    Inspection,
    Layer,
    Location,
    Model,
    Note,
    Params,
    Provenance,
    Severity,
    Shape,
    SkippedStatement,
    Source,
    SourceKind,
    Verdict,
)

PATH = "/home/ada/train.py"
ENGINE = EngineInfo(keras="3.15.1", generation=3, tensorflow="2.21.0", python="/usr/bin/python3", python_version="3.11")
OTHER = EngineInfo(keras="2.21.0", generation=2, tensorflow="2.21.0", python="/usr/bin/python3", python_version="3.11")


def layer(
    name: str,
    class_name: str = "Dense",
    *inbound: str,
    line: int | None = None,
    shape: Shape | None = (None, 8),
    output: Shape | None = (None, 8),
    declared: Shape | None = None,
    verdict: Verdict | None = None,
    parent: str | None = None,
    failure: str | None = None,
    unknown: str | None = None,
    compared: Compared | None = None,
    params: int | None = 72,
    connection: Connection | None = Connection.CONNECTED,
    id: str | None = None,
) -> Layer:
    """A layer whose id is its name."""
    return Layer(
        id=id or name,
        uid=1,
        name=name,
        class_name=class_name,
        parent=parent,
        inbound=inbound,
        declared=Declaration(shape=declared, argument="input_shape", value=repr(declared[1:]), line=line)
        if declared is not None
        else None,
        effective=(shape,) if shape is not None else None,
        output=(output,) if output is not None else None,
        provenance=Provenance.KERAS,
        verdict=verdict,
        failure=failure,
        unknown=unknown,
        compared=compared,
        connection=connection,
        params=params,
        location=Location(path=PATH, line=line) if line is not None else None,
    )


def model(*layers: Layer, name: str = "net", built: bool = True, **more: object) -> Model:
    """A functional model."""
    total = sum(entry.params or 0 for entry in layers)
    return Model(
        name=name,
        class_name="Functional",
        built=built,
        layers=layers,
        params=Params(total=total, trainable=total, non_trainable=0) if built else None,
        **more,  # type: ignore[arg-type]
    )


def inspection(*models: Model, text: str | None = None, **more: object) -> Inspection:
    """What Keras answered about a Python file."""
    written = text if text is not None else "\n".join(f"# line {number} of train.py" for number in range(1, 41))
    source = Source(path=PATH, kind=SourceKind.PYTHON, executed=True, text=written)
    return Inspection(source=source, models=models, **{"engine": ENGINE, "seconds": 0.4, **more})  # type: ignore[arg-type]


def discarded_finding(name: str, line: int) -> Finding:
    """A finding about the layer with this name."""
    return Finding(
        rule="KS101",
        name="discarded-input-shape",
        severity=Severity.WARNING,
        message=f"{name} declares (None, 4), but its input is (None, 8).",
        why="Only the first declaration counts.",
        layer=name,
        layer_id=name,
        path=PATH,
        line=line,
    )


def blocks(inner: int = 3) -> Inspection:
    """Two blocks inside a wrapper, the second one holding a discarded declaration."""
    layers = [layer("photo", "InputLayer", line=2), layer("wrapper", "Functional", "photo", line=20)]
    for number in (1, 2):
        before = [] if number == 1 else ["block_1"]
        layers.append(layer(f"block_{number}", "Block", *before, line=10, parent="wrapper"))
        for step in range(inner):
            name = f"conv_{number}_{step}"
            came = [f"conv_{number}_{step - 1}"] if step else []
            wrong = (number, step) == (2, 1)
            layers.append(
                layer(
                    name,
                    "Conv2D",
                    *came,
                    line=4 + step,
                    parent=f"block_{number}",
                    declared=(None, 4) if wrong else None,
                    verdict=Verdict.DISCARDED if wrong else None,
                )
            )
    layers.append(layer("digits", "Dense", "wrapper", line=22))
    return inspection(model(*layers), findings=(discarded_finding("conv_2_1", 5),))


def many_blocks() -> Inspection:
    """The same with more rows than are read at once."""
    return blocks(inner=120)


def unbuilt() -> Inspection:
    """A subclassed model nobody called."""
    layers = (
        layer("encode", "Dense", line=5, shape=None, output=None, params=None, connection=None, unknown="not built"),
        layer("decode", "Dense", line=6, shape=None, output=None, params=None, connection=None, unknown="not built"),
    )
    return inspection(model(*layers, name="auto_encoder", built=False, unknown="it was never called on data"))


def shaped() -> Inspection:
    """The same once it was given an input shape."""
    layers = (layer("encode", "Dense", line=5), layer("decode", "Dense", "encode", line=6))
    return inspection(model(*layers, name="auto_encoder", shaped_by="--input-shape (None, 8)"))


FACTORIES = (
    Factory(name="build_model", line=30, signature="(units=64)"),
    Factory(name="build_head", line=36, signature="(classes, width=8)", required=("classes",)),
)


def factories() -> Inspection:
    """A file with a model, and with functions that would make others."""
    return inspection(model(layer("dense", line=3)), factories=FACTORIES)


def only_factories() -> Inspection:
    """A file that makes no model unless one of its functions is called."""
    failure = Failure(kind="no-model", message="The file ran to its end and made no Keras model.")
    return inspection(failure=failure, factories=FACTORIES)


def called() -> Inspection:
    """What a function of the file made."""
    return inspection(
        model(layer("dense", line=31), layer("digits", "Dense", "dense", line=32), made_by="build_model()"),
        factories=FACTORIES,
    )


def both_keras() -> Inspection:
    """Two generations that disagree about one layer."""
    wide: Shape = (None, 28, 28, 16)
    narrow: Shape = (None, 26, 26, 16)

    def same(shape: Shape, output: Shape, verdict: Verdict | None = None) -> Compared:
        return Compared(effective=(shape,), output=(output,), verdict=verdict, params=72)

    layers = (
        layer(
            "first_convolution",
            "Conv2D",
            line=3,
            shape=(None, 28, 28, 1),
            output=wide,
            declared=(None, 28, 28, 1),
            verdict=Verdict.DECIDES,
            compared=same((None, 28, 28, 1), wide, Verdict.DECIDES),
        ),
        layer(
            "second_convolution",
            "Conv2D",
            "first_convolution",
            line=4,
            shape=wide,
            output=(None, 10),
            declared=(None, 32, 32, 3),
            verdict=Verdict.DISCARDED,
            compared=Compared(
                effective=(narrow,), output=((None, 12),), verdict=Verdict.UNDECIDED, params=99, same=False
            ),
        ),
    )
    return inspection(model(*layers), findings=(), compared=OTHER)


def fails() -> Inspection:
    """A layer that could not be called on what came in."""
    layers = (
        layer("image", "InputLayer", line=2, shape=(None, 28, 28, 1), output=(None, 28, 28, 1), params=0),
        layer("flat", "Flatten", "image", line=3, shape=(None, 28, 28, 1), output=(None, 784), params=0),
        layer(
            "conv",
            "Conv2D",
            "flat",
            line=4,
            shape=(None, 784),
            output=None,
            params=None,
            connection=None,
            failure="Conv2D needs 4 dimensions (batch, rows, columns, channels), but (None, 784) came in.",
        ),
    )
    said = "ValueError: Input 0 of layer 'conv' is incompatible with the layer"
    failure = Failure(
        kind="exception",
        message=said,
        path=PATH,
        line=4,
        frames=(Frame(path=PATH, line=4, function="<module>", text="x = conv(x)"),),
    )
    log = (
        "epoch lines\n" * 40
        + "Traceback (most recent call last):\n"
        + '  File "train.py", line 4, in <module>\n' * 30
        + said
    )
    none = Model(name=None, class_name=None, built=False, layers=layers)
    return inspection(none, failure=failure, output=log + "\n")


def tolerant() -> Inspection:
    """A file whose world is missing."""
    return inspection(
        model(layer("dense", line=3)),
        stood_in=("cv2", "pandas"),
        moved=("keras.layers.core",),
        skipped=(SkippedStatement(line=12, error="FileNotFoundError: data.csv"),),
        notes=(Note(message="skipped: FileNotFoundError: data.csv", line=12),),
    )


NOTEBOOK_TEXT = """\
import keras
from keras import layers
net = keras.Sequential()
net.add(layers.Dense(8, input_shape=(8,)))
net.add(layers.Dense(8, input_shape=(4,)))
"""


def notebook() -> Inspection:
    """Two code cells; a declaration in the second one is discarded."""
    path = "/home/ada/net.ipynb"
    first = layer("dense", line=4, declared=(None, 8), verdict=Verdict.DECIDES)
    second = layer("dense_1", "Dense", "dense", line=5, declared=(None, 4), verdict=Verdict.DISCARDED)
    moved = tuple(_at(path, entry) for entry in (first, second))
    finding = discarded_finding("dense_1", 5)
    source = Source(
        path=path,
        kind=SourceKind.PYTHON,
        executed=True,
        text=NOTEBOOK_TEXT,
        cells=(Cell(number=1, line=1), Cell(number=2, line=3)),
    )
    return Inspection(
        source=source,
        models=(model(*moved),),
        findings=(replace(finding, path=path),),
        engine=ENGINE,
        seconds=0.2,
    )


def _at(path: str, entry: Layer) -> Layer:
    assert entry.location is not None
    return replace(entry, location=replace(entry.location, path=path))
