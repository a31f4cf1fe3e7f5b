"""Cases of the layers that prepare data, for both generations."""

from __future__ import annotations

from itertools import product
from typing import Any

from tests.shapes.oracle_cases import case, tensor

__all__ = ["preprocessing_cases"]

IMAGES = [tensor(None, 8, 9, 3), tensor(2, 8, 9, 3), tensor(None, None, None, 3), tensor(None, 8, 9, 1)]
ODD = [tensor(8, 9, 3), tensor(None, 5)]


def preprocessing_cases(generation: int) -> list[dict[str, Any]]:
    """All cases of a generation."""
    own = _images_3() if generation == 3 else _images_2()
    return [*own, *_numbers(generation), *_categories(generation), *_lookups(generation), *_texts(generation)]


def _images_3() -> list[dict[str, Any]]:
    augmenting: dict[str, list[dict[str, Any]]] = {
        "AugMix": [{}],
        "AutoContrast": [{}, {"value_range": [0, 1]}],
        "ContrastLimitedAdaptiveHistogramEqualization": [{}],
        "CutMix": [{}],
        "MixUp": [{}, {"alpha": 0.4}],
        "RandAugment": [{}, {"num_ops": 1}],
        "RandomBrightness": [{"factor": 0.2}],
        "RandomColorJitter": [{}, {"brightness_factor": 0.2}],
        "RandomContrast": [{"factor": 0.2}],
        "RandomElasticTransform": [{}],
        "RandomErasing": [{}],
        "RandomFlip": [{}, {"mode": "horizontal", "dtype": "float16"}],
        "RandomGaussianBlur": [{}],
        "RandomHue": [{"factor": 0.2}],
        "RandomInvert": [{}],
        "RandomPerspective": [{}],
        "RandomPosterization": [{"factor": 4}],
        "RandomRotation": [{"factor": 0.2}],
        "RandomSaturation": [{"factor": 0.2}],
        "RandomSharpness": [{"factor": 0.2}],
        "RandomShear": [{"x_factor": 0.2}],
        "RandomTranslation": [{"height_factor": 0.2, "width_factor": 0.2}],
        "RandomZoom": [{"height_factor": 0.2}],
        "RandomColorDegeneration": [{"factor": 0.2}],
        "RandomGrayscale": [{}],
        "Equalization": [{}],
        "Solarization": [{}],
        "src.legacy.layers.RandomHeight": [{"factor": 0.2}],
        "src.legacy.layers.RandomWidth": [{"factor": 0.2}],
    }
    cases = [
        case(name, inputs, **kwargs)
        for name, every in augmenting.items()
        for kwargs in every
        for inputs in [*IMAGES, ODD[0], tensor(None, 8, 9, 3, dtype="uint8")]
    ]
    for name, data_format in product(("CenterCrop", "RandomCrop", "Resizing"), (None, "channels_first")):
        for inputs in [*IMAGES, *ODD, tensor(None, 3, 8, 9), tensor(5)]:
            cases.append(case(name, inputs, height=4, width=5, data_format=data_format))
    cases += [case("Resizing", IMAGES[0], None, height=4, width=5, **{name: True}) for name in KEEPS]
    boxes = {"boxes": tensor(None, 7, 4), "labels": tensor(None, 7)}
    whole = {"images": IMAGES[0], "bounding_boxes": boxes}
    cases += [
        case("MaxNumBoundingBoxes", whole, max_number=3, bounding_box_format="xyxy"),
        case("RandomFlip", {"images": IMAGES[0], "labels": tensor(None, 5)}),
        case("MixUp", {"images": IMAGES[0], "labels": tensor(None, 5)}),
        case("RandomRotation", whole, factor=0.2, bounding_box_format="xyxy"),
    ]
    layers = [{"$layer": ["Resizing", {"height": 4, "width": 5}]}, {"$layer": ["RandomFlip", {}]}]
    cases += [case("Pipeline", inputs, layers=layers) for inputs in IMAGES]
    cases.append(case("Pipeline", tensor(None, 5), layers=[{"$layer": ["Normalization", {}]}]))
    return cases


KEEPS = ("crop_to_aspect_ratio", "pad_to_aspect_ratio", "antialias")


