"""Inspections made by hand: every state the screen has to show, without any Keras."""

from __future__ import annotations

from dataclasses import replace

from kerascope.graph import (
    Argument,
    Connection,
    Declaration,
    EngineInfo,
    Failure,
    Finding,
    Fix,
    Frame,
    Inspection,
    Layer,
    Location,
    Model,
    Note,
    Overtaken,
    Params,
    Provenance,
    Severity,
    Shape,
    Source,
    SourceKind,
    Verdict,
)

ENGINE = EngineInfo(
    keras="3.15.1",
    generation=3,
    tensorflow="2.21.0",
    python="/home/ada/projects/vision/.venv/bin/python3.11",
    python_version="3.11.9",
)

DISCARDED_TEXT = """\
# Two layers declare an input shape, and only the first one's counts.
import numpy as np
from keras import layers, models

sample_model = models.Sequential()
sample_model.add(layers.Dense(32, input_shape=(4,)))
sample_model.add(layers.Dense(16, input_shape=(44,)))
sample_model.compile(loss="binary_crossentropy", optimizer="adam")

x = np.zeros((10, 4))
y = np.zeros(10)
sample_model.fit(x, y)
"""
DISCARDED_PATH = "/home/ada/projects/vision/sequential_discarded.py"


def layer(
    name: str,
    class_name: str,
    *inbound: str,
    path: str = "/home/ada/model.py",
    line: int | None = None,
    declared: Shape | None = None,
    argument: str = "input_shape",
    effective: Shape | tuple[Shape, ...] | None = None,
    output: Shape | None = None,
    verdict: Verdict | None = None,
    connection: Connection = Connection.CONNECTED,
    params: int | None = 0,
    **more: object,
) -> Layer:
    """A layer whose id is its name."""
    shapes: tuple[Shape, ...] | None = None
    if effective is not None:
        shapes = effective if effective and isinstance(effective[0], tuple) else (effective,)  # type: ignore[assignment]
    made = Layer(
        id=name,
        uid=abs(hash(name)) % 1_000_000,
        name=name,
        class_name=class_name,
        inbound=inbound,
        declared=Declaration(shape=declared, argument=argument, value=repr(declared[1:]), line=line)
        if declared is not None
        else None,
        effective=shapes,
        output=(output,) if output is not None else None,
        provenance=Provenance.KERAS,
        verdict=verdict,
        connection=connection,
        params=params,
        trainable_params=params,
        location=Location(path=path, line=line) if line is not None else None,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def source(path: str, text: str | None, *, executed: bool = True) -> Source:
    """A Python file."""
    return Source(path=path, kind=SourceKind.PYTHON, executed=executed, text=text)


def discarded() -> Inspection:
    """The question this project started from."""
    dense = layer(
        "dense",
        "Dense",
        path=DISCARDED_PATH,
        line=6,
        declared=(None, 4),
        effective=(None, 4),
        output=(None, 32),
        verdict=Verdict.DECIDES,
        params=160,
        decided_by="dense",
        arguments=(Argument(name="units", value="32"), Argument(name="input_shape", value="(4,)")),
    )
    dense_1 = layer(
        "dense_1",
        "Dense",
        "dense",
        path=DISCARDED_PATH,
        line=7,
        declared=(None, 44),
        effective=(None, 32),
        output=(None, 16),
        verdict=Verdict.DISCARDED,
        params=528,
        decided_by="dense",
        arguments=(Argument(name="units", value="16"), Argument(name="input_shape", value="(44,)")),
    )
    finding = Finding(
        rule="KS101",
        name="discarded-input-shape",
        severity=Severity.WARNING,
        message="dense_1 declares (None, 44), but its input is (None, 32).",
        why="Line 6 made the input (None, 4); Keras looks only at the first layer's input_shape, so (44,) here was "
        "dropped and the layer takes what dense gives out.",
        model="sequential",
        layer="dense_1",
        layer_id="dense_1",
        path=DISCARDED_PATH,
        line=7,
        column=18,
        fix=Fix(description="Remove input_shape=(44,)."),
    )
    return Inspection(
        source=source(DISCARDED_PATH, DISCARDED_TEXT),
        models=(
            Model(
                name="sequential",
                class_name="Sequential",
                built=True,
                layers=(dense, dense_1),
                params=Params(total=688, trainable=688, non_trainable=0),
                variable="sample_model",
                location=Location(path=DISCARDED_PATH, line=5),
            ),
        ),
        findings=(finding,),
        engine=ENGINE,
        output="",
        seconds=0.42,
    )


def glance() -> Inspection:
    """The same file before Keras has answered."""

    def unread(known: Layer, name: str) -> Layer:
        return replace(
            known,
            id=f"{name}:{known.id}",
            name=name,
            effective=None,
            output=None,
            params=None,
            trainable_params=None,
            inbound=(),
            verdict=None,
            connection=None,
            decided_by=None,
            provenance=Provenance.SOURCE,
            unknown="waiting for Keras",
        )

    layers = discarded().models[0].layers
    return Inspection(
        source=source(DISCARDED_PATH, DISCARDED_TEXT, executed=False),
        models=(Model(name=None, class_name=None, built=False, layers=tuple(unread(known, "") for known in layers)),),
    )


def glance_of(answer: Inspection) -> Inspection:
    """What the program text alone says of the file that `answer` is about."""
    if answer.source.path == DISCARDED_PATH:
        return glance()
    return Inspection(source=replace(answer.source, executed=False))


def clean() -> Inspection:
    """Nothing to report."""
    made = discarded()
    first = replace(made.models[0].layers[0])
    second = replace(made.models[0].layers[1], declared=None, verdict=None)
    return replace(made, models=(replace(made.models[0], layers=(first, second)),), findings=())


def residual() -> Inspection:
    """Branches that meet again in Adds, with an auxiliary second input."""
    path = "/home/ada/residual.py"
    image: Shape = (None, 28, 28, 1)
    wide: Shape = (None, 28, 28, 32)
    layers = [
        layer(
            "image",
            "InputLayer",
            path=path,
            line=4,
            declared=image,
            argument="shape",
            effective=image,
            output=image,
            verdict=Verdict.DECIDES,
            is_input=True,
        ),
        layer("stem", "Conv2D", "image", path=path, line=6, effective=image, output=wide, params=320),
        layer("conv_a", "Conv2D", "stem", path=path, line=8, effective=wide, output=wide, params=9248),
        layer(
            "norm_a",
            "BatchNormalization",
            "conv_a",
            path=path,
            line=9,
            effective=wide,
            output=wide,
            params=128,
            trainable_params=64,
        ),
        layer("conv_b", "Conv2D", "norm_a", path=path, line=10, effective=wide, output=wide, params=9248),
        layer("add", "Add", "stem", "conv_b", path=path, line=11, effective=(wide, wide), output=wide),
        layer("shortcut", "Conv2D", "add", path=path, line=13, effective=wide, output=(None, 14, 14, 64), params=2112),
        layer("conv_c", "Conv2D", "add", path=path, line=14, effective=wide, output=(None, 14, 14, 64), params=18496),
        layer(
            "conv_d",
            "Conv2D",
            "conv_c",
            path=path,
            line=15,
            effective=(None, 14, 14, 64),
            output=(None, 14, 14, 64),
            params=36928,
        ),
        layer(
            "add_1",
            "Add",
            "shortcut",
            "conv_d",
            path=path,
            line=16,
            effective=((None, 14, 14, 64), (None, 14, 14, 64)),
            output=(None, 14, 14, 64),
        ),
        layer(
            "pool",
            "GlobalAveragePooling2D",
            "add_1",
            path=path,
            line=18,
            effective=(None, 14, 14, 64),
            output=(None, 64),
        ),
        layer(
            "meta",
            "InputLayer",
            path=path,
            line=5,
            declared=(None, 8),
            argument="shape",
            effective=(None, 8),
            output=(None, 8),
            verdict=Verdict.DECIDES,
            is_input=True,
        ),
        layer(
            "join",
            "Concatenate",
            "pool",
            "meta",
            path=path,
            line=19,
            effective=((None, 64), (None, 8)),
            output=(None, 72),
        ),
        layer("digits", "Dense", "join", path=path, line=20, effective=(None, 72), output=(None, 10), params=730),
    ]
    total = sum(entry.params or 0 for entry in layers)
    return Inspection(
        source=source(path, "\n".join(f"# line {number} of residual.py" for number in range(1, 25))),
        models=(
            Model(
                name="residual",
                class_name="Functional",
                built=True,
                layers=tuple(layers),
                params=Params(total=total, trainable=total - 64, non_trainable=64),
                location=Location(path=path, line=22),
            ),
        ),
        engine=ENGINE,
        output="Epoch 1 is skipped\nloss \x1b[31mred\x1b[0m\n",
        seconds=0.61,
    )


UNCONNECTED_TEXT = """\
# "I had jumped a few layers"
import keras
from keras import layers

image = keras.Input(shape=(28, 28, 1), name="image")
mask = keras.Input(shape=(28, 28, 1), name="mask")

x = layers.Conv2D(16, 3, activation="relu", name="conv_1")(image)
y = layers.Conv2D(32, 3, activation="relu", name="conv_2")(x)
x = layers.MaxPooling2D(2, name="pool")(x)  # meant (y): conv_2 is left behind
x = layers.GlobalAveragePooling2D(name="average")(x)
hidden = layers.Dense(64, activation="relu", name="hidden")
outputs = layers.Dense(10, activation="softmax", name="digits")(x)

model = keras.Model(image, outputs, name="digit_model")
model.summary()
"""


def unconnected() -> Inspection:
    """An unused Input, a layer never called, and a branch that was overtaken."""
    path = "/home/ada/unconnected.py"
    image: Shape = (None, 28, 28, 1)
    conv: Shape = (None, 26, 26, 16)
    layers = (
        layer(
            "image",
            "InputLayer",
            path=path,
            line=5,
            declared=image,
            argument="shape",
            effective=image,
            output=image,
            verdict=Verdict.DECIDES,
            is_input=True,
        ),
        layer("conv_1", "Conv2D", "image", path=path, line=8, effective=image, output=conv, params=160),
        layer("pool", "MaxPooling2D", "conv_1", path=path, line=10, effective=conv, output=(None, 13, 13, 16)),
        layer(
            "average",
            "GlobalAveragePooling2D",
            "pool",
            path=path,
            line=11,
            effective=(None, 13, 13, 16),
            output=(None, 16),
        ),
        layer("digits", "Dense", "average", path=path, line=13, effective=(None, 16), output=(None, 10), params=170),
    )
    loose = (
        layer(
            "mask",
            "InputLayer",
            path=path,
            line=6,
            declared=image,
            argument="shape",
            effective=image,
            output=image,
            verdict=Verdict.UNDECIDED,
            connection=Connection.UNUSED_INPUT,
            is_input=True,
        ),
        layer(
            "conv_2",
            "Conv2D",
            "conv_1",
            path=path,
            line=9,
            effective=conv,
            output=(None, 24, 24, 32),
            params=4640,
            connection=Connection.DEAD_BRANCH,
            overtaken=Overtaken(path=path, line=10, layer="pool", tensor_of="conv_1"),
            call_location=Location(path=path, line=9),
        ),
        layer(
            "hidden",
            "Dense",
            path=path,
            line=12,
            effective=None,
            params=None,
            connection=Connection.UNCONNECTED,
            unknown="the layer was never called",
        ),
    )

    def finding(rule: str, name: str, of: str, line: int, message: str, why: str, severity: Severity) -> Finding:
        return Finding(
            rule=rule,
            name=name,
            severity=severity,
            message=message,
            why=why,
            layer=of,
            layer_id=of,
            path=path,
            line=line,
        )

    return Inspection(
        source=source(path, UNCONNECTED_TEXT),
        models=(
            Model(
                name="digit_model",
                class_name="Functional",
                built=True,
                layers=layers,
                params=Params(total=330, trainable=330, non_trainable=0),
                location=Location(path=path, line=15),
            ),
            Model(name=None, class_name=None, built=False, layers=loose),
        ),
        findings=(
            finding(
                "KS203",
                "unused-input",
                "mask",
                6,
                "The Input mask is used by no model.",
                "No layer was called on it, and no Model(...) names it.",
                Severity.WARNING,
            ),
            finding(
                "KS202",
                "dead-branch",
                "conv_2",
                9,
                "The result of conv_2 reaches no model output.",
                "Line 10 called pool on the output of conv_1, which conv_2 had already taken: conv_2 is left behind.",
                Severity.WARNING,
            ),
            finding(
                "KS201",
                "unconnected-layer",
                "hidden",
                12,
                "hidden is constructed, but never called.",
                "A layer becomes part of a model only by being called on a tensor.",
                Severity.WARNING,
            ),
        ),
        engine=ENGINE,
        output="Model: digit_model\n",
        seconds=0.38,
    )


def conv_encoder() -> Inspection:
    """Four discarded declarations, with shapes that are wide for 80 columns; an exception as a note."""
    path = "/home/ada/conv_encoder_mnist.py"
    rows: list[tuple[str, str, Shape | None, Shape, Shape, int]] = [
        ("conv2d", "Conv2D", None, (None, 28, 28, 1), (None, 26, 26, 16), 160),
        ("conv2d_1", "Conv2D", (None, 32, 32, 3), (None, 26, 26, 16), (None, 24, 24, 32), 4640),
        ("max_pooling2d", "MaxPooling2D", None, (None, 24, 24, 32), (None, 8, 8, 32), 0),
        ("conv2d_2", "Conv2D", (None, 224, 321, 3), (None, 8, 8, 32), (None, 6, 6, 32), 9248),
        ("conv2d_3", "Conv2D", (None, 420, 32, 3), (None, 6, 6, 32), (None, 4, 4, 16), 4624),
        ("global_max_pooling2d", "GlobalMaxPooling2D", None, (None, 4, 4, 16), (None, 16), 0),
        ("dense", "Dense", None, (None, 16), (None, 10), 170),
    ]
    layers = [
        layer(
            "encoder_input",
            "InputLayer",
            path=path,
            line=9,
            declared=(None, 28, 28, 1),
            argument="shape",
            effective=(None, 28, 28, 1),
            output=(None, 28, 28, 1),
            verdict=Verdict.DECIDES,
            is_input=True,
        )
    ]
    findings = []
    for line, (name, class_name, declared, effective, output, params) in enumerate(rows, 10):
        layers.append(
            layer(
                name,
                class_name,
                layers[-1].id,
                path=path,
                line=line,
                declared=declared,
                effective=effective,
                output=output,
                params=params,
                verdict=Verdict.DISCARDED if declared else None,
            )
        )
        if declared:
            findings.append(
                Finding(
                    rule="KS101",
                    name="discarded-input-shape",
                    severity=Severity.WARNING,
                    layer=name,
                    layer_id=name,
                    path=path,
                    line=line,
                    model="encoder",
                    message=f"{name} declares {declared}, but its input is {effective}.",
                    why="Line 9 made the input (None, 28, 28, 1); a declaration on a later layer is dropped.",
                    fix=Fix(description="Remove the input_shape."),
                )
            )
    frame = Frame(path=path, line=31, function="<module>", text="(x, y), _ = keras.datasets.mnist.load_data()")
    return Inspection(
        source=source(path, "\n".join(f"# line {number}" for number in range(1, 41))),
        models=(
            Model(
                name="encoder",
                class_name="Functional",
                built=True,
                layers=tuple(layers),
                params=Params(total=18842, trainable=18842, non_trainable=0),
            ),
        ),
        findings=tuple(findings),
        notes=(
            Note(
                message="The file stopped at line 31, after its models were complete: Exception: URL fetch failure.",
                path=path,
                line=31,
                frames=(frame,),
            ),
        ),
        engine=replace(ENGINE, keras="2.21.0", generation=2),
        seconds=0.5,
    )


def two_models() -> Inspection:
    """Two models in one file."""
    first, second = discarded(), residual()
    return replace(
        first,
        models=(
            first.models[0],
            replace(second.models[0], name="encoder_with_residuals"),
        ),
    )


def deep(count: int = 800) -> Inspection:
    """A chain with a shortcut every four layers."""
    path = "/home/ada/deep.py"
    layers: list[Layer] = []
    for number in range(count):
        inbound = [layers[-1].id] if layers else []
        if number % 4 == 3:
            inbound.append(layers[number - 3].id)
        layers.append(
            layer(
                f"block_{number // 4}_{'conv' if number % 4 != 3 else 'add'}_{number % 4}",
                "Add" if number % 4 == 3 else "Conv2D",
                *inbound,
                path=path,
                line=number + 1,
                effective=(None, 56, 56, 64),
                output=(None, 56, 56, 64),
                params=36_928 if number % 4 != 3 else 0,
            )
        )
    total = sum(entry.params or 0 for entry in layers)
    return Inspection(
        source=source(path, "\n".join(f"x = layer({number})(x)" for number in range(count))),
        models=(
            Model(
                name="deep",
                class_name="Functional",
                built=True,
                layers=tuple(layers),
                params=Params(total=total, trainable=total, non_trainable=0),
            ),
        ),
        engine=ENGINE,
        seconds=2.4,
    )


def long_names() -> Inspection:
    """Names and shapes longer than any terminal is wide."""
    path = "/home/ada/projects/" + "a_folder_with_a_long_name/" * 4 + "an_experiment_with_a_long_name_too.py"
    name = "encoder_stage_{}_bottleneck_block_residual_projection_convolution_{}"
    shape: Shape = (None, 1024, 1024, 64, 3)
    layers: list[Layer] = []
    for number in range(6):
        layers.append(
            layer(
                name.format(number, number),
                "TimeDistributedSeparableConvolution2DTranspose",
                *([layers[-1].id] if layers else []),
                path=path,
                line=number + 1,
                declared=(None, 2048, 2048, 128, 3) if number % 2 else None,
                effective=shape,
                output=shape,
                verdict=Verdict.DISCARDED if number % 2 else None,
                params=1_234_567_890,
            )
        )
    return Inspection(
        source=source(path, "x = 1\n" * 20),
        models=(
            Model(
                name="an_autoencoder_with_an_unreasonably_long_name",
                class_name="AutoencoderWithTrainStep",
                built=True,
                layers=tuple(layers),
                params=Params(total=7_407_407_340, trainable=7_407_407_340, non_trainable=0),
            ),
        ),
        engine=ENGINE,
        seconds=1.0,
    )


def nested() -> Inspection:
    """A model inside a model."""
    layers = (
        layer(
            "photo",
            "InputLayer",
            line=3,
            declared=(None, 64, 64, 3),
            argument="shape",
            effective=(None, 64, 64, 3),
            output=(None, 64, 64, 3),
            verdict=Verdict.DECIDES,
            is_input=True,
        ),
        layer(
            "backbone",
            "Functional",
            "photo",
            line=5,
            effective=(None, 64, 64, 3),
            output=(None, 128),
            params=9_408,
            is_model=True,
        ),
        layer(
            "inner_input",
            "InputLayer",
            line=5,
            effective=(None, 64, 64, 3),
            output=(None, 64, 64, 3),
            parent="backbone",
        ),
        layer(
            "inner_conv",
            "Conv2D",
            "inner_input",
            line=5,
            effective=(None, 64, 64, 3),
            output=(None, 62, 62, 32),
            params=896,
            parent="backbone",
        ),
        layer(
            "inner_pool",
            "GlobalAveragePooling2D",
            "inner_conv",
            line=5,
            effective=(None, 62, 62, 32),
            output=(None, 32),
            parent="backbone",
        ),
        layer(
            "head",
            "Dense",
            "backbone",
            line=7,
            effective=(None, 128),
            output=(None, 5),
            params=645,
            declared=(None, 128),
            verdict=Verdict.REDUNDANT,
        ),
    )
    return Inspection(
        source=source("/home/ada/model.py", "x = 1\n" * 10),
        models=(
            Model(
                name="transfer",
                class_name="Functional",
                built=True,
                layers=layers,
                params=Params(total=10_053, trainable=645, non_trainable=9_408),
            ),
        ),
        engine=ENGINE,
        seconds=0.3,
    )


def exception() -> Inspection:
    """An exception in the user's code; two layers were recorded until then."""
    made = discarded()
    text = DISCARDED_TEXT.replace("sample_model.compile", "sample_modell.compile")
    half = tuple(
        replace(
            entry,
            verdict=None,
            connection=None,
            effective=None,
            output=None,
            params=None,
            unknown="the file stopped before a model was complete",
        )
        for entry in made.models[0].layers
    )
    return Inspection(
        source=source(DISCARDED_PATH, text),
        models=(Model(name=None, class_name=None, built=False, layers=half),),
        failure=Failure(
            kind="exception",
            message="NameError: name 'sample_modell' is not defined",
            hint="Did you mean: 'sample_model'?",
            path=DISCARDED_PATH,
            line=8,
            frames=(
                Frame(
                    path=DISCARDED_PATH,
                    line=8,
                    function="<module>",
                    text='sample_modell.compile(loss="binary_crossentropy", optimizer="adam")',
                ),
            ),
        ),
        engine=ENGINE,
        output="before the error\n",
        seconds=0.2,
    )


def syntax_error() -> Inspection:
    """A file Python does not accept: nothing at all was recorded."""
    path = "/home/ada/model.py"
    text = "import keras\n\nmodel = keras.Sequential([\n    keras.layers.Dense(3,\n\nmodel.summary()\n"
    return Inspection(
        source=source(path, text, executed=False),
        failure=Failure(
            kind="syntax",
            message="SyntaxError: '[' was never closed",
            path=path,
            line=3,
            column=26,
            hint="Python could not read the file, so it was not run.",
        ),
    )


def no_model() -> Inspection:
    """A file that builds no model."""
    return Inspection(
        source=source("/home/ada/data.py", "import numpy as np\nx = np.zeros(3)\n"),
        failure=Failure(
            kind="no-model",
            message="The file ran to its end and made no Keras model.",
            hint="Looked for: Sequential, Model and subclasses of Model that were constructed while the file ran. "
            "If a function builds the model, name it: kerascope data.py:build_model",
        ),
        engine=ENGINE,
        output="hello\n",
    )


SAMPLES = {
    made.__name__: made
    for made in (
        discarded,
        glance,
        clean,
        residual,
        unconnected,
        conv_encoder,
        two_models,
        deep,
        long_names,
        nested,
        exception,
        syntax_error,
        no_model,
    )
}
