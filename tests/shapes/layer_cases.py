"""Grids of cases for the layers without windows: dense, activations, reshaping, normalization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.shapes.oracle_cases import case, tensor
from tests.shapes.window_cases import FIRST, FORMATS, LAST, Case, grid, image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["layer_cases"]


def layer_cases(generation: int) -> list[Case]:
    """All cases of a generation."""
    families: tuple[Callable[[int], Iterator[Case]], ...] = (
        dense,
        embeddings,
        einsum,
        activations,
        dropout,
        reshape,
        flatten_and_permute,
        cropping,
        padding,
        up_sampling,
        batch_normalization,
        other_normalization,
        spectral,
        frozen,
        mixed,
        applications,
    )
    families += (low_rank, reversible, only_3) if generation == 3 else (only_2,)
    return [each for family in families for each in family(generation)]


def dense(generation: int) -> Iterator[Case]:
    shapes = ((None, 4), (3, 4), (None, None, 4), (None, 2, 3, 4), (2, None, 3, 4), (None, 1))
    for shape, bias, activation in grid(shapes, (True, False), (None, "relu", "softmax")):
        yield case("Dense", tensor(*shape), units=3, use_bias=bias, activation=activation)
    for shape in ((None,), (4,), (None, None), (None, 4, None)):
        yield case("Dense", tensor(*shape), units=3)
    yield case("Dense", tensor(None, 4, dtype="int32"), units=3)
    yield case("Dense", [tensor(None, 4), tensor(None, 4)], units=3)


def embeddings(generation: int) -> Iterator[Case]:
    for shape, mask, dtype in grid(
        ((None,), (None, 5), (None, None), (2, 3, 4), (None, 1, None)), (True, False), ("int32", "float32", "int64")
    ):
        yield case("Embedding", tensor(*shape, dtype=dtype), input_dim=7, output_dim=3, mask_zero=mask)
    if generation == 2:
        for length, shape in ((5, (None, 5)), (5, (None, 6)), ([2, 3], (None, 2, 3)), ([2], (None, 2, 3))):
            yield case("Embedding", tensor(*shape), input_dim=7, output_dim=3, input_length=length)


def reversible(generation: int) -> Iterator[Case]:
    for tie, rank in grid((True, False), (None, 2)):
        arguments: Case = {"input_dim": 7, "output_dim": 3, "tie_weights": tie, "lora_rank": rank}
        yield case("ReversibleEmbedding", tensor(None, 5, dtype="int32"), **arguments)
        yield case("ReversibleEmbedding", tensor(None, 5, 3), call={"reverse": True}, **arguments)
        yield case("ReversibleEmbedding", tensor(None, None, 3), call={"reverse": False}, **arguments)


def einsum(generation: int) -> Iterator[Case]:
    equations: tuple[tuple[str, Any, tuple[tuple[int | None, ...], ...], tuple[str | None, ...]], ...] = (
        ("ab,bc->ac", 5, ((None, 4), (3, 4), (None, 4, 2), (None,), (None, None)), (None, "c", "a", "d")),
        ("abc,cd->abd", [None, 5], ((None, 3, 4), (None, None, 4), (2, 3, 4)), (None, "d")),
        ("abc,cd->abd", [3, 5], ((None, 3, 4), (None, None, 4), (None, 2, 4)), (None, "d", "bd", "b")),
        ("...x,xy->...y", 5, ((None, 4), (None, 3, 4), (None, 3, 2, 4), (None, None, 7, 4), (4,)), (None, "y")),
        ("...ab,bcd->...acd", [3, 2, 5], ((None, 3, 4), (None, 6, 3, 4), (None, 2, 4)), (None, "cd", "d", "c", "a")),
        ("abc...,bd->adc...", [6, 5], ((None, 3, 5), (None, 3, 5, 2), (None, 3, 5, None, 7)), (None, "d", "c")),
        ("abc,cde->abde", [None, 2, 6], ((None, 3, 4), (None, None, 4)), (None, "de", "e", "d")),
        ("abde,dec->abc", [None, 7], ((None, 3, 2, 4), (None, None, 2, 4)), (None, "c")),
        ("aecd,abcd->acbe", [5, 6, 4], ((None, 4, 5, 3),), (None, "e")),
        ("ab,cd->ad", 5, ((None, 4),), (None,)),
        ("ab,bc->ad", 5, ((None, 4),), (None,)),
        ("ab->a", 5, ((None, 4),), (None,)),
        ("ab,bc->ac", [5, 6], ((None, 4),), (None,)),
        ("ab,bcd->acd", 5, ((None, 4),), (None, "c")),
        ("ab,ab->ab", 4, ((None, 4), (3, 4)), (None, "b")),
        ("abc,bc->abc", [3, 4], ((None, 3, 4), (None, None, 4)), (None, "bc")),
        ("abc,bc->abc", [None, 4], ((None, 3, 4), (None, None, 4)), (None, "c")),
    )
    for equation, output, shapes, biases in equations:
        for shape, bias in grid(shapes, biases):
            yield case("EinsumDense", tensor(*shape), equation=equation, output_shape=output, bias_axes=bias)


def low_rank(generation: int) -> Iterator[Case]:
    yield case("Dense", tensor(None, 4), units=3, lora_rank=2)
    yield case("Dense", tensor(None, 4), units=3, lora_rank=2, use_bias=False, trainable=False)
    yield case("Dense", tensor(None, 4), units=3, lora_rank=2, kernel_constraint="non_neg")
    yield case("Embedding", tensor(None, 4), input_dim=7, output_dim=3, lora_rank=2)
    yield case("Embedding", tensor(None, 4), input_dim=7, output_dim=3, lora_rank=2, embeddings_constraint="non_neg")
    yield case("EinsumDense", tensor(None, 4), equation="ab,bcd->acd", output_shape=[3, 2], bias_axes="d", lora_rank=2)
    for count in (1, 2, 3):
        yield case(f"Conv{count}D", image(count, (5, 5, 5), 3, LAST), filters=2, kernel_size=2, lora_rank=2)


def activations(generation: int) -> Iterator[Case]:
    shapes = ((None,), (None, 4), (3, None, 4), (None, 2, 3, 4))
    for shape, name in grid(shapes, ("ReLU", "LeakyReLU", "ELU", "Identity", "Masking", "ActivityRegularization")):
        yield case(name, tensor(*shape))
    for shape, name in grid(shapes, ("relu", "softmax", "linear", "sigmoid", "swish", "gelu", "tanh", "elu")):
        yield case("Activation", tensor(*shape), activation=name)
    for shape, axis in grid(shapes, (-1, 0, 1, 2, -3, [1, 2], [-1], [1, -1])):
        yield case("Softmax", tensor(*shape), axis=axis)
    for shape, shared in grid((*shapes, (None, 3, None, 4)), (None, [1], [1, 2], [2, 3], [-1], [0])):
        yield case("PReLU", tensor(*shape), shared_axes=shared)
    if generation == 2:
        yield case("ThresholdedReLU", tensor(None, 4), theta=0.5)
    yield case("Identity", [tensor(None, 4), tensor(None, 5)])
    yield case("ReLU", tensor(None, 4, dtype="int32"))
    yield case("Identity", tensor(None, 4, dtype="int32"))


def dropout(generation: int) -> Iterator[Case]:
    for shape, name in grid(((None, 4), (3, None, 4), (None, 2, 3, 4)), ("Dropout", "GaussianDropout", "AlphaDropout")):
        yield case(name, tensor(*shape), rate=0.5)
        yield case(name, tensor(*shape), rate=0)
    yield case("GaussianNoise", tensor(None, 3, 4), stddev=0.5)
    for noise in ([None, 1, 4], [3, 1, 1], [None, 3, 4]):
        yield case("Dropout", tensor(None, 3, 4), rate=0.5, noise_shape=noise)
    for count, rank in grid((1, 2, 3), (2, 3, 4, 5)):
        yield case(f"SpatialDropout{count}D", tensor(None, *(3,) * (rank - 1)), rate=0.5)


def reshape(generation: int) -> Iterator[Case]:
    shapes = (
        (None, 12),
        (None, 3, 4),
        (2, 12),
        (None, None, 4),
        (2, None, 4),
        (None, None, None),
        (5, 2, 3, 2),
        (None,),
    )
    targets: tuple[list[int], ...] = (
        [12],
        [3, 4],
        [-1],
        [-1, 4],
        [2, -1, 3],
        [-1, 1],
        [4, 3, 1],
        [5],
        [5, -1],
        [24],
        [],
        [1],
    )
    for shape, target in grid(shapes, targets):
        yield case("Reshape", tensor(*shape), target_shape=target)
    if generation == 2:
        for shape in shapes:
            yield case("Reshape", tensor(*shape), target_shape=[-1, -1])
            yield case("Reshape", tensor(*shape), target_shape=[-1, 2, -1])
    if generation == 3:
        yield case("Reshape", tensor(None, 3, 4), target_shape=[None, 4])
        yield case("Reshape", tensor(None, None, 4), target_shape=[None, -1])


def flatten_and_permute(generation: int) -> Iterator[Case]:
    shapes = (
        (None, 4),
        (2, 4),
        (None, 3, 4),
        (None, None, 4),
        (2, None, 4),
        (5, 2, 3, 4),
        (None, 2, 3, 4),
        (None,),
        (7,),
    )
    for shape, layout in grid(shapes, FORMATS):
        yield case("Flatten", tensor(*shape), data_format=layout)
    for shape, dims in grid(shapes, ([1], [2, 1], [1, 2], [3, 1, 2], [2, 3, 1])):
        yield case("Permute", tensor(*shape), dims=dims)
    for shape, count in grid(((None, 4), (2, 4), (None, None), (None, 3, 4), (None,)), (1, 3)):
        yield case("RepeatVector", tensor(*shape), n=count)


def cropping(generation: int) -> Iterator[Case]:
    for shape, crop in grid(((None, 5, 2), (3, None, 2), (None, 4), (None, 1, 2)), (1, [1, 2], [0, 0], [0, 3], [5, 0])):
        yield case("Cropping1D", tensor(*shape), cropping=crop)
    for crop, layout in grid((1, 0, [1, 2], [[1, 0], [2, 1]], [[0, 0], [0, 4]], [[3, 3], [0, 0]]), FORMATS):
        for sizes in ((5, 6), (None, 6), (None, None), (6, 4)):
            yield case("Cropping2D", image(2, sizes, 2, layout), cropping=crop, data_format=layout)
    for crop, layout in grid((1, [1, 2, 0], [[1, 0], [2, 1], [0, 0]], [[0, 0], [0, 0], [0, 6]]), FORMATS):
        for volume in ((5, 6, 4), (None, 6, None), (2, 4, 7)):
            yield case("Cropping3D", image(3, volume, 2, layout), cropping=crop, data_format=layout)
    for before, after in grid(grid(*((0, 1),) * 3), grid(*((0, 2),) * 3)):
        pairs = [list(pair) for pair in zip(before, after, strict=True)]
        yield case("Cropping3D", tensor(None, 5, 6, None, 2), cropping=pairs)
    yield case("Cropping2D", tensor(None, 4, 4))
    yield case("Cropping3D", tensor(None, 4, 4))


def padding(generation: int) -> Iterator[Case]:
    for shape, pad in grid(((None, 5, 2), (3, None, 2), (None, 4), (None, 1, None)), (1, [1, 2], [0, 0])):
        yield case("ZeroPadding1D", tensor(*shape), padding=pad)
        if generation == 3:
            yield case("ZeroPadding1D", tensor(*shape), padding=pad, data_format=FIRST)
    for pad, layout in grid((1, 0, [1, 2], [[1, 0], [2, 1]]), FORMATS):
        for sizes in ((5, 6), (None, 6), (None, None)):
            yield case("ZeroPadding2D", image(2, sizes, 2, layout), padding=pad, data_format=layout)
    for pad, layout in grid((1, [1, 2, 0], [[1, 0], [2, 1], [0, 0]]), FORMATS):
        for volume in ((5, 6, 4), (None, 6, None)):
            yield case("ZeroPadding3D", image(3, volume, None, layout), padding=pad, data_format=layout)
    yield case("ZeroPadding2D", tensor(None, 4, 4))


def up_sampling(generation: int) -> Iterator[Case]:
    for shape, size in grid(((None, 5, 2), (3, 4, 2), (None, 4), (None, 1, 3, 4)), (1, 2, 3)):
        yield case("UpSampling1D", tensor(*shape), size=size)
    for size, layout, way in grid((1, 2, [2, 3]), FORMATS, ("nearest", "bilinear")):
        for sizes in ((5, 6), (None, 6), (None, None)):
            arguments: Case = {"data_format": layout, "interpolation": way}
            yield case("UpSampling2D", image(2, sizes, 2, layout), size=size, **arguments)
    for size, layout in grid((1, 2, [2, 3, 1]), FORMATS):
        for volume in ((5, 6, 4), (None, 6, 4), (5, None, None)):
            yield case("UpSampling3D", image(3, volume, 2, layout), size=size, data_format=layout)
    yield case("UpSampling2D", tensor(None, 4, 4))
    for rank, layout in grid((3, 4, 5, 6), FORMATS):
        yield case("UpSampling3D", tensor(None, *(2,) * (rank - 1)), size=[2, 3, 1], data_format=layout)


def batch_normalization(generation: int) -> Iterator[Case]:
    shapes = ((None, 4), (None, 3, 4), (None, 5, 3, 4), (2, None, 3, 4), (None, 2, 5, 3, 4), (None, None))
    for shape, axis in grid(shapes, (-1, 0, 1, 2, 3, 4, -2, -3, -4)):
        yield case("BatchNormalization", tensor(*shape), axis=axis)
    for center, scale, renorm in grid((True, False), (True, False), (True, False)):
        yield case("BatchNormalization", tensor(None, 4), center=center, scale=scale, renorm=renorm)
    yield case("BatchNormalization", tensor(None, 3, 3, 4), synchronized=True)
    if generation == 2:
        for shape, axes in grid(shapes, ([1], [1, -1], [1, 1], [2, 3], [3, 1], [0, 1])):
            yield case("BatchNormalization", tensor(*shape), axis=axes)
        for axis in (-1, 1, 2, -4):
            yield case("layers.experimental.SyncBatchNormalization", tensor(None, 3, 4, 5), axis=axis)


def other_normalization(generation: int) -> Iterator[Case]:
    shapes = ((None, 4), (None, 3, 4), (2, 5, 3, 4), (None, None, 3, 4), (None, None))
    axes = (-1, 1, 2, 3, -2, 0, 5, [1], [1, 2], [2, 1], [-1, 1], [-1, -2], [1, 1], [-2, -1], [1, 7])
    for shape, axis in grid(shapes, axes):
        yield case("LayerNormalization", tensor(*shape), axis=axis)
        yield case("UnitNormalization", tensor(*shape), axis=axis)
        if generation == 3:
            yield case("RMSNormalization", tensor(*shape), axis=axis)
    for center, scale in grid((True, False), (True, False)):
        yield case("LayerNormalization", tensor(None, 4), center=center, scale=scale)
        yield case("GroupNormalization", tensor(None, 4), center=center, scale=scale, groups=2)
    for shape, axis, groups in grid(
        ((None, 8), (None, 3, 8), (2, 4, 5, 8), (None, 5, None)), (-1, 1, 2), (1, 2, 3, -1, 32)
    ):
        yield case("GroupNormalization", tensor(*shape), axis=axis, groups=groups)
    for shape in ((4,), (4, 4), (4, 4, 4)):
        for axis in (-1, -2, -3, 0, 2):
            yield case("GroupNormalization", tensor(*shape), axis=axis, groups=2)


def spectral(generation: int) -> Iterator[Case]:
    inner: tuple[tuple[str, dict[str, Any], tuple[int | None, ...]], ...] = (
        ("Dense", {"units": 3}, (None, 4)),
        ("Dense", {"units": 3}, (None, None)),
        ("Dense", {"units": 3, "use_bias": False}, (None, 2, 4)),
        ("Conv2D", {"filters": 3, "kernel_size": 2}, (None, 5, 5, 2)),
        ("Conv1DTranspose", {"filters": 3, "kernel_size": 2}, (None, 5, 2)),
        ("DepthwiseConv2D", {"kernel_size": 2}, (None, 5, 5, 2)),
        ("SeparableConv1D", {"filters": 3, "kernel_size": 2}, (None, 5, 2)),
        ("Embedding", {"input_dim": 7, "output_dim": 3}, (None, 4)),
        ("EinsumDense", {"equation": "ab,bcd->acd", "output_shape": [2, 5]}, (None, 4)),
        ("BatchNormalization", {}, (None, 4)),
        ("ReLU", {}, (None, 4)),
    )
    for name, arguments, shape in inner:
        yield case("SpectralNormalization", tensor(*shape), layer={"$layer": [name, arguments]})
    yield case("SpectralNormalization", tensor(None, 4), layer={"$layer": ["Dense", {"units": 2}]}, trainable=False)
    frozen_layer = {"$layer": ["Dense", {"units": 2, "trainable": False}]}
    yield case("SpectralNormalization", tensor(None, 4), layer=frozen_layer, power_iterations=2)


def frozen(generation: int) -> Iterator[Case]:
    yield case("Dense", tensor(None, 4), units=2, trainable=False)
    yield case("Conv2D", tensor(None, 4, 4, 2), filters=2, kernel_size=2, trainable=False)
    yield case("BatchNormalization", tensor(None, 4), trainable=False)
    yield case("LayerNormalization", tensor(None, 4), trainable=False)
    yield case("PReLU", tensor(None, 4), trainable=False)
    yield case("Embedding", tensor(None, 4), input_dim=3, output_dim=2, trainable=False)


def mixed(generation: int) -> Iterator[Case]:
    """Other dtypes than float32."""
    for dtype in ("mixed_float16", "float64", "mixed_bfloat16"):
        policy = dtype if generation == 3 else {"$policy": dtype}
        yield case("Dense", tensor(None, 4), units=2, dtype=policy)
        yield case("Conv1D", tensor(None, 4, 4), filters=2, kernel_size=1, dtype=policy)
        yield case("BatchNormalization", tensor(None, 4), dtype=policy)
        yield case("LayerNormalization", tensor(None, 4), dtype=policy)
        yield case("Flatten", tensor(None, 4, 2), dtype=policy)
        yield case("MaxPooling1D", tensor(None, 4, 2), dtype=policy)
        yield case("Embedding", tensor(None, 4, dtype="int32"), input_dim=3, output_dim=2, dtype=policy)
        yield case("Reshape", tensor(None, 4, dtype="int32"), target_shape=[2, 2], dtype=policy)


def only_3(generation: int) -> Iterator[Case]:
    for shape, dtype in (((None, 4), "float32"), ((2, None, 3), "int32"), ((None,), "bool")):
        yield case("InputLayer", None, batch_shape=list(shape), dtype=dtype)
    yield case("LayerNormalization", tensor(None, 4), rms_scaling=True)
    for activation in ("glu", "sparse_plus", "log_softmax"):
        yield case("Activation", tensor(None, 4), activation=activation)
        yield case("Dense", tensor(None, 4), units=4, activation=activation)


def only_2(generation: int) -> Iterator[Case]:
    for shape in ((None, 4), (3, 4), (None, None), (None, 3, 4)):
        for trainable in (True, False):
            arguments: Case = {"output_dim": 3, "trainable": trainable}
            yield case("layers.experimental.RandomFourierFeatures", tensor(*shape), **arguments)
    yield case("layers.Layer", tensor(None, 4))
    yield case("layers.Layer", [tensor(None, 4), tensor(None, 5)])
    yield case("src.engine.base_layer.AddLoss", tensor(None, 4), unconditional=True)


def applications(generation: int) -> Iterator[Case]:
    """The layers that models of `keras.applications` bring along."""
    for shape in ((None, 4), (None, None, 3, 4), (None, 3), (None, 1)):
        yield case("src.applications.convnext.LayerScale", tensor(*shape), init_values=1.0, projection_dim=4)
        yield case("src.applications.convnext.StochasticDepth", tensor(*shape), drop_path_rate=0.5)
    for one, other in (((None, 4), (None, 4)), ((None, 1), (None, 4)), ((None, 3), (None, 4)), ((None, 2, 4), (2, 4))):
        name = "src.applications.inception_resnet_v2.CustomScaleLayer"
        yield case(name, [tensor(*one), tensor(*other)], scale=0.5)
