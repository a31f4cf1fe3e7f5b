"""Files whose world is missing: packages, data, and the Keras of the year they were written in."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import pytest
from tests.engine.test_truth import plain_keras

from kerascope.graph import Connection, Inspection, Model, Severity

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Looker

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module", params=["3", "2"])
def generation(request: pytest.FixtureRequest) -> str:
    """Both Keras generations, one after the other."""
    return str(request.param)


@pytest.fixture
def look(looker: Looker, tmp_path: Path, generation: str) -> Callable[..., Inspection]:
    """Write a program and look at it."""

    def look(text: str, *, name: str = "model_file.py", strict: bool = False) -> Inspection:
        path = tmp_path / name
        path.write_text(textwrap.dedent(text).lstrip("\n"))
        return looker.look(path, keras=generation, strict=strict)

    return look


def models_of(inspection: Inspection) -> list[Model]:
    """The models, without what stands in none."""
    return [model for model in inspection.models if model.name is not None]


def skipped_lines(inspection: Inspection) -> list[int]:
    """Lines of the statements that were left out."""
    return [statement.line for statement in inspection.skipped]


def rules_of(inspection: Inspection) -> list[str]:
    """Codes of the findings."""
    return [finding.rule for finding in inspection.findings]


# What people have on their disks. Each stands beside what makes the same model with nothing missing.

MNIST_CNN = """
from __future__ import print_function
from keras.datasets import mnist
from keras.models import Sequential
from keras.layers.core import Dense, Dropout, Activation, Flatten
from keras.layers.convolutional import Conv2D
from keras.layers.pooling import MaxPooling2D
from keras.utils import np_utils
(X_train, y_train), (X_test, y_test) = mnist.load_data()
X_train = X_train.reshape(X_train.shape[0], 28, 28, 1)
Y_train = np_utils.to_categorical(y_train)
model = Sequential()
model.add(Conv2D(32, (3, 3), input_shape=X_train.shape[1:]))
model.add(Activation("relu"))
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Flatten())
model.add(Dense(64))
model.add(Dropout(0.5))
model.add(Dense(Y_train.shape[1], activation="softmax"))
model.compile(loss="categorical_crossentropy", optimizer="adadelta")
"""
MNIST_CNN_NOW = """
Sequential([Input((28, 28, 1)), L.Conv2D(32, (3, 3)), L.Activation("relu"), L.MaxPooling2D((2, 2)), L.Flatten(),
            L.Dense(64), L.Dropout(0.5), L.Dense(10)])
"""
IMDB_LSTM = """
from keras.preprocessing import sequence
from keras.models import Sequential
from keras.layers.embeddings import Embedding
from keras.layers.recurrent import LSTM
from keras.layers.core import Dense
from keras.datasets import imdb
(x_train, y_train), (x_test, y_test) = imdb.load_data(num_words=5000)
x_train = sequence.pad_sequences(x_train, maxlen=80)
model = Sequential()
model.add(Embedding(5000, 32, input_length=80))
model.add(LSTM(16))
model.add(Dense(1, activation="sigmoid"))
model.build((None, x_train.shape[1]))
"""
IMDB_LSTM_NOW = "Sequential([Input((80,)), L.Embedding(5000, 32), L.LSTM(16), L.Dense(1)])"
PANDAS = """
import pandas as pd
from sklearn.model_selection import train_test_split
from keras.models import Sequential
from keras.layers import Dense
data = pd.read_csv("diabetes.csv", header=None)
X, y = data.iloc[:, 0:8].values, data.iloc[:, 8].values / 2
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2)
model = Sequential()
model.add(Dense(12, input_dim=8, activation="relu"))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam")
history = model.fit(X_train, y_train, epochs=150, batch_size=10)
print("accuracy %.2f" % model.evaluate(X_test, y_test))
"""
PANDAS_NOW = "Sequential([Input((8,)), L.Dense(12), L.Dense(1)])"
TRANSFER = """
import matplotlib.pyplot as plt
from keras.preprocessing.image import ImageDataGenerator
from keras.applications import VGG16
from keras import layers, models, optimizers
base = VGG16(weights="imagenet", include_top=False, input_shape=(64, 64, 3))
batches = ImageDataGenerator(rescale=1.0 / 255).flow_from_directory("data/train", target_size=(64, 64))
model = models.Sequential()
model.add(base)
model.add(layers.Flatten())
model.add(layers.Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer=optimizers.RMSprop(lr=2e-5))
history = model.fit(batches, epochs=3)
plt.plot(history.history["loss"])
plt.show()
"""
TRANSFER_NOW = """
Sequential([keras.applications.VGG16(weights=None, include_top=False, input_shape=(64, 64, 3)), L.Flatten(),
            L.Dense(1)])
