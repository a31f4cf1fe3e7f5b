"""Which names are Keras's own."""

from __future__ import annotations

import pytest

from kerascope.configs import is_builtin, is_keras_module, parse_layer


@pytest.mark.parametrize(
    ("class_name", "module", "registered_name", "generation", "expected"),
    [
        ("Dense", None, None, 1, True),
        ("Dense", None, None, 2, True),
        ("Dense", "keras.layers", None, 3, True),
        ("Dense", "tensorflow.keras.layers", None, 2, True),
        ("Dense", "tf_keras.layers", None, 2, True),
        ("Dense", "keras.src.layers.core.dense", "Dense", 3, True),
        ("Functional", "keras.src.models.functional", "Functional", 3, True),
        ("Functional", "tf_keras.src.engine.functional", "Functional", 2, True),
        ("Add", "keras.src.ops.numpy", "Add", 3, True),
        ("TFOpLambda", "tf_keras.src.layers.core.tf_op_layer", "TFOpLambda", 2, True),
        ("GlorotUniform", "keras.initializers", None, 3, True),
        ("DTypePolicy", "keras", None, 3, True),
        ("Custom>Adam", None, None, 2, True),
        ("Matmul", None, None, 2, False),
        ("Merge", None, None, 1, True),
        # The user's own, whatever it is called.
        ("Dense", "project.layers", "Dense", 3, False),
        ("Dense", None, "Dense", 3, False),
        ("Dense", "keras.layers", "project>Dense", 3, False),
        ("Dense", "keras_hub.layers", None, 3, False),
        ("Dense", "kerasfake", None, 3, False),
        ("project>Dense", None, None, 2, False),
        ("Custom>Dense", None, None, 2, False),
        ("MyLayer", None, None, 2, False),
        # Public names of Keras that are no objects of a config.
        ("get_file", "keras.utils", "get_file", 3, False),
        ("load_model", "keras.models", None, 3, False),
        ("function", "builtins", "function", 3, False),
        ("", None, None, 3, False),
    ],
)
def test_class_module_and_registered_name_together(
    class_name: str, module: str | None, registered_name: str | None, generation: int, expected: bool
) -> None:
    assert is_builtin(class_name, module, registered_name, generation) is expected


def test_kinds() -> None:
    assert is_builtin("GlorotUniform", None, None, 3, ("initializers",))
    assert not is_builtin("GlorotUniform", None, None, 3, ("layers", "models"))
    assert not parse_layer({"class_name": "GlorotUniform", "config": {}}, 3).builtin


@pytest.mark.parametrize("module", ["keras", "keras.layers", "tf_keras.src.layers", "tensorflow.python.keras.layers"])
def test_places_where_keras_has_lived(module: str) -> None:
    assert is_keras_module(module)


@pytest.mark.parametrize("module", ["", "keras_nlp", "os", "my.keras", "builtins", "tensorflow.io"])
def test_other_places(module: str) -> None:
    assert not is_keras_module(module)


@pytest.mark.parametrize("module", [7, ["keras.layers"], {}])
def test_a_module_that_is_no_text_is_not_keras(module: object) -> None:
    assert not parse_layer({"class_name": "Dense", "config": {}, "module": module}, 3).builtin


def test_no_name_of_keras_is_very_long() -> None:
    assert not is_builtin("Dense", "keras." + "a" * 1_000_000, None, 3)
    assert not is_builtin("D" * 1_000_000, None, None, 3)
