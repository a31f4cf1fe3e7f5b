"""Which of the names in a config are Keras's own."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain

from kerascope.configs._names import KERAS_NAMES, names

__all__ = ["LAYER_KINDS", "canonical", "is_builtin", "is_keras_module", "is_operation"]

LAYER_KINDS = ("layers", "models", "operations")

MAX_NAME = 200
"""Characters; no class or module of Keras has more, and what is asked for is kept."""

_ROOTS = frozenset({"keras", "tf_keras", "keras_core"})
_PREFIXES = (
    "keras.",
    "tf_keras.",
    "keras_core.",
    "tf.keras",
    "tensorflow.keras",
    "tensorflow.python.keras",
    "tensorflow_core.keras",
    "tensorflow_core.python.keras",
)

# tf_keras registers a few of its own classes as users do, and writes them so into HDF5 files.
_REGISTERED_BY_KERAS = names(
    """
    Custom>Adadelta Custom>Adafactor Custom>Adagrad Custom>Adam Custom>AdamW Custom>Adamax Custom>CustomScaleLayer
    Custom>Ftrl Custom>Lion Custom>Nadam Custom>RMSprop Custom>SGD Custom>SharpnessAwareMinimization
    """
)

_EVERY = {generation: frozenset(chain.from_iterable(kinds.values())) for generation, kinds in KERAS_NAMES.items()}


def _spelled(pattern: str, target: str, sizes: tuple[int, ...]) -> dict[str, str]:
    return {pattern.format(size): target.format(size) for size in sizes}


_ALIASES = {
    **_spelled("MaxPool{}D", "MaxPooling{}D", (1, 2, 3)),
    **_spelled("AvgPool{}D", "AveragePooling{}D", (1, 2, 3)),
    **_spelled("GlobalMaxPool{}D", "GlobalMaxPooling{}D", (1, 2, 3)),
    **_spelled("GlobalAvgPool{}D", "GlobalAveragePooling{}D", (1, 2, 3)),
    **_spelled("Convolution{}D", "Conv{}D", (1, 2, 3)),
    **_spelled("Convolution{}DTranspose", "Conv{}DTranspose", (1, 2, 3)),
    **_spelled("Deconvolution{}D", "Conv{}DTranspose", (2, 3)),
    **_spelled("AtrousConvolution{}D", "Conv{}D", (1, 2)),
    **_spelled("SeparableConvolution{}D", "SeparableConv{}D", (1, 2)),
    **_spelled("BatchNormalizationV{}", "BatchNormalization", (1, 2)),
    **_spelled("LSTMV{}", "LSTM", (1, 2)),
    **_spelled("GRUV{}", "GRU", (1, 2)),
    "LSTMCellV2": "LSTMCell",
    "GRUCellV2": "GRUCell",
    "DenseFeaturesV2": "DenseFeatures",
    "GroupQueryAttention": "GroupedQueryAttention",
    # The Dense of Keras 2 works on the last axis, as this one did.
    "TimeDistributedDense": "Dense",
    **{name: name.removeprefix("Custom>") for name in _REGISTERED_BY_KERAS},
}


def canonical(class_name: str) -> str:
    """A layer's class as Keras calls it today: `MaxPooling2D` for `MaxPool2D`, `Conv2D` for `Convolution2D`."""
    return _ALIASES.get(class_name, class_name)


def is_keras_module(module: str) -> bool:
    """Whether a module is part of Keras, in any of the places where Keras has lived."""
    return module in _ROOTS or module.startswith(_PREFIXES)


def is_operation(class_name: str) -> bool:
    """Whether Keras 3 has an operation of this name (`keras.ops.add` leaves an `Add` in a functional model)."""
    return class_name in KERAS_NAMES[3]["operations"]


def is_builtin(
    class_name: str,
    module: str | None,
    registered_name: str | None,
    generation: int,
    kinds: tuple[str, ...] | None = None,
) -> bool:
    """Whether a name in a config is Keras's own, by class, module and registered name together.

    Args:
        class_name: The class, or the function where the file has `"class_name": "function"`.
        module: Where it lives, as the file says; `None` where the file does not say, as files before the `.keras`
            format do not.
        registered_name: The name it was registered under, as the file says.
        generation: Whose names are meant: 1, 2 or 3.
        kinds: The kinds of names to look among (keys of `KERAS_NAMES[generation]`); `None` is all of them.
    """
    if max(map(len, (class_name, module or "", registered_name or ""))) > MAX_NAME:
        return False
    return _is_builtin(class_name, module, registered_name, generation, kinds)


@lru_cache(maxsize=4096)
def _is_builtin(
    class_name: str, module: str | None, registered_name: str | None, generation: int, kinds: tuple[str, ...] | None
) -> bool:
    names_itself = registered_name in (None, class_name)
    if not names_itself and not (registered_name in _REGISTERED_BY_KERAS and registered_name == f"Custom>{class_name}"):
        return False
    if module is None:
        # The new format leaves the module out for what was defined in `__main__`, and then registers a name.
        if registered_name is not None:
            return False
    elif not is_keras_module(module):
        return False
    spellings = {class_name, canonical(class_name)}
    if kinds is None:
        return not spellings.isdisjoint(_EVERY[generation])
    return any(not spellings.isdisjoint(KERAS_NAMES[generation].get(kind, ())) for kind in kinds)