"""
AUTOENCODER = """
import cv2, glob
import numpy as np
from keras.layers import Input, Conv2D, UpSampling2D
from keras.layers.pooling import MaxPooling2D
from keras.models import Model
from keras.optimizers import Adam
images = np.array([cv2.resize(cv2.imread(name), (32, 32)) for name in ["a.jpg", "b.jpg"]])
x_train = images.astype("float32") / 255.0
inputs = Input(shape=(32, 32, 3))
x = Conv2D(16, (3, 3), padding="same")(inputs)
x = MaxPooling2D((2, 2), padding="same")(x)
x = UpSampling2D((2, 2))(x)
decoded = Conv2D(3, (3, 3), padding="same")(x)
autoencoder = Model(inputs, decoded)
autoencoder.compile(optimizer=Adam(lr=1e-3, decay=1e-6), loss="mse")
autoencoder.fit(x_train, x_train)
"""
AUTOENCODER_NOW = """
Sequential([Input((32, 32, 3)), L.Conv2D(16, 3, padding="same"), L.MaxPooling2D(2), L.UpSampling2D(2),
            L.Conv2D(3, 3, padding="same")])
"""
SIAMESE = """
from keras.layers import Input, Dense, Flatten
from keras.layers.merge import Subtract
from keras.engine.training import Model
from keras.datasets import fashion_mnist
(x_train, y_train), _ = fashion_mnist.load_data()
def tower(shape):
    inputs = Input(shape=shape)
    return Model(inputs, Dense(8)(Flatten()(inputs)))
base = tower(x_train.shape[1:])
left, right = Input(shape=x_train.shape[1:]), Input(shape=x_train.shape[1:])
model = Model([left, right], Dense(1)(Subtract()([base(left), base(right)])))
"""
SIAMESE_NOW = "Sequential([Input((28, 28)), L.Flatten(), L.Dense(8)])"
GAN = """
import matplotlib.pyplot as plt
from keras.layers import Input, Dense
from keras.layers.advanced_activations import LeakyReLU
from keras.layers.normalization import BatchNormalization
from keras.models import Sequential, Model
from keras.optimizers import adam
class GAN:
    def __init__(self):
        self.generator = self.build_generator()
        self.generator.compile(loss="binary_crossentropy", optimizer=adam(lr=0.0002))
    def build_generator(self):
        model = Sequential()
        model.add(Dense(16, input_dim=100))
        model.add(LeakyReLU(0.2))
        model.add(BatchNormalization(momentum=0.8))
        model.add(Dense(784, activation="tanh"))
        return model
    def train(self, epochs):
        plt.imread("real.png").mean() > 3 or print("dark")
if __name__ == "__main__":
    gan = GAN()
    gan.train(epochs=3)
"""
GAN_NOW = "Sequential([Input((100,)), L.Dense(16), L.LeakyReLU(0.2), L.BatchNormalization(momentum=0.8), L.Dense(784)])"
ARGPARSE = """
import argparse, os
import skimage.io
from keras.models import Model
from keras.layers import Input, Dense
from keras.layers.noise import GaussianNoise
from keras.utils.vis_utils import plot_model
def build(units):
    inputs = Input((16,))
    return Model(inputs, Dense(units)(GaussianNoise(0.1)(inputs)))
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="./no-such-data")
    parser.add_argument("--units", type=int, default=5)
    args = parser.parse_args()
    files = os.listdir(args.data)
    images = [skimage.io.imread(name) for name in files]
    model = build(args.units)
    model.compile("adam", "mse")
    model.fit(images, images)
if __name__ == "__main__":
    main()
"""
ARGPARSE_NOW = "Sequential([Input((16,)), L.GaussianNoise(0.1), L.Dense(5)])"
TFDS = """
import tensorflow as tf
import tensorflow_datasets as tfds
(ds_train, ds_test), info = tfds.load("mnist", split=["train", "test"], as_supervised=True, with_info=True)
ds_train = ds_train.shuffle(info.splits["train"].num_examples).batch(128)
model = tf.keras.models.Sequential([
    tf.keras.layers.Flatten(input_shape=(28, 28)),
    tf.keras.layers.Dense(10),
])
model.compile(optimizer=tf.keras.optimizers.Adam(0.001), loss="mse")
model.fit(ds_train, epochs=6, validation_data=ds_test)
"""
TFDS_NOW = "Sequential([Input((28, 28)), L.Flatten(), L.Dense(10)])"
BOSTON = """
import seaborn as sns
from keras.datasets import boston_housing
from keras import models, layers
(train_data, train_targets), (test_data, test_targets) = boston_housing.load_data()
train_data = train_data - train_data.mean(axis=0)
def build_model():
    model = models.Sequential()
    model.add(layers.Dense(64, activation="relu", input_shape=(train_data.shape[1],)))
    model.add(layers.Dense(1))
    return model
