"""Writes SavedModels and checkpoints with a real TensorFlow, and says what TensorFlow itself reads back from them.

A program of its own, `written_by_tensorflow.py GENERATION FOLDER`, that prints one JSON object: for each thing written
the variables of its checkpoint as `tf.train.list_variables` tells them, and its signatures as they load.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np
import tensorflow as tf  # type: ignore[import-untyped]


def variables(prefix: Path) -> dict[str, Any]:
    """Names of a checkpoint's tensors with shape, dtype and the sum of the numbers."""
    reader = tf.train.load_checkpoint(str(prefix))
    shapes, types = reader.get_variable_to_shape_map(), reader.get_variable_to_dtype_map()
    found = {}
    for name in sorted(shapes):
        dtype = types[name].name
        total = None
        if dtype != "string":
            total = float(np.sum(reader.get_tensor(name).astype("float64")))
        found[name] = [list(shapes[name]), dtype, total]
    return found


def signatures(path: Path) -> dict[str, Any]:
    """The loaded signatures: inputs and outputs with shape and dtype."""
    loaded = tf.saved_model.load(str(path))
    found = {}
    for key, function in loaded.signatures.items():
        _, inputs = function.structured_input_signature
        sides = (inputs, function.structured_outputs)
        found[key] = [
            {
                name: [None if spec.shape.rank is None else spec.shape.as_list(), spec.dtype.name]
                for name, spec in side.items()
            }
            for side in sides
        ]
    return found


def saved(path: Path) -> dict[str, Any]:
    """What TensorFlow says of a SavedModel it wrote."""
    said: dict[str, Any] = {"variables": {}, "signatures": signatures(path)}
    prefix = path / "variables" / "variables"
    if prefix.with_suffix(".index").exists():
        said["variables"] = variables(prefix)
    return said


