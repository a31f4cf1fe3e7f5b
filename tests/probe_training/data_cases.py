"""The cases of `test_data.py`: small programs, and data of every kind for them."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["Cases", "collect"]

DRIVER = Path(__file__).parent / "data_driver.py"
SAVED = Path(__file__).parents[2] / "sample_models" / "saved"

DENSE = """
import keras
model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3, activation={activation!r})])
"""
SOFTMAX, LINEAR = DENSE.format(activation="softmax"), DENSE.format(activation=None)
YES_OR_NO = SOFTMAX.replace("Dense(3", "Dense(1").replace("softmax", "sigmoid")
NUMBER = LINEAR.replace("Dense(3", "Dense(1")
COMPILED = SOFTMAX + "model.compile('sgd', 'categorical_crossentropy', metrics=['mae'])\n"
UNBUILT = (
    "import keras\nmodel = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(3, activation='softmax')])\n"
)
SUBCLASSED = """
import keras
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.out = keras.layers.Dense(3, activation='softmax')
    def call(self, x):
        return self.out(x)
model = Net()
"""
TWO_BY_TWO = """
import keras
price, words = keras.Input((2,), name='price'), keras.Input((5,), dtype='int32', name='words')
text = keras.layers.Flatten()(keras.layers.Embedding(20, 4)(words))
both = keras.layers.Concatenate()([price, text])
kind = keras.layers.Dense(3, activation='softmax', name='kind')(both)
size = keras.layers.Dense(1, name='size')(both)
model = keras.Model([price, words], [kind, size])
"""
ENCODER = """
import keras
model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2), keras.layers.Dense(4)])
"""
EMBEDDING = """
import keras
model = keras.Sequential([
    keras.layers.Input((None,)), keras.layers.Embedding(7, 4), keras.layers.GlobalAveragePooling1D(),
    keras.layers.Dense(1, activation='sigmoid')])
"""
NESTED_EMBEDDING = """
import keras
tokens = keras.Input((6,), dtype='int32')
encoder = keras.Model(tokens, keras.layers.Flatten()(keras.layers.Embedding(11, 2)(tokens)))
question, answer = keras.Input((6,), name='question'), keras.Input((6,), name='answer')
both = keras.layers.Concatenate()([encoder(question), encoder(answer)])
model = keras.Model([question, answer], keras.layers.Dense(3)(both))
"""
IMAGES = """
import keras
model = keras.Sequential([
    keras.layers.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(2, activation='softmax')])
"""
PIXELS = IMAGES.replace("(8, 8, 3)", "(2, 2, 1)").replace("Dense(2", "Dense(3")
SEGMENTS = """
import keras
model = keras.Sequential([
    keras.layers.Input((None, None, 3)), keras.layers.Conv2D(4, 3, padding='same', activation='softmax')])
"""
OWN_STEP = """
import keras
class Gan(keras.Model):
    def __init__(self):
        super().__init__()
        self.out = keras.layers.Dense(4)
    def compile(self, d_optimizer, g_optimizer):
        super().compile()
    def call(self, x):
        return self.out(x)
model = Gan()
"""
BOTH_INSIDE = """
import keras
encoder = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2)])
decoder = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(4)])
"""
FACTORIES = """
import keras
def block(x):
    return keras.layers.Dense(3)(x)
def base():
    return keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(8)])
def make_net():
    inputs = keras.Input((4,))
    return keras.Model(inputs, block(base()(inputs)), name='net')
def make_wide(units):
    return keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(units)], name='wide')
def main():
    make_net().fit()
