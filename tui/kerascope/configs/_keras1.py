"""Keras 1 in today's words: classes and arguments that Keras 2 renamed (after the Keras 2.0 release notes)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.configs._names import names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["KERAS_1_ARGUMENTS", "KERAS_1_CLASSES", "MERGING", "modernized"]

KERAS_1_CLASSES = names(
    """
    AtrousConvolution1D AtrousConvolution2D Convolution1D Convolution2D Convolution3D Deconvolution2D
    SeparableConvolution2D TimeDistributedDense
    """
)
"""Names that only Keras 1 wrote; what people call layers of their own too (`Highway`, `Merge`) is not among them."""

KERAS_1_ARGUMENTS = names(
    """
    nb_filter nb_row nb_col filter_length border_mode subsample subsample_length dim_ordering inner_activation init
    inner_init forget_bias_init W_regularizer b_regularizer U_regularizer W_constraint b_constraint dropout_W dropout_U
    pool_length consume_less kernel_dim1 atrous_rate
    """
)
"""Arguments that no layer of Keras 2 has: a config with one of them is Keras 1's."""

_EVERYWHERE = {
    "init": "kernel_initializer",
    "bias": "use_bias",
    "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint",
    "border_mode": "padding",
    "subsample": "strides",
    "subsample_length": "strides",
    "dim_ordering": "data_format",
    "nb_filter": "filters",
    "atrous_rate": "dilation_rate",
    "input_dtype": "dtype",
}
_UNITS = {"output_dim": "units"}
_RECURRENT = {
    **_UNITS,
    "inner_init": "recurrent_initializer",
    "inner_activation": "recurrent_activation",
    "U_regularizer": "recurrent_regularizer",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
}
_RATE = {"p": "rate"}
_POOL = {"pool_length": "pool_size", "stride": "strides"}
_BY_CLASS: dict[str, dict[str, str]] = {
    "Dense": _UNITS,
    "MaxoutDense": _UNITS,
    "Embedding": {
        "init": "embeddings_initializer",
        "W_regularizer": "embeddings_regularizer",
        "W_constraint": "embeddings_constraint",
    },
    "Conv1D": {"filter_length": "kernel_size"},
    "LocallyConnected1D": {"filter_length": "kernel_size"},
    "SeparableConv2D": {"init": "depthwise_initializer"},
    "ConvLSTM2D": _RECURRENT,
    "SimpleRNN": _RECURRENT,
    "LSTM": _RECURRENT,
    "GRU": _RECURRENT,
    "Dropout": _RATE,
    "SpatialDropout1D": _RATE,
    "SpatialDropout2D": _RATE,
    "SpatialDropout3D": _RATE,
    "GaussianDropout": _RATE,
    "GaussianNoise": {"sigma": "stddev"},
    "MaxPooling1D": _POOL,
    "AveragePooling1D": _POOL,
    "UpSampling1D": {"length": "size"},
    "BatchNormalization": {"beta_init": "beta_initializer", "gamma_init": "gamma_initializer"},
    "PReLU": {"init": "alpha_initializer"},
}

_DATA_FORMATS = {"th": "channels_first", "tf": "channels_last"}
_IMPLEMENTATIONS = {"cpu": 0, "mem": 1, "gpu": 2}
_KERNELS = (("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3"))

# `build()` filled these in, whether or not somebody had declared them; what was declared stands in `batch_input_shape`.
_FILLED_IN = ("input_dim", "input_length")
_FILLED_IN_BY = names("Dense MaxoutDense Highway Conv1D LocallyConnected1D SimpleRNN LSTM GRU ConvLSTM2D Recurrent")

_MERGES: dict[str, str] = {
    "sum": "Add",
    "mul": "Multiply",
    "concat": "Concatenate",
    "ave": "Average",
    "max": "Maximum",
    "dot": "Dot",
    "cos": "Dot",
}

MERGING = frozenset({"Merge", *_MERGES.values()})
"""The layers that a `Merge` becomes."""


def modernized(class_name: str, config: Mapping[str, object]) -> tuple[str, dict[str, object]]:
    """A layer of Keras 1 under the names of Keras 2: its class, and its arguments.

    Args:
        class_name: The class, where Keras 2 only renamed it under its new name.
        config: The arguments as the file has them.
    """
    if class_name == "Merge":
        return _merge(config)
    renamed = {**_EVERYWHERE, **_BY_CLASS.get(class_name, {})}
    found: dict[str, object] = {}
    for name, value in config.items():
        found[renamed.get(name, name)] = value
    for parts in _KERNELS:
        if parts[0] in found:
            found["kernel_size"] = [found.pop(part, None) for part in parts]
    if class_name in _FILLED_IN_BY:
        for name in _FILLED_IN:
            found.pop(name, None)
    for name, replace in _VALUES.items():
        if name in found:
            name_now, value = replace(found.pop(name))
            found[name_now] = value
    if class_name == "GRU":
        found.setdefault("reset_after", False)
    return class_name, found


def _data_format(value: object) -> tuple[str, object]:
    return "data_format", _DATA_FORMATS.get(value, value) if isinstance(value, str) else value


def _implementation(value: object) -> tuple[str, object]:
    return "implementation", _IMPLEMENTATIONS.get(value, value) if isinstance(value, str) else value


def _forget_bias(value: object) -> tuple[str, object]:
    return "unit_forget_bias", value == "one"


_VALUES: dict[str, Callable[[object], tuple[str, object]]] = {
    "data_format": _data_format,
    "consume_less": _implementation,
    "forget_bias_init": _forget_bias,
}


def _merge(config: Mapping[str, object]) -> tuple[str, dict[str, object]]:
    """The merging layer of Keras 2 that does what a `Merge` does; a mode that is code stays a `Merge`."""
    mode = config.get("mode", "sum")
    class_name = _MERGES.get(mode) if isinstance(mode, str) else None
    if class_name is None or config.get("mode_type", "raw") not in ("raw", None):
        return "Merge", dict(config)
    found = {name: config[name] for name in ("name", "trainable", "layers") if name in config}
    if class_name == "Concatenate":
        found["axis"] = config.get("concat_axis", -1)
    elif class_name == "Dot":
        axes = config.get("dot_axes", -1)
        if isinstance(axes, list):
            axes = [axis[0] if isinstance(axis, list) and len(axis) == 1 else axis for axis in axes]
        found["axes"] = axes
        found["normalize"] = mode == "cos"
    return class_name, found
