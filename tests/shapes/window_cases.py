"""Grids of cases for convolutions and pooling: every argument that has to do with shapes."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from tests.shapes.oracle_cases import case, tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FIRST", "FORMATS", "LAST", "Case", "grid", "image", "window_cases"]

Case = dict[str, Any]
Sizes = tuple["int | None", ...]

FIRST, LAST = "channels_first", "channels_last"
FORMATS = (LAST, FIRST)


def window_cases(generation: int) -> list[Case]:
    """All cases of a generation."""
    families = (
        convolutions,
        odd_convolutions,
        transposed,
        depthwise,
        separable,
        spread,
        pooling,
        global_pooling,
        adaptive if generation == 3 else locally_connected,
    )
    return [each for family in families for each in family(generation)]


def grid(*arguments: Any) -> Iterator[Any]:
    """Every combination, without a type for each argument."""
    return product(*arguments)


def image(count: int, sizes: Sizes, channels: int | None, layout: str) -> dict[str, Any]:
    """A tensor of images with as many spatial sizes."""
    spatial = sizes[:count]
    return tensor(None, channels, *spatial) if layout == FIRST else tensor(None, *spatial, channels)


def convolutions(generation: int) -> Iterator[Case]:
    steps = ((1, 1), (2, 1), (3, 1), (1, 2))
    for count, kernel, (stride, dilation), padding, layout in grid(
        (1, 2, 3), (1, 2, 3), steps, ("valid", "same"), FORMATS
    ):
        if count == 3 and kernel == 2:
            continue
        yield case(
            f"Conv{count}D",
            image(count, (7, 6, 5), 4, layout),
            filters=2,
            kernel_size=kernel,
            strides=stride,
            dilation_rate=dilation,
            padding=padding,
            data_format=layout,
        )
    for kernel, stride, layout, length in grid((1, 3), (1, 2), FORMATS, (7, None)):
        yield case(
            "Conv1D",
            image(1, (length,), 2, layout),
            filters=2,
            kernel_size=kernel,
            strides=stride,
            padding="causal",
            data_format=layout,
        )
    for groups, filters, channels in grid((1, 2, 3), (6, 12), (6, 4, 5)):
        yield case("Conv2D", tensor(None, 5, None, channels), filters=filters, kernel_size=2, groups=groups)


def odd_convolutions(generation: int) -> Iterator[Case]:
    """What Keras refuses, or takes in one generation only; open sizes and lists of different numbers."""
    for size, kernel, dilation in grid((1, 2, 3, 4, None), (2, 3), (1, 2)):
        yield case("Conv2D", tensor(None, size, 9, 3), filters=2, kernel_size=[kernel, 2], dilation_rate=[dilation, 1])
    for kernel, strides in (([3, 1], [1, 2]), ([1, 4], [3, 1]), ([2, 5], [2, 2])):
        for padding, layout in grid(("valid", "same"), FORMATS):
            inputs = image(2, (None, 8), 2, layout)
            arguments: Case = {"kernel_size": kernel, "strides": strides, "padding": padding, "data_format": layout}
            yield case("Conv2D", inputs, filters=1, use_bias=False, **arguments)
    for rank in (1, 2, 3, 4, 5, 6):
        for name in ("Conv1D", "Conv2D", "Conv3D"):
            yield case(name, tensor(None, *(5,) * (rank - 1)), filters=2, kernel_size=2)
    for layout in FORMATS:
        yield case("Conv2D", image(2, (5, 5), None, layout), filters=2, kernel_size=2, data_format=layout)
        yield case("Conv1D", tensor(2, 3, 4, 5), filters=2, kernel_size=2, data_format=layout)
    yield case("Conv2D", tensor(3, 4, 4, 2), filters=2, kernel_size=2)
    yield case("Conv2D", [tensor(3, 4, 4, 2), tensor(3, 4, 4, 2)], filters=2, kernel_size=2)


def transposed(generation: int) -> Iterator[Case]:
    for count, kernel, stride, padding, extra, layout in grid(
        (1, 2, 3), (1, 2, 3), (1, 2, 3), ("valid", "same"), (None, 0, 1), FORMATS
    ):
        if extra is not None and extra >= stride:
            continue
        # Every combination for images, fewer where Keras takes long.
        if count == 3 and (kernel < 3 or stride == 3 or layout == FIRST):
            continue
        if count == 1 and (kernel == 1 or layout == FIRST):
            continue
        yield case(
            f"Conv{count}DTranspose",
            image(count, (4, 3, 2), 3, layout),
            filters=2,
            kernel_size=kernel,
            strides=stride,
            padding=padding,
            output_padding=extra,
            data_format=layout,
        )
    for count, padding in grid((1, 2, 3), ("valid", "same")):
        open_ = image(count, (None, 3, None), 3, LAST)
        yield case(f"Conv{count}DTranspose", open_, filters=2, kernel_size=3, dilation_rate=2, padding=padding)
        yield case(f"Conv{count}DTranspose", open_, filters=2, kernel_size=3, use_bias=False, padding=padding)
        closed = image(count, (4, 3, 2), 3, LAST)
        yield case(f"Conv{count}DTranspose", closed, filters=2, kernel_size=3, dilation_rate=2, padding=padding)
    for count, rank in grid((1, 2, 3), (2, 3, 4, 5, 6)):
        yield case(f"Conv{count}DTranspose", tensor(None, *(4,) * (rank - 1)), filters=2, kernel_size=2)
    yield case("Conv2DTranspose", tensor(None, 4, 4, None), filters=2, kernel_size=2)
    for dilation in ([1, 2], [2, 2], [1, 1]):
        yield case("Conv2DTranspose", tensor(None, 4, 4, 2), filters=2, kernel_size=2, dilation_rate=dilation)
    yield case("Conv3DTranspose", tensor(None, 4, 4, 4, 2), filters=1, kernel_size=2, dilation_rate=[1, 2, 1])


def depthwise(generation: int) -> Iterator[Case]:
    for count, kernel, stride, padding, layout, depth in grid(
        (1, 2), (1, 3), (1, 2), ("valid", "same"), FORMATS, (1, 2)
    ):
        yield case(
            f"DepthwiseConv{count}D",
            image(count, (7, 6), 3, layout),
            kernel_size=kernel,
            strides=stride,
            padding=padding,
            depth_multiplier=depth,
            data_format=layout,
        )
    for count, padding in grid((1, 2), ("valid", "same")):
        inputs = image(count, (9, 8), 3, LAST)
        yield case(f"DepthwiseConv{count}D", inputs, kernel_size=3, dilation_rate=2, padding=padding)
        yield case(f"DepthwiseConv{count}D", image(count, (None, 8), 3, LAST), kernel_size=3, padding=padding)
        yield case(f"DepthwiseConv{count}D", image(count, (2, 2), 3, LAST), kernel_size=3, padding=padding)
        yield case(f"DepthwiseConv{count}D", image(count, (2, 2), None, LAST), kernel_size=1, padding=padding)
    for count, rank in grid((1, 2), (2, 3, 4, 5)):
        yield case(f"DepthwiseConv{count}D", tensor(None, *(4,) * (rank - 1)), kernel_size=2, use_bias=False)


def spread(generation: int) -> Iterator[Case]:
    """Dilated windows over images of which some sizes are open."""
    for name, sizes, dilation, padding, layout in grid(
        ("DepthwiseConv", "SeparableConv"), ((None, 8), (1, None)), (2, [1, 2]), ("valid", "same"), FORMATS
    ):
        arguments: Case = {"kernel_size": 2, "dilation_rate": dilation, "padding": padding, "data_format": layout}
        if name == "SeparableConv":
            arguments["filters"] = 2
        yield case(f"{name}2D", image(2, sizes, 3, layout), **arguments)
        yield case(f"{name}1D", image(1, sizes, 3, layout), **{**arguments, "dilation_rate": 2})


def separable(generation: int) -> Iterator[Case]:
    for count, kernel, stride, padding, layout, depth in grid(
        (1, 2), (1, 3), (1, 2), ("valid", "same"), FORMATS, (1, 2)
    ):
        yield case(
            f"SeparableConv{count}D",
            image(count, (7, 6), 3, layout),
            filters=4,
            kernel_size=kernel,
            strides=stride,
            padding=padding,
            depth_multiplier=depth,
            data_format=layout,
        )
    for count, padding in grid((1, 2), ("valid", "same")):
        inputs = image(count, (9, 8), 3, LAST)
        yield case(f"SeparableConv{count}D", inputs, filters=2, kernel_size=3, dilation_rate=2, padding=padding)
        open_ = image(count, (None, 8), 3, LAST)
        yield case(f"SeparableConv{count}D", open_, filters=2, kernel_size=3, padding=padding, use_bias=False)
        yield case(f"SeparableConv{count}D", image(count, (2, 2), 3, LAST), filters=2, kernel_size=3, padding=padding)
        yield case(f"SeparableConv{count}D", image(count, (2, 2), None, LAST), filters=2, kernel_size=1)
    for count, rank in grid((1, 2), (2, 3, 4, 5)):
        yield case(f"SeparableConv{count}D", tensor(None, *(4,) * (rank - 1)), filters=2, kernel_size=2)
    if generation == 2:
        for stride, dilation, length in ((1, 1, 7), (2, 1, 7), (1, 2, 7), (2, 1, None)):
            arguments: Case = {"strides": stride, "dilation_rate": dilation, "padding": "causal"}
            yield case("SeparableConv1D", tensor(None, length, 3), filters=2, kernel_size=3, **arguments)


def locally_connected(generation: int) -> Iterator[Case]:
    for count, kernel, stride, layout, (way, padding) in grid(
        (1, 2), (1, 2, 3), (1, 2), FORMATS, ((1, "valid"), (2, "valid"), (2, "same"), (3, "valid"), (3, "same"))
    ):
        yield case(
            f"LocallyConnected{count}D",
            image(count, (5, 4), 2, layout),
            filters=2,
            kernel_size=kernel,
            strides=stride,
            padding=padding,
            implementation=way,
            data_format=layout,
        )
    for kernel, stride, size in grid((4, 5, 7), (1, 2, 3, 4), (3, 4, 8)):
        arguments: Case = {"padding": "same", "implementation": 3, "use_bias": False}
        yield case(
            "LocallyConnected1D", tensor(None, size, 2), filters=1, kernel_size=kernel, strides=stride, **arguments
        )
    for count, sizes in grid((1, 2), ((None, 4), (2, 2), (4, None))):
        yield case(f"LocallyConnected{count}D", image(count, sizes, 2, LAST), filters=2, kernel_size=3)
        yield case(f"LocallyConnected{count}D", image(count, sizes, None, LAST), filters=2, kernel_size=1)
    yield case("LocallyConnected2D", tensor(None, 4, 4), filters=2, kernel_size=1)


def pooling(generation: int) -> Iterator[Case]:
    for kind, count, pool, stride, padding, layout in grid(
        ("Max", "Average"), (1, 2, 3), (1, 2, 3), (None, 1, 2), ("valid", "same"), FORMATS
    ):
        if kind == "Average" and pool == 2 and stride == 1:
            continue
        yield case(
            f"{kind}Pooling{count}D",
            image(count, (7, None, 5), 2, layout),
            pool_size=pool,
            strides=stride,
            padding=padding,
            data_format=layout,
        )
    for kind, count, padding in grid(("Max", "Average"), (1, 2, 3), ("valid", "same")):
        yield case(f"{kind}Pooling{count}D", image(count, (2, 7, 7), 2, LAST), pool_size=3, padding=padding)
        yield case(f"{kind}Pooling{count}D", tensor(None, 4, 4, 4), pool_size=2, padding=padding)
    yield case("MaxPooling2D", tensor(2, 7, 9, None), pool_size=[2, 3], strides=[1, 4])
    yield case("AveragePooling3D", tensor(None, 7, 9, 8, None), pool_size=[2, 3, 1], strides=[1, 4, 3])


def global_pooling(generation: int) -> Iterator[Case]:
    for kind, count, keepdims, layout in grid(("Max", "Average"), (1, 2, 3), (False, True), FORMATS):
        name = f"Global{kind}Pooling{count}D"
        yield case(name, image(count, (None, 6, 5), 3, layout), keepdims=keepdims, data_format=layout)
        yield case(name, image(count, (4, 6, 5), None, layout), keepdims=keepdims, data_format=layout)
    for kind, count, rank in grid(("Max", "Average"), (1, 2, 3), (2, 3, 4, 5)):
        yield case(f"Global{kind}Pooling{count}D", tensor(None, *(4,) * (rank - 1)))


def adaptive(generation: int) -> Iterator[Case]:
    for kind, count, size, layout in grid(("Max", "Average"), (1, 2, 3), (1, 3), FORMATS):
        name = f"Adaptive{kind}Pooling{count}D"
        yield case(name, image(count, (None, 6, 5), 3, layout), output_size=size, data_format=layout)
    yield case("AdaptiveMaxPooling2D", tensor(None, 6, 5, 3), output_size=[2, 4])
    yield case("AdaptiveMaxPooling2D", tensor(None, 6, 5), output_size=[2, 4])
    yield case("AdaptiveMaxPooling1D", tensor(None, 6, 5, 4), output_size=3)
