"""What an exception says in one sentence: messages as both Keras and TensorFlow make them."""

from __future__ import annotations

import pytest

from kerascope.probe.training.sentences import sentence_of

NODE = "'{{node mix/MatMul}} = MatMul[T=DT_FLOAT, transpose_a=false](Placeholder, mix/ReadVariableOp)'"
DIMENSIONS = f"Dimensions must be equal, but are 4 and 7 for {NODE} with input shapes: [8,4], [7,1]."
SAID = "Dimensions must be equal, but are 4 and 7 for MatMul with input shapes: [8,4], [7,1]."

KERAS_3 = f"""ValueError: Exception encountered when calling Mix.call().

\x1b[1mCould not automatically infer the output shape / dtype of 'mix' (of type Mix). Either the `Mix.call()` method \
is incorrect, or you need to implement the `Mix.compute_output_spec()` method. Error encountered:

{DIMENSIONS}\x1b[0m

Arguments received by Mix.call():
  • args=('<KerasTensor shape=(8, 4), dtype=float32, sparse=False, name=keras_tensor>',)
  • kwargs=<class 'inspect._empty'>"""

KERAS_2 = f"""ValueError: in user code:

    File "/env/tf_keras/src/engine/training.py", line 1398, in train_function  *
        return step_function(self, iterator)
    File "/env/tf_keras/src/utils/traceback_utils.py", line 70, in error_handler
        raise e.with_traceback(filtered_tb) from None

    ValueError: Exception encountered when calling layer 'mix' (type Mix).
    \x20
    in user code:
    \x20
        File "train.py", line 9, in call  *
            return tf.matmul(x, self.w)
    \x20
        ValueError: {DIMENSIONS}
    \x20
    \x20
    Call arguments received by layer 'mix' (type Mix):
      • x=tf.Tensor(shape=(8, 4), dtype=float32)
"""

GRAPH = """tensorflow.python.framework.errors_impl.InvalidArgumentError: Graph execution error:

Detected at node net/embedding/GatherV2 defined at (most recent call last):
  File "train.py", line 34, in <module>

  File "/env/keras/src/layers/core/embedding.py", line 196, in call

indices[0,0] = 99 is not in [0, 3)
\t [[{{node net/embedding/GatherV2}}]] [Op:__inference_multi_step_on_iterator_1355]"""

GENERATOR = """UnknownError: Graph execution error:

Detected at node PyFunc defined at (most recent call last):
<stack traces unavailable>
RuntimeError: cannot read
file 7
Traceback (most recent call last):

  File "train.py", line 47, in batches
    raise RuntimeError("cannot read\\nfile 7")

"""


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (KERAS_3, f"ValueError in Mix.call(): {SAID}"),
        (KERAS_2, f"ValueError in layer 'mix': {SAID}"),
        (GRAPH, "InvalidArgumentError: indices[0,0] = 99 is not in [0, 3)"),
        (GENERATOR, "UnknownError: RuntimeError: cannot read file 7"),
        ("ValueError: Error encountered\n\nfour and seven", "ValueError: Error encountered four and seven"),
        (
            "ValueError: The shapes are these, which differ:\n\n4, 7",
            "ValueError: The shapes are these, which differ: 4, 7",
        ),
        ("ValueError: What went wrong is all in here.\n\nMore", "ValueError: What went wrong is all in here."),
        ("ValueError: two\nlines", "ValueError: two lines"),
        ("ValueError: in user code:", "ValueError: in user code:"),
        ("ValueError: Graph execution error:", "ValueError: Graph execution error:"),
        ("my.own.Error", "my.own.Error"),
        ("KeyError: 'x'", "KeyError: 'x'"),
        ("ValueError: " + "long " * 200, "ValueError: " + ("long " * 200)[: 400 - 15] + "..."),
    ],
)
def test_the_cause_is_said(message: str, said: str) -> None:
    assert sentence_of(message) == said