def by_keras_2(folder: Path) -> dict[str, Any]:
    """SavedModels and weights of tf-keras."""
    import tf_keras as keras

    layers: Any = keras.layers
    said: dict[str, Any] = {}

    def put(name: str, model: Any) -> None:
        model.save(folder / name, save_format="tf")
        said[name] = saved(folder / name)
        graph = isinstance(model, keras.Sequential) or type(model).__name__ == "Functional"
        said[name]["json"] = json.loads(model.to_json()) if graph else None
        said[name]["inputs"] = dict(inputs(model)) if graph else None
        said[name]["weights"] = {each.name.removesuffix(":0"): list(each.shape) for each in model.weights}
        said[name]["params"] = model.count_params()
        said[name]["version"] = keras.__version__

    def inputs(model: Any, inside: str = "") -> Any:
        """The shape that went into each layer at its first call."""
        for layer in model.layers:
            if not isinstance(layer, layers.InputLayer):
                yield inside + layer.name, layer.get_input_shape_at(0)
            if hasattr(layer, "layers"):
                yield from inputs(layer, f"{inside}{layer.name}/")

    sequential = keras.Sequential(
        [layers.Dense(8, input_shape=(4,), name="first"), layers.Dense(3, input_shape=(44,), name="second")],
        name="plain",
    )
    sequential.compile("adam", "mse")
    sequential.fit(np.ones((4, 4)), np.ones((4, 3)), verbose=0)
    put("sequential", sequential)

    images = keras.Input((8, 8, 3), name="images")
    numbers = keras.Input((5,), name="numbers")
    x = layers.Conv2D(4, 3, name="conv")(images)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    inner = keras.Sequential([layers.Dense(6, input_shape=(5,), name="inside")], name="inner")
    x = layers.Concatenate(name="join")([x, inner(numbers)])
    a = layers.Dense(2, name="a")(x)
    b = layers.Dense(1, name="b", dtype="float64")(x)
    put("functional", keras.Model([images, numbers], [a, b], name="two_ways"))

    class Block(layers.Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(name="block")
            self.one = layers.Dense(7, name="one")
            self.drop = layers.Dropout(0.5, name="drop")

        def call(self, x: Any) -> Any:
            return self.drop(self.one(x))

    class Net(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(name="net")
            self.block = Block()
            self.out = layers.Dense(2, name="out")

        def call(self, x: Any) -> Any:
            return self.out(self.block(x))

    net = Net()
    net(np.ones((2, 5), "float32"))
    put("subclassed", net)

    class Stack(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(name="stack")
            self.blocks = [layers.Dense(4, name=f"dense_{number}") for number in range(3)]
            self.heads = {"left": layers.Dense(1, name="left"), "right": layers.Dense(2, name="right")}
            self.scale = tf.Variable(2.0, name="scale")

        def call(self, x: Any) -> Any:
            for block in self.blocks:
                x = block(x)
            return {name: head(x) * self.scale for name, head in self.heads.items()}

    stack = Stack()
    stack(np.ones((2, 3), "float32"))
    put("stack", stack)

    tokens = keras.Input((7,), dtype="int32", name="tokens")
    other = keras.Input((7,), dtype="int32", name="other")
    shared = layers.Embedding(10, 4, name="shared")
    recurrent = layers.Bidirectional(layers.SimpleRNN(3, return_sequences=True, name="rnn"), name="both")
    attend = layers.MultiHeadAttention(2, 3, name="attend")
    x, y = recurrent(shared(tokens)), recurrent(shared(other))
    x = layers.Add(name="add")([attend(x, y), x])
    x = layers.TimeDistributed(layers.Dense(2, input_shape=(44,)), name="each")(x)
    put("recurrent", keras.Model([tokens, other], layers.Lambda(lambda x: x * 2, name="twice")(x), name="recurrent"))

    words = keras.Sequential(
        [keras.Input((1,), dtype="string"), layers.StringLookup(vocabulary=["a", "b"], name="lookup")], name="words"
    )
    put("words", words)

    net.save_weights(folder / "weights" / "net", save_format="tf")
    said["weights"] = {"variables": variables(folder / "weights" / "net")}
    sequential.save_weights(folder / "weights_of_sequential" / "plain", save_format="tf")
    said["weights_of_sequential"] = {"variables": variables(folder / "weights_of_sequential" / "plain")}
    return said


def by_tensorflow(folder: Path) -> dict[str, Any]:
    """SavedModels of `tf.Module`, of TensorFlow 1 and of Keras 3's `export`, and checkpoints of `tf.train`."""
    import keras

    said: dict[str, Any] = {}

    class Module(tf.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.kernel = tf.Variable(tf.ones((3, 2)), name="kernel")
            self.counter = tf.Variable(0, dtype=tf.int64, trainable=False, name="counter")
            asset = folder / "vocabulary.txt"
            asset.write_text("one\ntwo\n")
            self.asset = tf.saved_model.Asset(str(asset))

        @tf.function(input_signature=[tf.TensorSpec((None, 3), tf.float32, name="x")])  # type: ignore[untyped-decorator]
        def __call__(self, x: Any) -> Any:
            return {"product": x @ self.kernel}

        @tf.function(input_signature=[])  # type: ignore[untyped-decorator]
        def read(self) -> Any:
            return tf.io.read_file(self.asset)

    module = Module()
    tf.saved_model.save(
        module, str(folder / "module"), signatures={"serving_default": module.__call__, "read": module.read}
    )
    said["module"] = saved(folder / "module")

    class Sly(tf.Module):  # type: ignore[misc]
        @tf.function(input_signature=[tf.TensorSpec((), tf.string)])  # type: ignore[untyped-decorator]
        def peek(self, x: Any) -> Any:
            tf.io.write_file(x, "gone")
            got = tf.io.read_file("/etc/hostname")
            return tf.numpy_function(lambda y: y, [got], tf.string)

    sly = Sly()
    tf.saved_model.save(sly, str(folder / "sly"))

    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="dense")], name="exported")
    model.export(str(folder / "exported"), verbose=False)
    said["exported"] = saved(folder / "exported")

    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, (None, 4), name="x")
        with v1.variable_scope("net", partitioner=v1.fixed_size_partitioner(2)):
            kernel = v1.get_variable("kernel", (4, 6), use_resource=False)
        bias = v1.get_variable("bias", (6,), trainable=False, use_resource=True)
        y = tf.matmul(x, tf.convert_to_tensor(kernel)) + bias
        session.run(v1.global_variables_initializer())
        builder = v1.saved_model.Builder(str(folder / "tf1"))
        signature = v1.saved_model.predict_signature_def({"x": x}, {"y": y})
        builder.add_meta_graph_and_variables(session, ["serve", "gpu"], {"serving_default": signature})
        builder.save()
        builder = v1.saved_model.Builder(str(folder / "tf1_text"))
        builder.add_meta_graph_and_variables(session, ["serve"], {"serving_default": signature})
        builder.save(as_text=True)
        v1.train.Saver().save(session, str(folder / "tf1_checkpoint" / "model.ckpt"), global_step=7)
        frozen = v1.graph_util.convert_variables_to_constants(session, session.graph_def, [y.op.name])
        (folder / "frozen.pb").write_bytes(frozen.SerializeToString())
        (folder / "frozen.pbtxt").write_text(str(frozen))
    said["tf1"] = saved(folder / "tf1")
    said["tf1_checkpoint"] = {"variables": variables(folder / "tf1_checkpoint" / "model.ckpt-7")}

    kinds = {
        name: tf.Variable(tf.cast([[0, 1, 2], [1, 0, 3]], name), name=name)
        for name in ("float16", "bfloat16", "float64", "int8", "uint8", "int16", "int32", "int64", "bool", "complex64")
    }
    kinds["scalar"] = tf.Variable(3.5)
    kinds["empty"] = tf.Variable(tf.zeros((0, 4)))
    kinds["text"] = tf.Variable(["ab", "c"])
    tf.train.Checkpoint(**kinds).save(str(folder / "kinds" / "ckpt"))
    reader = tf.train.load_checkpoint(str(folder / "kinds" / "ckpt-1"))
    shapes, types = reader.get_variable_to_shape_map(), reader.get_variable_to_dtype_map()
    said["kinds"] = {"variables": {name: [list(shapes[name]), types[name].name, None] for name in shapes}}
    many = {f"variable_{number:05d}": tf.Variable(tf.fill((2,), float(number))) for number in range(800)}
    tf.train.Checkpoint(**many).write(str(folder / "many" / "ckpt"))
    said["many"] = {"variables": variables(folder / "many" / "ckpt")}

    converter = tf.lite.TFLiteConverter.from_concrete_functions([module.__call__.get_concrete_function()], module)
    (folder / "model.tflite").write_bytes(converter.convert())
    return said


def main() -> None:
    """Write, and say."""
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    said = {"2": by_keras_2, "3": by_tensorflow}[sys.argv[1]](folder)
    print(json.dumps(said))


if __name__ == "__main__":
    main()