model = build_model()
sns.pairplot(train_data)
"""
BOSTON_NOW = "Sequential([Input((13,)), L.Dense(64), L.Dense(1)])"
OLD_TF = """
from tensorflow.python.keras.models import Sequential
from tensorflow.python.keras.layers.core import Dense
import tensorflow.python.keras.layers as layers
model = Sequential([Dense(4, input_shape=(3,)), layers.Dense(2)])
model.compile(loss="mse", optimizer="sgd")
"""
OLD_TF_NOW = "Sequential([Input((3,)), L.Dense(4), L.Dense(2)])"
CUDNN = """
import gym
from keras.layers import CuDNNLSTM, CuDNNGRU, Dense
from keras.models import Sequential
model = Sequential()
model.add(CuDNNLSTM(8, input_shape=(5, 3), return_sequences=True))
model.add(CuDNNGRU(4))
model.add(Dense(2))
for episode in range(1000):
    state = gym.make("CartPole-v1").reset()
    state.mean() > 0 and print("up")
    assert len(state) == 4
"""
CUDNN_NOW = "Sequential([Input((5, 3)), L.LSTM(8, return_sequences=True), L.GRU(4), L.Dense(2)])"
EXPERIMENTAL = """
import tensorflow as tf
import tensorflow_addons as tfa
from tensorflow.keras import layers
from tensorflow.keras.layers.experimental.preprocessing import Rescaling
model = tf.keras.Sequential([tf.keras.Input((8, 8, 3)), Rescaling(1.0 / 255), layers.Flatten(), layers.Dense(5)])
model.compile(optimizer=tfa.optimizers.AdamW(weight_decay=1e-4), loss="mse", metrics=[tfa.metrics.F1Score(5)])
"""
EXPERIMENTAL_NOW = "Sequential([Input((8, 8, 3)), L.Rescaling(1.0 / 255), L.Flatten(), L.Dense(5)])"
STARS = """
from keras.layers.core import *
from keras.models import *
from data import *
x = Input((6,))
model = Model(x, Dense(2)(Dropout(0.1)(x)))
batches = trainGenerator(2, "data/train")
model.fit_generator(batches, steps_per_epoch=300)
"""
STARS_NOW = "Sequential([Input((6,)), L.Dropout(0.1), L.Dense(2)])"

WILD = {
    "mnist_cnn": (MNIST_CNN, MNIST_CNN_NOW),
    "imdb_lstm": (IMDB_LSTM, IMDB_LSTM_NOW),
    "pandas": (PANDAS, PANDAS_NOW),
    "transfer": (TRANSFER, TRANSFER_NOW),
    "autoencoder": (AUTOENCODER, AUTOENCODER_NOW),
    "siamese": (SIAMESE, SIAMESE_NOW),
    "gan": (GAN, GAN_NOW),
    "argparse": (ARGPARSE, ARGPARSE_NOW),
    "tfds": (TFDS, TFDS_NOW),
    "boston": (BOSTON, BOSTON_NOW),
    "old_tf": (OLD_TF, OLD_TF_NOW),
    "cudnn": (CUDNN, CUDNN_NOW),
    "experimental": (EXPERIMENTAL, EXPERIMENTAL_NOW),
    "stars": (STARS, STARS_NOW),
}


@pytest.fixture(scope="module")
def now(tmp_path_factory: pytest.TempPathFactory, generation: str) -> dict[str, Any]:
    """What plain Keras says of the same models, written with nothing missing."""
    folder = tmp_path_factory.mktemp("now")
    path = folder / "now.py"
    head = "import keras\nfrom keras import Input, Sequential, layers as L\n"
    path.write_text(head + "".join(f"{name} = {text.strip()}\n" for name, (_, text) in WILD.items()))
    return dict(zip(WILD, plain_keras(path, generation, folder)["models"], strict=True))


@pytest.mark.parametrize("name", WILD)
def test_a_program_whose_world_is_missing_shows_the_model_it_would_make(
    look: Callable[..., Inspection], now: dict[str, Any], name: str
) -> None:
    inspection = look(WILD[name][0])
    assert inspection.failure is None
    models = models_of(inspection)
    model = models[-1] if name == "transfer" else models[0]
    assert model.skipped == ()
    rows = [row for row in model.layers if row.parent is None and not row.is_input]
    truth = [layer for layer in now[name]["layers"] if layer["class_name"] != "InputLayer"]
    assert [
        (
            row.class_name,
            [list(shape) for shape in row.effective or ()],
            [list(s) for s in row.output or ()],
            row.params,
        )
        for row in rows
    ] == [(each["class_name"], each["effective"], each["output"], each["params"]) for each in truth]
    assert model.params is not None
    assert model.params.total == now[name]["total"]
    # Nothing that rests on something skipped or stood in for is blamed on the author.
    blamed = {finding.rule for finding in inspection.findings if finding.severity is not Severity.INFO}
    # But for the Keras it was written for: with this one it does not run.
    assert blamed <= ({"KS302"} if inspection.moved else set())


def test_what_was_stood_in_for_moved_and_skipped_is_listed(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import cv2
        import pandas as pd
        from keras.layers.core import Dense
        from keras.models import Sequential
        from keras.optimizers import SGD
        from keras.datasets import mnist
        (x_train, y_train), _ = mnist.load_data()
        table = open("no-such-table.csv")
        model = Sequential([Dense(3, input_shape=(4,))])
        model.compile(optimizer=SGD(lr=0.1, decay=1e-6), loss="mse")
        """)
    assert inspection.failure is None
    assert inspection.stood_in[:2] == ("cv2", "pandas")
    assert inspection.stood_in[2:] in ((), ("keras.datasets.mnist",))  # not where the real data is in Keras's cache
    assert inspection.moved == (
        "keras.layers.core.Dense is keras.layers.Dense",
        "SGD(lr=...) is learning_rate",
        "SGD(decay=...) is left out",
    )
    assert skipped_lines(inspection) == [8]
    messages = [note.message for note in inspection.notes]
    assert "stood in for: cv2, pandas (not installed)" in messages
    assert "skipped: FileNotFoundError: [Errno 2] No such file or directory: 'no-such-table.csv'" in messages