"""


def data(kind: str, *paths: Any, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "paths": [str(path) for path in paths], "target": None, "validation_split": 0.0, **more}


class Cases:
    """Collects the cases, and has them answered by one process for each generation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._cases: list[dict[str, Any]] = []

    def add(self, title: str, program: str, source: dict[str, Any], /, *, fit: bool = False, **spec: Any) -> None:
        whole = {"path": "train.py", "shown": "train.py", "data": source, **spec}
        self._cases.append({"name": title, "program": program, "spec": whole, "fit": fit})

    def npz(self, name: str, **arrays: Any) -> Path:
        path = self.folder / f"{name}.npz"
        np.savez(path, **arrays)
        return path

    def text(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def answers(self, generation: int) -> dict[str, dict[str, Any]]:
        path = self.folder / f"cases-{generation}.json"
        path.write_text(json.dumps(self._cases))
        command = [sys.executable, str(DRIVER), str(generation), str(path)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, env={**os.environ})
        assert done.returncode == 0, done.stderr[-3000:]
        found: dict[str, dict[str, Any]] = json.loads(done.stdout)
        return found


def png(path: Path, shade: int) -> None:
    """A grey image of 10 x 10 points."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = zlib.compress(b"".join(b"\0" + bytes([shade]) * 10 for _ in range(10)))
    path.parent.mkdir(parents=True, exist_ok=True)
    header = struct.pack(">IIBBBBB", 10, 10, 8, 0, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


def collect(cases: Cases) -> None:
    random = np.random.default_rng(1)
    x, classes = random.random((20, 4)).astype("float32"), random.integers(0, 3, 20)
    hot = np.eye(3, dtype="float32")[classes]
    plain = cases.npz("plain", x=x, y=classes)
    cases.add("npz", SOFTMAX, data("npz", plain, validation_split=0.25), fit=True, epochs=2, batch_size=8)
    cases.add(
        "own compile", COMPILED, data("npz", cases.npz("hot", x_train=x, y_train=hot, x_test=x[:4], y_test=hot[:4]))
    )
    cases.add("rate alone", COMPILED, data("npz", cases.folder / "hot.npz"), compilation={"learning_rate": 0.5})
    asked = {"loss": "mse", "optimizer": "rmsprop", "learning_rate": 0.25, "metrics": ["mae", "accuracy"]}
    cases.add("asked", COMPILED, data("npz", cases.folder / "hot.npz"), compilation=asked, fit=True)
    cases.add("one-hot", SOFTMAX, data("npz", cases.folder / "hot.npz"), fit=True)
    cases.add("logits", LINEAR, data("npz", plain), fit=True)
    cases.add("numbers", YES_OR_NO, data("npz", cases.npz("numbers", x=x, y=x[:, 0] * 4 - 2)), fit=True)
    cases.add("answers", YES_OR_NO, data("npz", cases.npz("answers", x=x, y=(x[:, 0] > 0.5).astype("float32"))))
    cases.add("sparse for one-hot", COMPILED, data("npz", plain))
    cases.add("wide", SOFTMAX, data("npz", cases.npz("wide", x=random.random((10, 5)), y=classes[:10])))
    cases.add("rows", SOFTMAX, data("npz", cases.npz("rows", x=x, y=classes[:19])))
    cases.add("no y", SOFTMAX, data("npz", cases.npz("no-y", x=x)))
    cases.add("no x", SOFTMAX, data("npz", cases.npz("no-x", features=x, y=classes)))
    cases.add("objects", SOFTMAX, data("npz", cases.npz("objects", x=np.array([{}, []], dtype=object), y=classes[:2])))
    cases.add("garbled", SOFTMAX, data("npz", cases.text("garbled.npz", "no archive")))
    cases.add("encoder", ENCODER, data("npz", cases.folder / "no-y.npz"), fit=True)
    holes = x.copy()
    holes[3, 1] = np.nan
    cases.add("nan", SOFTMAX, data("npz", cases.npz("holes", x=holes, y=classes)))
    named = {
        "price": random.random((20, 2)),
        "words": random.integers(0, 20, (20, 5)),
        "kind": classes,
        "size": x[:, 0],
    }
    cases.add("named", TWO_BY_TWO, data("npz", cases.npz("named", **named), validation_split=0.5), fit=True)
    cases.add("unbuilt", UNBUILT, data("npz", plain), fit=True)
    cases.add("subclassed", SUBCLASSED, data("npz", plain), fit=True)
    cases.add("own compile method", OWN_STEP, data("npz", plain))
    cases.add("missing", SOFTMAX, data("npz", cases.folder / "gone.npz"))
    cases.add("unknown loss", SOFTMAX, data("npz", plain), compilation={"loss": "binary_crossentropi"})
    cases.add("unknown metric", SOFTMAX, data("npz", plain), compilation={"metrics": ["acuracy"]})
    np.save(cases.folder / "x.npy", x)
    np.save(cases.folder / "y.npy", classes)
    cases.add("npy", SOFTMAX, data("npy", cases.folder / "x.npy", cases.folder / "y.npy"))
    collect_tables(cases)
    collect_images(cases)
    collect_functions(cases)
    collect_synthetic(cases)
    cases.add("stretched", LINEAR, data("npz", plain), compilation={"loss": "mse"})
    collect_models(cases, data("npz", plain))
    collect_saved(cases, data("npz", plain))


def collect_tables(cases: Cases) -> None:
    rows = "".join(f"{n}.5,{n},{n * 2},{n % 3},{'abc'[n % 3]}\n" for n in range(9))
    iris = cases.text("iris.csv", "a,b,c,d,kind\n" + rows)
    cases.add("csv", SOFTMAX, data("csv", iris))
    cases.add("csv without header", SOFTMAX, data("csv", cases.text("bare.csv", rows)))
    cases.add(
        "csv target",
        NUMBER,
        data("csv", cases.text("numbers.csv", "p,q,r,s,t\n1,2,3,4,5\n\n6,,8,9.5,10\n"), target="s"),
    )
    cases.add("tsv", SOFTMAX, data("csv", cases.text("iris.tsv", ("a,b,c,d,kind\n" + rows).replace(",", "\t"))))
    cases.add("csv text", SOFTMAX, data("csv", cases.text("text.csv", "a,b,c,d,kind\n1,2,3,4,x\n1,2,red,4,y\n")))
    cases.add("csv column", SOFTMAX, data("csv", iris, target="sort"))
    cases.add("csv ragged", SOFTMAX, data("csv", cases.text("ragged.csv", "a,b,c,d,kind\n1,2,3,4,x\n1,2,3,y\n")))
    cases.add("csv pixels", PIXELS, data("csv", iris))
    cases.add("csv binary", SOFTMAX, data("csv", cases.text("latin.csv", "a,b\n1,2\n")))
    (cases.folder / "latin.csv").write_bytes("größe,b\n1,2\n".encode("latin-1"))


def collect_images(cases: Cases) -> None:
    for number in range(6):
        png(cases.folder / "animals" / ("cat", "dog")[number % 2] / f"{number}.png", number * 40)
    cases.add("images", IMAGES, data("images", cases.folder / "animals", validation_split=0.34), fit=True, batch_size=2)
    cases.add(
        "images one-hot",
        IMAGES,
        data("images", cases.folder / "animals"),
        compilation={"loss": "categorical_crossentropy"},
        fit=True,
    )
    cases.add(
        "images few",
        IMAGES.replace("Dense(2", "Dense(1").replace("softmax", "sigmoid"),
        data("images", cases.folder / "animals"),
        fit=True,
    )
    for part, count in (("train", 4), ("val", 2)):
        for number in range(count):
            png(cases.folder / "parts" / part / ("cat", "dog")[number % 2] / f"{number}.png", number * 40)
    cases.add("images parts", IMAGES, data("images", cases.folder / "parts"), batch_size=2)
    (cases.folder / "empty").mkdir()
    cases.add("images none", IMAGES, data("images", cases.folder / "empty"))
    cases.add("images not", SOFTMAX, data("images", cases.folder / "animals"))


def collect_functions(cases: Cases) -> None:
    cases.text(
        "feeding/sets.py",
        "import numpy as np\nimport tensorflow as tf\n"
        "x, y = np.zeros((12, 4), 'float32'), np.arange(12) % 3\n"
        "def pair(): return x, y\n"
        "def both(): return (x, y), (x[:2], y[:2])\n"
        "def named(): return {'x': x, 'y': y, 'x_val': x[:2], 'y_val': y[:2]}\n"
        "def batches(batch_size=4): return tf.data.Dataset.from_tensor_slices((x, y)).batch(batch_size)\n"
        "def singles(): return tf.data.Dataset.from_tensor_slices((x, y))\n"
        "def endless(): return batches().repeat()\n"
        "def needy(folder): return x, y\n"
        "def nothing(): return 7\n"
        "def failing(): raise LookupError('no such thing')\n",
    )
    cases.text("feeding/__init__.py", "")
    for name in ("pair", "both", "named", "batches", "singles"):
        cases.add(f"function {name}", SOFTMAX, data("function", f"feeding.sets:{name}"), fit=True, batch_size=6)
    cases.add("function file", SOFTMAX, data("function", f"{cases.folder}/feeding/sets.py:pair"))
    cases.add(
        "function split",
        SOFTMAX,
        data("function", "feeding.sets:batches", validation_split=0.4),
        fit=True,
        batch_size=4,
    )
    cases.add("function endless split", SOFTMAX, data("function", "feeding.sets:endless", validation_split=0.4))
    for name in ("needy", "nothing", "failing", "absent"):
        cases.add(f"function {name}", SOFTMAX, data("function", f"feeding.sets:{name}"))
    cases.add("function module", SOFTMAX, data("function", "feeding.nowhere:pair"))


def collect_synthetic(cases: Cases) -> None:
    for name, program in (("softmax", SOFTMAX), ("yes or no", YES_OR_NO), ("number", NUMBER), ("embedding", EMBEDDING)):
        cases.add(f"synthetic {name}", program, data("synthetic", samples=64), fit=True)
    cases.add("synthetic again", EMBEDDING, data("synthetic", samples=64))
    cases.add("synthetic seed", EMBEDDING, data("synthetic", samples=64), seed=5)
    cases.add("synthetic hot", COMPILED, data("synthetic", samples=64), fit=True)
    cases.add("synthetic two", TWO_BY_TWO, data("synthetic", samples=64), fit=True)
    cases.add("synthetic nested", NESTED_EMBEDDING, data("synthetic", samples=64), fit=True)
    cases.add("synthetic open", SEGMENTS, data("synthetic", samples=4), fit=True)
    cases.add(
        "synthetic misshaped", SOFTMAX, data("synthetic", samples=8), input_shapes=[[None, [None, 9], None]], fit=True
    )
    cases.add("synthetic unbuilt", UNBUILT, data("synthetic", samples=8))
    cases.add(
        "synthetic shaped", UNBUILT, data("synthetic", samples=8), input_shapes=[[None, [None, 6], None]], fit=True
    )
    cases.add(
        "synthetic subclassed",
        SUBCLASSED,
        data("synthetic", samples=8),
        input_shapes=[[None, [None, 6], None]],
        fit=True,
    )
    wide = IMAGES.replace("(8, 8, 3)", "(512, 512, 3)")
    cases.add("synthetic wide", wide, data("synthetic", samples=1000, validation_split=0.1))


def collect_models(cases: Cases, source: dict[str, Any]) -> None:
    cases.add("factory", FACTORIES, source)
    cases.add("factory called", FACTORIES, source, name="make_wide", call="units=3")
    cases.add("factory arguments", FACTORIES, source, name="make_wide", call="size=3")
    cases.add("name missing", SOFTMAX, source, name="modell")
    cases.add("two models", BOTH_INSIDE, source)
    cases.add(
        "part of another",
        BOTH_INSIDE + "both = keras.Model(encoder.inputs, decoder(encoder.outputs[0]), name='both')\n",
        data("synthetic", samples=8),
    )
    cases.add(
        "no model",
        "import keras\ndef build(units):\n    return keras.Sequential([keras.layers.Dense(units)])\n",
        source,
    )


def collect_saved(cases: Cases, source: dict[str, Any]) -> None:
    save = "model.save('{name}')\n"
    trained = COMPILED.replace("'sgd'", "keras.optimizers.SGD(0.125)")
    custom = trained.replace("keras.layers.Dense(3", "Own(3").replace(
        "model =", "class Own(keras.layers.Dense):\n    pass\nmodel ="
    )
    code = SOFTMAX.replace("keras.layers.Dense", "keras.layers.Lambda(lambda x: x), keras.layers.Dense")

    def add(title: str, program: str, name: str, **spec: Any) -> None:
        cases.add(title, program, source, path=name, shown=name, saved=True, **spec)

    hot = data("npz", cases.folder / "hot.npz")
    cases.add("saved", trained + save.format(name="own.keras"), hot, path="own.keras", saved=True, fit=True)
    cases.add("saved h5", trained + save.format(name="own.h5"), hot, path="own.h5", saved=True, fit=True)
    add("saved config", SOFTMAX + "open('own.json', 'w').write(model.to_json())\n", "own.json", fit=True)
    add("saved custom", custom + save.format(name="custom.keras"), "custom.keras")
    for ending in ("keras", "h5"):
        add(f"saved code {ending}", code + save.format(name=f"code.{ending}"), f"code.{ending}")
        add(f"saved code trusted {ending}", code + save.format(name=f"code.{ending}"), f"code.{ending}", trust=True)
    add("saved not", "open('not.keras', 'w').write('nothing')\n", "not.keras")
    add("saved by 3", "", str(SAVED / "two_inputs.keras"))
    folder = cases.folder / "served"
    add(
        "saved model",
        SOFTMAX + f"if keras.__version__ < '3': model.save({str(folder)!r})\nelse:\n    import os\n"
        f"    os.makedirs({str(folder)!r}, exist_ok=True)\n",
        str(folder),
    )