def _images_2() -> list[dict[str, Any]]:
    augmenting: dict[str, list[dict[str, Any]]] = {
        "RandomBrightness": [{"factor": 0.2}],
        "RandomContrast": [{"factor": 0.2}],
        "RandomFlip": [{}, {"mode": "horizontal"}],
        "RandomHeight": [{"factor": 0.2}],
        "RandomRotation": [{"factor": 0.2}],
        "RandomTranslation": [{"height_factor": 0.2, "width_factor": 0.2}],
        "RandomWidth": [{"factor": 0.2}, {"factor": 0.1, "interpolation": "nearest"}],
        "RandomZoom": [{"height_factor": 0.2}],
    }
    cases = [
        case(name, inputs, **kwargs)
        for name, every in augmenting.items()
        for kwargs in every
        for inputs in [*IMAGES, ODD[0]]
    ]
    for name in ("CenterCrop", "RandomCrop", "Resizing"):
        cases += [case(name, inputs, height=4, width=5) for inputs in [*IMAGES, *ODD]]
    cases += [case("Resizing", inputs, height=4, width=5, crop_to_aspect_ratio=True) for inputs in IMAGES]
    return cases


def _numbers(generation: int) -> list[dict[str, Any]]:
    shapes = [tensor(None, 5), tensor(None, 4, 5), tensor(None, None, 5), tensor(None), tensor(None, 5, dtype="int32")]
    cases = [case("Rescaling", inputs, scale=2.0) for inputs in [*shapes, *IMAGES]]
    cases.append(case("Rescaling", IMAGES[0], scale=[1.0, 2.0, 3.0], offset=[0.0, 1.0, 2.0]))
    for axis, inputs in product((-1, None, 1, [1, 2], [-1, 1], 3), shapes):
        cases.append(case("Normalization", inputs, axis=axis))
        if axis in (-1, None):
            cases.append(case("Normalization", inputs, axis=axis, mean=1.0, variance=2.0))
    cases += [
        case("Normalization", shapes[0], mean=[1.0] * 5, variance=[2.0] * 5),
        case("Normalization", shapes[1], mean=[1.0] * 5, variance=[2.0] * 5),
        case("Normalization", shapes[0], mean=[1.0] * 4, variance=[2.0] * 4),
        case("Normalization", shapes[0], invert=True),
        case("Normalization", shapes[0], dtype="float16"),
    ]
    if generation == 2:
        return cases
    signals = [tensor(None, 4000), tensor(4000), tensor(None, None), tensor(2, 4001)]
    for inputs in signals:
        cases += [
            case("MelSpectrogram", inputs),
            case("MelSpectrogram", inputs, num_mel_bins=32, sequence_stride=100, fft_length=512),
        ]
    for mode, inputs in product(
        ("log", "magnitude", "psd", "real", "imag", "angle", "stft"), (tensor(None, 2000, 1), tensor(None, None, 2))
    ):
        cases.append(case("STFTSpectrogram", inputs, mode=mode, window=None))
    inputs = tensor(None, 2000, 2)
    cases += [
        case("STFTSpectrogram", inputs, frame_length=100, frame_step=30, fft_length=200, padding="same", window=None),
        case("STFTSpectrogram", inputs, frame_length=100, expand_dims=True, window=None),
        case("STFTSpectrogram", inputs, mode="stft", frame_length=100, expand_dims=True, window=None),
        case("STFTSpectrogram", tensor(None, 2, 2000), frame_length=100, data_format="channels_first", window=None),
        case(
            "STFTSpectrogram",
            tensor(None, 2, 2000),
            frame_length=100,
            expand_dims=True,
            data_format="channels_first",
            window=None,
        ),
        case("STFTSpectrogram", tensor(None, 50, 2), window=None),
        case("STFTSpectrogram", tensor(None, 2000), window=None),
        case("STFTSpectrogram", inputs, trainable=False, window=None),
    ]
    return cases


IDS = [
    *(tensor(dtype="int64"), tensor(None, dtype="int64"), tensor(None, 1, dtype="int64"), tensor(1, dtype="int64")),
    *(tensor(None, 5, dtype="int64"), tensor(None, 4, 5, dtype="int64"), tensor(None, 4, 1, dtype="int64")),
    *(tensor(None, None, dtype="int64"), tensor(3, 1, dtype="int64"), tensor(3, 5, dtype="int64")),
]