def test_what_stops_the_tolerant_look_elsewhere_is_said(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import no_such_module_at_all
        from keras import layers, Sequential
        model = Sequential([layers.Dense("three")])
        """)
    assert inspection.failure is not None
    assert (inspection.failure.kind, inspection.failure.line) == ("exception", 1)
    assert "going past such errors made no model either; the last was line 3" in (inspection.failure.hint or "")


# When it is looked at tolerantly, and when not.

COUNTING = "open('runs.txt', 'a').write('x')\n"


def test_a_file_that_works_runs_once(
    look: Callable[..., Inspection], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    inspection = look(COUNTING + "import keras\nmodel = keras.Sequential([keras.layers.Dense(2, input_shape=(3,))])\n")
    assert inspection.failure is None
    assert (inspection.stood_in, inspection.moved, inspection.skipped) == ((), (), ())
    assert (tmp_path / "runs.txt").read_text() == "x"


def test_an_error_after_the_models_runs_once(
    look: Callable[..., Inspection], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    inspection = look(
        COUNTING + "import keras\nmodel = keras.Sequential([keras.layers.Dense(2, input_shape=(3,))])\nimport cv2\n"
    )
    assert inspection.failure is None
    assert inspection.stood_in == ()
    assert [note.line for note in inspection.notes] == [4]
    assert (tmp_path / "runs.txt").read_text() == "x"


def test_the_text_on_disk_is_never_changed(look: Callable[..., Inspection], tmp_path: Path) -> None:
    text = "import cv2\nimport keras\nmodel = keras.Sequential([keras.layers.Dense(2, input_shape=(3,))])\n"
    assert look(text).stood_in == ("cv2",)
    assert (tmp_path / "model_file.py").read_text() == text


def test_nothing_is_stood_in_for_in_the_next_look(look: Callable[..., Inspection]) -> None:
    assert look(PANDAS).stood_in == ("pandas", "sklearn")
    inspection = look("""
        import keras, sys
        assert "pandas" not in sys.modules and not hasattr(keras.layers, "CuDNNLSTM")
        try:
            keras.optimizers.SGD(schedule_decay=0.1)
        except (TypeError, ValueError):
            model = keras.Sequential([keras.layers.Dense(7, input_shape=(3,))])
        """)
    assert inspection.failure is None
    assert inspection.skipped == ()


def test_strict_looks_at_the_file_only_as_it_is(look: Callable[..., Inspection]) -> None:
    inspection = look(PANDAS, strict=True)
    assert inspection.failure is not None
    assert (inspection.failure.kind, inspection.failure.line) == ("exception", 1)
    assert "pandas" in inspection.failure.message
    assert (inspection.stood_in, inspection.skipped) == ((), ())
    assert models_of(inspection) == []


def test_an_error_in_the_model_itself_stays_the_users_error(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        from keras import layers, Sequential
        model = Sequential()
        model.add(layers.Dense(3, input_shape=(4,)))
        model.add(layers.Dense("three"))
        model.add(layers.Dense(2))
        """)
    assert inspection.failure is not None
    assert (inspection.failure.kind, inspection.failure.line) == ("exception", 4)
    assert inspection.skipped == ()
    # Nothing that the failure itself does not say already.
    assert inspection.failure.hint is None


def test_what_kept_a_tolerant_look_from_more_is_said(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import pandas_that_is_missing
        from keras import layers, Sequential
        model = Sequential()
        model.add(layers.Dense("three"))
        """)
    assert inspection.failure is not None
    assert inspection.failure.line == 1
    assert "going past such errors made no model either; the last was line 4 ValueError" in (
        inspection.failure.hint or ""
    )


def test_a_broken_functional_model_stays_the_users_error(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import keras
        inputs = keras.Input((4,))
        x = keras.layers.Dense(3)(inputs)
        x = keras.layers.Conv2D(3, 3)(x)
        x = keras.layers.Dense(2)(x)
        model = keras.Model(inputs, x)
        """)
    assert inspection.failure is not None
    assert inspection.failure.line == 4
    assert models_of(inspection) == []


