"""Files for one Keras generation or the other, and both side by side."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from kerascope.graph import Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Looker

    from kerascope.graph import Inspection

pytestmark = pytest.mark.keras

HEAD = "import keras\nfrom keras import layers\n"


@pytest.fixture
def look(looker: Looker, tmp_path: Path) -> Callable[[str, str], Inspection]:
    """Look at a program with one generation, or `both`."""

    def look(keras: str, text: str) -> Inspection:
        path = tmp_path / "model_file.py"
        path.write_text(HEAD + textwrap.dedent(text))
        return looker.look(path, keras=keras)

    return look


@pytest.mark.parametrize(
    ("keras", "line", "says"),
    [
        ("3", "keras.Sequential([layers.Dense(3, batch_input_shape=(None, 4))])", "batch_input_shape"),
        ("3", "keras.Sequential([layers.Dense(3, input_dim=4, input_shape=(4,))])", "input_dim and input_shape"),
        ("3", "keras.optimizers.Adam(lr=0.1)", "lr to an optimizer"),
        ("3", "keras.Sequential([keras.Input((4,)), keras.layers.InputLayer((4,))])", "InputLayer after the first"),
        ("3", "import tensorflow as tf; tf.square(keras.Input((4,)))", "TensorFlow function on a symbolic tensor"),
        ("2", "keras.ops.square(keras.Input((4,)))", "keras.ops"),
        ("2", "from keras import ops", "keras.ops"),
        ("2", "keras.Sequential([layers.InputLayer(shape=(4,))])", "shape to InputLayer"),
    ],
)
def test_a_file_for_the_other_generation_says_so(
    look: Callable[[str, str], Inspection], keras: str, line: str, says: str
) -> None:
    inspection = look(keras, line + "\n")
    assert inspection.failure is not None
    (finding,) = inspection.findings
    assert (finding.rule, finding.severity, finding.line) == ("KS302", Severity.ERROR, 3)
    assert says in finding.message
    assert finding.fix is not None
    assert f"--keras {5 - int(keras)}" in finding.fix.description
    # It is as the finding says: the other generation takes it.
    other = look(str(5 - int(keras)), line + "\n")
    assert other.failure is None or other.failure.kind == "no-model"


def test_a_file_that_asks_for_the_other_generation_and_runs_all_the_same(
    look: Callable[[str, str], Inspection],
) -> None:
    text = "import tf_keras\nm = keras.Sequential([keras.Input((4,)), layers.Dense(1)])\n"
    (finding,) = look("3", text).findings
    assert (finding.rule, finding.severity, finding.line) == ("KS302", Severity.INFO, 3)
    assert look("2", text).findings == ()


def test_both_generations_stand_side_by_side(look: Callable[[str, str], Inspection]) -> None:
    inspection = look(
        "both",
        """
        m = keras.Sequential([layers.Embedding(10, 4, input_length=5), layers.Flatten(), layers.Dense(2)])
        n = keras.Sequential([layers.Dense(3, input_shape=(4,)), layers.Dense(2, input_shape=(9,))])
        """,
    )
    assert inspection.engine is not None
    assert inspection.compared is not None
    assert (inspection.engine.generation, inspection.compared.generation) == (3, 2)
    m, n = inspection.models
    embedding = m.layers[0]
    assert embedding.compared is not None
    assert (embedding.effective, embedding.compared.effective) == (None, ((None, 5),))
    assert (embedding.compared.verdict, embedding.compared.same) == (Verdict.DECIDES, False)
    assert [layer.compared.same for layer in n.layers if layer.compared] == [True, True]
    rules = [(finding.rule, finding.line) for finding in inspection.findings]
    assert ("KS106", 4) in rules
    assert ("KS101", 5) in rules
    discarded = next(finding for finding in inspection.findings if finding.rule == "KS101")
    assert "only)" not in discarded.message


def test_where_one_generation_fails_the_other_one_answers(look: Callable[[str, str], Inspection]) -> None:
    inspection = look("both", "m = keras.Sequential([layers.Dense(3, batch_input_shape=(None, 4))])\n")
    assert inspection.failure is None
    assert inspection.engine is not None
    assert inspection.engine.generation == 2
    assert any("under Keras 3" in note.message for note in inspection.notes)
    (finding,) = inspection.findings
    assert finding.rule == "KS302"
    assert "written for Keras 2" in finding.message


def test_what_the_generations_only_name_or_show_differently_is_no_difference(
    look: Callable[[str, str], Inspection],
) -> None:
    inspection = look(
        "both",
        """
        i = keras.Input((4, 6))
        a = layers.Dense(6)(i)
        m = keras.Model(i, [a * 2.0 + i, a[:, -1], layers.Dropout(0.1)(a - i)])
        w = keras.Input((30,))
        x = layers.Embedding(100, 20, mask_zero=True)(w)
        x = layers.Bidirectional(layers.LSTM(5, return_sequences=True))(x)
        n = keras.Model(w, layers.TimeDistributed(layers.Dense(5))(x))
        s = keras.Sequential([layers.Embedding(10, 4), layers.GlobalAveragePooling1D(), layers.Dense(1)])
        s.compile("sgd", "mse")
        s.fit(np.zeros((6, 9)), np.zeros((6, 1)))
        """.replace("np.zeros", "__import__('numpy').zeros"),
    )
    assert inspection.failure is None
    assert inspection.findings == ()
    m, n, s = inspection.models
    operations = [layer for layer in m.layers if layer.compared and layer.class_name in ("Multiply", "Add", "GetItem")]
    assert [layer.compared.effective for layer in operations if layer.compared] == [
        ((None, 4, 6),),
        ((None, 4, 6), (None, 4, 6)),
        ((None, 4, 6),),
    ]
    assert all(layer.compared is not None and layer.compared.same for layer in m.layers)
    # Keras 3 alone computes its masks in the graph; what the layers get is the same.
    rows = {layer.class_name: layer.compared for layer in n.layers}
    assert all((compared := rows[name]) and compared.same for name in ("Bidirectional", "TimeDistributed", "Dense"))
    # Nothing is declared: what the data leaves open in one and fixes in the other is still a difference to be seen.
    assert s.layers[0].compared is not None
    assert not s.layers[0].compared.same


def test_what_one_generation_refuses_and_the_other_only_bends_is_told_of_both(looker: Looker, samples: Path) -> None:
    inspection = looker.look(samples / "sequential_discarded.py", keras="both")
    refused, bent = (finding for finding in inspection.findings if finding.rule == "KS402")
    assert (refused.severity, bent.severity) == (Severity.ERROR, Severity.WARNING)
    assert refused.message.endswith("(under Keras 3 only)")
    assert bent.message.endswith("(under Keras 2 only)")