def _ids(generation: int) -> list[dict[str, Any]]:
    """Keras 2 takes an Input without any axis for one of unknown rank."""
    return IDS if generation == 3 else IDS[1:]


def _categories(generation: int) -> list[dict[str, Any]]:
    cases, ids = [], _ids(generation)
    for mode, inputs in product(("one_hot", "multi_hot", "count"), ids):
        cases.append(case("CategoryEncoding", inputs, num_tokens=7, output_mode=mode))
    for mode, inputs in product(("int", "one_hot", "multi_hot", "count"), ids):
        cases.append(case("Hashing", inputs, num_bins=7, output_mode=mode))
        numbers = {"$tensor": [inputs["$tensor"][0], "float32"]}
        cases.append(case("Discretization", numbers, bin_boundaries=[0.0, 1.0, 2.0], output_mode=mode))
    if generation == 3:
        for inputs in IDS[:5]:
            cases.append(case("Discretization", {"$tensor": [inputs["$tensor"][0], "float32"]}, num_bins=4))
        cases += [
            case("Discretization", tensor(None, 5), num_bins=4, output_mode=mode) for mode in ("one_hot", "multi_hot")
        ]
    for mode, inputs in product(("int", "one_hot"), ids):
        cases.append(case("HashedCrossing", [inputs, inputs], num_bins=7, output_mode=mode))
    cases.append(case("HashedCrossing", [IDS[1], IDS[4]], num_bins=7))
    return cases


def _lookups(generation: int) -> list[dict[str, Any]]:
    cases = []
    words, numbers = ["a", "b", "c"], [10, 20, 30]
    for mode, inputs in product(("int", "one_hot", "multi_hot", "count"), _ids(generation)):
        texts = {"$tensor": [inputs["$tensor"][0], "string"]}
        cases += [
            case("IntegerLookup", inputs, vocabulary=numbers, output_mode=mode),
            case("StringLookup", texts, vocabulary=words, output_mode=mode),
            case("StringLookup", texts, max_tokens=10, vocabulary=words, output_mode=mode, pad_to_max_tokens=True),
        ]
        if mode != "int" and generation == 3:
            cases.append(case("StringLookup", texts, output_mode=mode))
    texts = tensor(None, 5, dtype="string")
    for extra in ({"num_oov_indices": 0}, {"num_oov_indices": 3}, {"mask_token": "x"}, {"mask_token": "x"}):
        for mode in ("int", "multi_hot"):
            cases.append(case("StringLookup", texts, vocabulary=words, output_mode=mode, **extra))
    cases += [
        case("StringLookup", IDS[4], vocabulary=words, invert=True),
    ]
    if generation == 3:
        cases += [case("IntegerLookup", IDS[4], max_tokens=5), case("StringLookup", texts)]
    return cases


def _texts(generation: int) -> list[dict[str, Any]]:
    """With a vocabulary: without one Keras 2 counts among the weights what has no shape."""
    cases, words = [], ["a", "b"]
    padded: dict[str, Any] = {"max_tokens": 9, "output_mode": "count", "pad_to_max_tokens": True}
    shapes: list[tuple[int | None, ...]] = [(None,), (None, 1), (3,), (3, 1), (None, 2)]
    for shape in shapes:
        texts = tensor(*shape, dtype="string")
        cases += [
            case("TextVectorization", texts, vocabulary=words),
            case("TextVectorization", texts, vocabulary=words, output_sequence_length=9),
            case("TextVectorization", texts, vocabulary=words, output_sequence_length=9, ngrams=2, split="character"),
            case("TextVectorization", texts, vocabulary=words, output_mode="multi_hot"),
            case("TextVectorization", texts, vocabulary=words, output_mode="count", ngrams=2),
            case("TextVectorization", texts, vocabulary=words, output_mode="count", split="character"),
            case("TextVectorization", texts, None, **{**padded, "vocabulary": words}),
            case("TextVectorization", texts, max_tokens=20, vocabulary=words, output_mode="multi_hot"),
        ]
        if generation == 3:
            cases += [
                case("TextVectorization", texts),
                case("TextVectorization", texts, split=None, output_mode="multi_hot", vocabulary=words),
                case("TextVectorization", texts, split=None, output_sequence_length=3),
                case("TextVectorization", texts, output_mode="one_hot", vocabulary=words),
            ]
    return cases