def test_a_syntax_error_is_no_reason_to_look_again(look: Callable[..., Inspection]) -> None:
    inspection = look("import cv2\nmodel = = 3\n")
    assert inspection.failure is not None
    assert inspection.failure.kind == "syntax"


def test_a_program_that_ends_itself_is_believed(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import sys, keras
        if not hasattr(keras, "no_such_thing"):
            sys.exit("needs another Keras")
        model = keras.Sequential([keras.layers.Dense(2, input_shape=(3,))])
        """)
    assert inspection.failure is not None
    assert inspection.failure.kind == "no-model"


def test_a_module_beside_the_file_that_fails_is_not_stood_in_for(
    look: Callable[..., Inspection], tmp_path: Path
) -> None:
    (tmp_path / "helpers.py").write_text("raise RuntimeError('broken helpers')\n")
    inspection = look("""
        import helpers
        import keras
        model = keras.Sequential([keras.layers.Dense(2, input_shape=(3,))])
        """)
    assert inspection.stood_in == ()
    assert [(statement.line, statement.error) for statement in inspection.skipped] == [
        (1, "RuntimeError: broken helpers")
    ]


def test_a_module_beside_the_file_may_lack_packages_too(look: Callable[..., Inspection], tmp_path: Path) -> None:
    (tmp_path / "parts.py").write_text(
        "import cv2\nfrom keras.layers.core import Dense\ndef head():\n    return Dense(2, input_shape=(3,))\n"
    )
    inspection = look("import keras, parts\nmodel = keras.Sequential([parts.head()])\n")
    assert inspection.failure is None
    assert inspection.stood_in == ("cv2",)
    assert inspection.moved == ("keras.layers.core.Dense is keras.layers.Dense",)


def test_a_program_that_asks_whether_a_package_is_there_gets_the_truth(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import importlib.util
        import cv2
        import keras
        units = 1
        try:
            import no_such_package
        except ImportError:
            units = 5
        try:
            import keras.no_such_module
        except (KeyError, ModuleNotFoundError):
            units += 1
        if importlib.util.find_spec("another_missing_package") is None:
            units += 10
        model = keras.Sequential([keras.layers.Dense(units, input_shape=(3,))])
        """)
    assert inspection.stood_in == ("cv2",)
    assert models_of(inspection)[0].layers[-1].output == ((None, 16),)


def test_a_name_that_is_gone_stays_an_error_and_takes_no_other_with_it(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        from keras.layers.core import Dense, MaxoutDense, Dropout
        from keras.models import Sequential
        model = Sequential([Dense(2, input_shape=(3,)), Dropout(0.1)])
        """)
    assert inspection.failure is None
    assert skipped_lines(inspection) == [1]
    assert "MaxoutDense" in inspection.skipped[0].error


# Nothing false comes out of it.


def test_no_size_comes_out_of_a_stand_in(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import keras, cv2
        from keras import layers
        import numpy as np
        inputs = keras.Input((4,))
        a = layers.Reshape((cv2.WIDTH, 2))(inputs)
        b = layers.Dense(cv2.WIDTH)(inputs)
        c = keras.Input((cv2.WIDTH,))
        d = keras.Sequential([layers.Dense(2)])
        d.build((None, cv2.WIDTH))
        e = np.array([cv2.imread("a"), cv2.imread("b")])
        f = np.zeros((2, cv2.WIDTH))
        g = len(cv2.imread("a"))
        h = 1 if cv2.WIDTH > 3 else 2
        i = [x for x in cv2.imread("a")]
        j = inputs + cv2.imread("a")
        j = layers.Dense(2)(j)
        k = keras.Model(inputs, cv2.imread("a"))
        l = layers.Lambda(cv2.flip)(inputs)
        model = keras.Model(inputs, layers.Dense(1)(inputs))
        """)
    assert inspection.failure is None
    # `inputs + stand-in` may be a stand-in again; nothing with a shape comes of it either way.
    assert set(skipped_lines(inspection)) >= {5, 6, 7, 9, 10, 11, 12, 13, 14, 16, 17, 18}
    assert [model.variable for model in models_of(inspection) if model.built] == ["model"]


