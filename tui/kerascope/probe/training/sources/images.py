"""A directory of images, one folder a class, read by Keras's own `image_dataset_from_directory`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ..errors import SetupError
from ..interface import shape_text
from ._types import TrainingSet, path_of

if TYPE_CHECKING:
    from ._types import Wanted

__all__ = ["open_images"]

COLORS = {1: "grayscale", 3: "rgb", 4: "rgba"}
TRAINING = ("train", "training")
VALIDATION = ("validation", "valid", "val", "test")
ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".gif")
"""What Keras takes for images."""

SCALING = ("Rescaling", "Normalization", "BatchNormalization", "Lambda")
"""First layers that are there for pixels as they are."""


def open_images(data: dict[str, Any], wanted: Wanted) -> TrainingSet:
    """Images in batches, of the size and with the channels that the model takes.

    Folders `train` and `validation` (or `val`, `test`) in the directory are taken as such; else
    `validation_split` divides it.

    Raises:
        SetupError: It holds no images, or the model takes none.
    """
    path = path_of(data)
    if not os.path.isdir(path):
        raise SetupError(f"{path} is no directory; data of the kind images is one, with a folder for each class")
    training, validation = _parts(path)
    options = _options(wanted)
    split = 0.0 if validation else wanted.validation_split
    if not validation and split:
        train, val = _read(training, wanted, options, validation_split=split, subset="both", seed=wanted.seed)
    else:
        train = _read(training, wanted, options, seed=wanted.seed)
        val = _read(validation, wanted, options, shuffle=False) if validation else None
    _check_classes(train, path, wanted, options)
    _say_range(wanted)
    if options["label_mode"] is None:
        wanted.say("the model gives out images of its input's shape: each image is its own target")
        train = train.map(_twice)
        val = None if val is None else val.map(_twice)
    return TrainingSet(train, None, val, batched=True, split_done=True)


def _twice(image: Any) -> tuple[Any, Any]:
    return image, image


def _parts(path: str) -> tuple[str, str | None]:
    folders = {name.lower(): os.path.join(path, name) for name in os.listdir(path)}
    folders = {name: folder for name, folder in folders.items() if os.path.isdir(folder)}
    training = next((folders[name] for name in TRAINING if name in folders), None)
    validation = next((folders[name] for name in VALIDATION if name in folders), None)
    return (path, None) if training is None else (training, validation)


def _options(wanted: Wanted) -> dict[str, Any]:
    inputs, outputs = wanted.interface.inputs, wanted.interface.outputs
    shape = inputs[0].shape if len(inputs) == 1 else None
    if not inputs:
        raise SetupError("the model is not built, so the size of the images is not known; give --input-shape")
    if shape is None or len(shape) != 4:
        takes = ", ".join(shape_text(port.shape) for port in inputs)
        raise SetupError(f"the model takes {takes}; images are (None, height, width, channels)")
    height, width, channels = shape[1:]
    if channels not in COLORS:
        raise SetupError(f"the model takes images of {channels} channels; files give 1 (grey), 3 (RGB) or 4 (RGBA)")
    if height is None or width is None:
        height, width = height or 256, width or 256
        wanted.say(f"the model takes images of any size: they are resized to {height} x {width}")
    label_mode: str | None = "int"
    loss = wanted.losses[0] if wanted.losses else None
    if len(outputs) == 1 and outputs[0].shape is not None and outputs[0].shape[1:] == shape[1:]:
        label_mode = None
    elif loss in ("categorical_crossentropy", "categorical_focal_crossentropy", "kl_divergence"):
        label_mode = "categorical"
    elif loss in ("binary_crossentropy", "binary_focal_crossentropy"):
        label_mode = "binary" if outputs and outputs[0].shape and outputs[0].shape[-1] == 1 else "categorical"
    return {
        "image_size": (height, width),
        "color_mode": COLORS[channels],
        "label_mode": label_mode,
        "batch_size": wanted.batch_size,
    }


def _read(path: str, wanted: Wanted, options: dict[str, Any], **more: Any) -> Any:
    if not _has_images(path):
        raise SetupError(f"{path} holds no images ({', '.join(ENDINGS)}) in folders for its classes")
    try:
        return wanted.adapter.root.utils.image_dataset_from_directory(path, **options, **more)
    except ValueError as error:
        text = " ".join(str(error).split())
        if "exactly 2" in text or "2 classes" in text:
            raise SetupError(f"{path} has not two classes, and the loss is that of yes or no: {text}") from error
        raise SetupError(f"Keras cannot read the images of {path}: {text}") from error


def _has_images(path: str) -> bool:
    return any(name.lower().endswith(ENDINGS) for _, _, names in os.walk(path, followlinks=True) for name in names)


def _check_classes(dataset: Any, path: str, wanted: Wanted, options: dict[str, Any]) -> None:
    names = list(getattr(dataset[0] if isinstance(dataset, tuple) else dataset, "class_names", ()))
    outputs = wanted.interface.outputs
    if options["label_mode"] not in ("int", "categorical") or len(outputs) != 1 or not outputs[0].shape:
        return
    units = outputs[0].shape[-1]
    too_few = units is not None and units != 1 and units < len(names)
    if too_few or (options["label_mode"] == "categorical" and units != len(names)):
        raise SetupError(
            f"{path} has {len(names)} classes ({', '.join(names[:8])}{', ...' if len(names) > 8 else ''}) and the "
            f"model gives {units} outputs"
        )
    wanted.say("classes: " + ", ".join(f"{number} {name}" for number, name in enumerate(names[:20])))


def _say_range(wanted: Wanted) -> None:
    """Whether anything brings the pixels to the numbers that models are usually made for is the author's to know."""
    layers = wanted.adapter.own_layers(wanted.model)[:3]
    if not any(type(layer).__name__ in SCALING or wanted.adapter.own_layers(layer) for layer in layers):
        wanted.say("the pixels are numbers from 0 to 255, and the model does not begin with a Rescaling layer")