def test_a_stand_in_serves_as_decorator_base_context_and_exception(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import keras, torch
        @torch.no_grad()
        def units():
            return 3
        @torch.jit.script
        def more():
            return 4
        class Data(torch.utils.data.Dataset):
            def __init__(self, root):
                super().__init__(root)
                self.root = root
        data = Data("here")
        with torch.cuda.device(0) as device:
            wide = units() + more()
        try:
            raise ValueError
        except torch.Error:
            wide = 100
        except ValueError:
            wide += isinstance(data, torch.Tensor)
        print("device %s" % device, f"{device:>20}")
        model = keras.Sequential([keras.layers.Dense(wide, input_shape=(len(data.root),))])
        """)
    assert inspection.failure is None
    assert inspection.skipped == ()
    assert models_of(inspection)[0].layers[-1].output == ((None, 7),)
    assert models_of(inspection)[0].layers[-1].effective == ((None, 4),)


def test_what_a_failed_statement_would_have_bound_is_unbound(look: Callable[..., Inspection]) -> None:
    """Else the layers after it would be built on the tensor from before it."""
    inspection = look("""
        import keras, tensorflow_addons as tfa
        from keras import layers
        inputs = keras.Input((4,))
        side = keras.Model(inputs, layers.Dense(9)(inputs))
        x = layers.Dense(3)(inputs)
        x = layers.Dense(tfa.units)(x)
        x = layers.Dense(2)(x)
        model = keras.Model(inputs, x)
        """)
    assert inspection.stood_in == ("tensorflow_addons",)
    assert [model.variable for model in models_of(inspection)] == ["side"]
    assert skipped_lines(inspection) == [6, 7, 8]
    assert inspection.skipped[1].error == "x is what line 6, which was skipped, would have made"


def test_what_a_failed_statement_would_have_changed_is_not_read_either(look: Callable[..., Inspection]) -> None:
    """A tokenizer that was fitted to nothing has a vocabulary of nobody's."""
    inspection = look("""
        import keras, pandas
        from keras.preprocessing.text import Tokenizer
        from keras.layers import Dense
        table = pandas.read_csv("texts.csv")
        class Settings:
            units = 8
        settings, sizes, names, texts = Settings(), {"units": 4}, [], ["a b"]
        width = 2
        def main():
            global width
            width = len(table)
            names.append(len(table))
        tokenizer = Tokenizer()
        tokenizer.fit_on_texts(table.text)
        a = keras.Sequential([Dense(3, input_shape=(len(tokenizer.word_index) + 1,))])
        settings.units = len(table)
        b = keras.Sequential([Dense(settings.units, input_shape=(3,))])
        sizes["units"] = len(table)
        c = keras.Sequential([Dense(sizes["units"], input_shape=(3,))])
        main()
        d = keras.Sequential([Dense(width, input_shape=(3,))])
        e = keras.Sequential([Dense(3, input_shape=(len(names) + 1,))])
        model = keras.Sequential([Dense(len(texts), input_shape=(3,))])
        """)
    assert inspection.failure is None
    assert [model.variable for model in models_of(inspection)] == ["model"]
    assert skipped_lines(inspection) == [11, 12, 14, 15, 16, 17, 18, 19, 21, 22]


def test_a_sequential_that_lacks_a_layer_is_not_gone_on_with(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import keras, tensorflow_addons as tfa
        from keras import layers
        whole = keras.Sequential([layers.Dense(5, input_shape=(3,))])
        part = keras.Sequential()
        part.add(layers.Dense(4, input_shape=(3,)))
        part.add(layers.Dense(tfa.units))
        part.add(layers.Dense(2, input_shape=(9,)))
        outer = keras.Sequential([part, layers.Dense(1)])
        """)
    by_variable = {model.variable: model for model in models_of(inspection)}
    assert [row.class_name for row in by_variable["part"].layers] == ["Dense"]
    assert by_variable["part"].skipped == (6, 7, 8)
    assert by_variable["whole"].skipped == ()
    assert "outer" not in by_variable
    assert skipped_lines(inspection) == [6, 7, 8]


def test_a_model_half_made_in_a_function_says_what_it_may_lack(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import keras, gym
        from keras import layers
        def build(units):
            model = keras.Sequential()
            model.add(layers.Dense(4, input_shape=(3,)))
            model.add(layers.Dense(units))
            return model
        whole = build(2)
        other = build(gym.make("x").action_space.n)
        """)
    whole, half = models_of(inspection)
    assert (whole.variable, whole.skipped) == ("whole", ())
    assert half.skipped == (9,)


def test_findings_on_a_model_that_a_skipped_statement_uses_say_so(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import keras, tensorflow_addons as tfa
        from keras import layers
        model = keras.Sequential([layers.Dense(4, input_shape=(3,)), layers.Dense(2, input_shape=(9,))])
        tfa.wrap(model).shape + len(tfa.wrap(model))
        other = keras.Sequential([layers.Dense(4, input_shape=(3,)), layers.Dense(2, input_shape=(8,))])
        """)
    assert rules_of(inspection) == ["KS101", "KS101"]
    first, second = inspection.findings
    assert first.message.endswith("; line 4, which uses this model, was skipped")
    assert "skipped" not in second.message


def test_an_unbuilt_model_is_not_blamed_where_its_build_was_skipped(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import keras, cv2
        from keras import layers
        whole = keras.Sequential([layers.Dense(4, input_shape=(3,))])
        model = keras.Sequential([layers.Dense(4), layers.Dense(2, input_shape=(9,))])
        model.build((None, len(cv2.imread("a"))))
        """)
    assert rules_of(inspection) == []
    model = models_of(inspection)[1]
    assert (model.built, model.skipped) == (False, (5,))
    assert {row.verdict for row in model.layers} == {None}


def test_no_layer_is_called_unconnected_whose_model_may_have_been_skipped(look: Callable[..., Inspection]) -> None:
    text = """
        import keras, cv2
        from keras import layers
        inputs = keras.Input((4,))
        other = keras.Input((7,))
        branch = layers.Dense(3)(inputs)
        spare = layers.Dense(8)
        model = keras.Model(inputs, layers.Dense(2)(inputs))
        {last}
        """
    inspection = look(text.format(last="second = keras.Model([inputs, other], spare(branch + len(cv2.imread('a'))))"))
    assert rules_of(inspection) == []
    assert {row.connection for model in inspection.models for row in model.layers} <= {None, Connection.CONNECTED}
    # A statement that has nothing to do with layers changes nothing.
    inspection = look(text.format(last="print(len(cv2.imread('a')))"))
    assert sorted(rules_of(inspection)) == ["KS201", "KS202", "KS203"]


# The changed program means what the user's means.


def test_places_are_those_of_the_users_text(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import cv2
        import keras
        def main():
            if True:
                for units in (3,):
                    model = keras.Sequential([
                        keras.layers.Dense(units, input_shape=(4,)), keras.layers.Dense(2, input_shape=(5,)),
                    ])
            return model
        main()
        """)
    (model,) = models_of(inspection)
    places = [(row.location.line, row.location.column) for row in model.layers if row.location]
    text = "                keras.layers.Dense(units, input_shape=(4,)), keras.layers.Dense(2, input_shape=(5,)),"
    assert [line for line, _ in places] == [7, 7]
    assert [column for _, column in places] in ([17, text.rindex("keras.layers.Dense") + 1], [None, None])
    assert [finding.line for finding in inspection.findings] == [7]


def test_control_flow_keeps_its_meaning(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import keras, cv2
        sizes = []
        for number in range(10):
            if number == 2:
                continue
            if number == 5:
                break
            sizes.append(number)
        else:
            sizes.append(100)
        def count():
            global total
            total = 0
            for size in sizes:
                cv2.imread("a").shape[size] + len(cv2.imread("b"))
                total += size
                if total > 3:
                    return
            total = 1000
        count()
        def pick():
            try:
                return {}["none"]
            except KeyError:
                return 6
            finally:
                sizes.append(1)
        picked = pick()
        model = keras.Sequential([keras.layers.Dense(picked + total + len(sizes), input_shape=(3,))])
        """)
    assert inspection.failure is None
    assert skipped_lines(inspection) == [15]
    # sizes: 0, 1, 3, 4 and the 1 of `finally`; total: 0 + 1 + 3
    assert models_of(inspection)[0].layers[-1].output == ((None, 6 + 4 + 5),)


def test_an_error_that_the_file_catches_itself_is_its_own_affair(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import keras, cv2
        model = keras.Sequential()
        model.add(keras.layers.Dense(3, input_shape=(2,)))
        try:
            model.add(keras.layers.Dense(cv2.WIDTH))
        except TypeError:
            model.add(keras.layers.Dense(5))
        model.add(keras.layers.Dense(1))
        """)
    assert inspection.skipped == ()
    assert [row.output for row in models_of(inspection)[0].layers] == [((None, 3),), ((None, 5),), ((None, 1),)]


def test_a_failing_return_ends_its_function(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import keras, cv2
        units = 2
        def main():
            global units
            if units == 2:
                return len(cv2.imread("a"))
            units = 9
        main()
        model = keras.Sequential([keras.layers.Dense(3, input_shape=(units,))])
        """)
    assert skipped_lines(inspection) == [6]
    assert models_of(inspection)[0].layers[-1].effective == ((None, 2),)


def test_a_loop_that_fails_for_ever_is_given_up(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import keras, cv2
        model = keras.Sequential()
        model.add(keras.layers.Dense(3, input_shape=(2,)))
        camera = cv2.VideoCapture(0)
        while True:
            for side in "lr":
                frame = camera.read()[1]
                if frame > 3:
                    break
        model.add(keras.layers.Dense(4))
        """)
    assert inspection.failure is None
    assert [row.class_name for row in models_of(inspection)[0].layers] == ["Dense", "Dense"]
    assert set(skipped_lines(inspection)) == {5, 6, 8}


def test_a_function_whose_value_is_used_fails_as_a_whole(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import keras, cv2
        def size():
            width = 8
            width = len(cv2.imread("a"))
            return width
        model = keras.Sequential([keras.layers.Dense(3, input_shape=(5,))])
        other = keras.Sequential([keras.layers.Dense(3, input_shape=(size(),))])
        """)
    assert [model.variable for model in models_of(inspection)] == ["model"]
    assert skipped_lines(inspection) == [7]


# Data and weights that are not here.


DATASETS = {
    "mnist": [((60000, 28, 28), "uint8"), ((60000,), "uint8"), ((10000, 28, 28), "uint8"), ((10000,), "uint8")],
    "fashion_mnist": [((60000, 28, 28), "uint8"), ((60000,), "uint8"), ((10000, 28, 28), "uint8"), ((10000,), "uint8")],
    "cifar10": [
        ((50000, 32, 32, 3), "uint8"),
        ((50000, 1), "uint8"),
        ((10000, 32, 32, 3), "uint8"),
        ((10000, 1), "uint8"),
    ],
    "cifar100": [
        ((50000, 32, 32, 3), "uint8"),
        ((50000, 1), "int64"),
        ((10000, 32, 32, 3), "uint8"),
        ((10000, 1), "int64"),
    ],
    "imdb": [((25000,), "object"), ((25000,), "int64"), ((25000,), "object"), ((25000,), "int64")],
    "reuters": [((8982,), "object"), ((8982,), "int64"), ((2246,), "object"), ((2246,), "int64")],
    "boston_housing": [((404, 13), "float64"), ((404,), "float64"), ((102, 13), "float64"), ((102,), "float64")],
}
CLASSES = {"mnist": 10, "fashion_mnist": 10, "cifar10": 10, "cifar100": 100, "imdb": 2, "reuters": 46}


def test_data_sets_have_the_shapes_types_and_classes_of_the_real_ones(look: Callable[..., Inspection]) -> None:
    inspection = look(f"""
        import cv2, keras, importlib
        import numpy as np
        told = {{}}
        for name in {list(DATASETS)!r}:
            module = getattr(keras.datasets, name)
            (a, b), (c, d) = module.load_data()
            told[name] = [(each.shape, str(each.dtype)) for each in (a, b, c, d)]
            if name in {list(CLASSES)!r}:
                assert len(np.unique(b)) == len(np.unique(d)) == {CLASSES!r}[name], name
        assert told == {DATASETS!r}, told
        (a, b), _ = keras.datasets.imdb.load_data(num_words=500, maxlen=80)
        assert max(max(text) for text in a) == 499 and max(len(text) for text in a) < 80
        (a, b), _ = keras.datasets.imdb.load_data()
        assert max(len(text) for text in a) == 2494
        assert max(max(text) for text in a) == 88586
        assert len(keras.datasets.imdb.get_word_index()) == 88584
        (a, b), (c, d) = keras.datasets.reuters.load_data(num_words=1000, test_split=0.5)
        assert len(a) == len(c) == 5614 and len(np.unique(np.hstack(a))) == 998
        (a, b), (c, d) = keras.datasets.cifar100.load_data("coarse")
        assert len(np.unique(b)) == 20
        model = keras.Sequential([keras.layers.Dense(2, input_shape=(3,))])
        """)
    assert inspection.failure is None
    assert inspection.skipped == ()


def test_ready_made_models_are_built_without_their_weights(look: Callable[..., Inspection], generation: str) -> None:
    inspection = look("""
        import keras
        import numpy as np
        from keras.applications.resnet50 import ResNet50, decode_predictions
        base = keras.applications.MobileNetV2(input_shape=(96, 96, 3), include_top=False, weights="imagenet")
        net = ResNet50()
        named = decode_predictions(net.predict(np.zeros((1, 224, 224, 3))), top=2)
        plain = keras.applications.MobileNetV2(input_shape=(96, 96, 3), include_top=False, weights=None)
        """)
    assert inspection.failure is None
    assert inspection.skipped == ()
    base, net, plain = models_of(inspection)
    assert [(row.class_name, row.effective, row.params) for row in base.layers] == [
        (row.class_name, row.effective, row.params) for row in plain.layers
    ]
    assert net.params is not None
    assert net.params.total == 25_636_712
    said = [(note.line, note.message) for note in inspection.notes]
    assert [line for line, _ in said] == [4, 5]
    assert all("were not loaded" in message for _, message in said)


def test_a_missing_file_of_the_users_own_weights_is_the_users_error(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import keras
        net = keras.applications.MobileNetV2(weights="no-such-file.h5")
        model = keras.Sequential([net])
        """)
    assert inspection.failure is not None
    assert inspection.failure.line == 2


def test_what_the_file_fetches_itself_fails_as_its_own_statement(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import cv2, keras
        path = keras.utils.get_file("kerascope-test.txt", "http://127.0.0.1:9/nothing")
        model = keras.Sequential([keras.layers.Dense(2, input_shape=(3,))])
        """)
    assert inspection.failure is None
    assert skipped_lines(inspection) == [2]
