"""Saved models of every format, made by hand: with zipfile, h5py and bytes, without any Keras or TensorFlow."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

JSON = dict[str, Any]


# Configs


def layer(class_name: str, config: JSON, generation: int = 3, **more: Any) -> JSON:
    """A serialized layer as that generation writes it."""
    if generation == 3:
        return {"module": "keras.layers", "class_name": class_name, "config": config, "registered_name": None, **more}
    return {"class_name": class_name, "config": config, **more}


def first(generation: int = 3, width: int = 4, dtype: str = "float32") -> JSON:
    """An input layer."""
    shape = "batch_shape" if generation == 3 else "batch_input_shape"
    config = {shape: [None, width], "dtype": dtype, "sparse": False, "name": "given"}
    return layer("InputLayer", config, generation)


def dense(name: str = "plain", units: int = 3, generation: int = 3, **config: Any) -> JSON:
    """A Dense layer."""
    written = {"name": name, "trainable": True, "units": units, "activation": "linear", "use_bias": True, **config}
    return layer("Dense", written, generation)


def sequential(layers: list[JSON], generation: int = 3, **more: Any) -> JSON:
    """A Sequential of layers, with an input before them."""
    config = {"name": "stranger", "layers": [first(generation), *layers]}
    if generation == 3:
        return {"module": "keras", "class_name": "Sequential", "config": config, "registered_name": None, **more}
    if generation == 2:
        return {"class_name": "Sequential", "config": config, **more}
    return {"class_name": "Sequential", "config": layers}


def function(module: str | None, name: str) -> JSON:
    """A serialized function of Keras 3."""
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


# Files


def weights(**arrays: Any) -> bytes:
    """The HDF5 file inside of a `.keras` archive of one Dense layer."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        held = file.create_group("layers/plain/vars")
        for name, array in (arrays or {"0": np.ones((4, 3), "f4"), "1": np.zeros(3, "f4")}).items():
            held.create_dataset(name, data=array)
    return buffer.getvalue()


def archive(
    path: Path,
    config: object,
    members: dict[str, bytes | str] | None = None,
    version: str = "3.8.0",
    *,
    bare: bool = False,
) -> Path:
    """A `.keras` archive; a bare one has no weights."""
    text = config if isinstance(config, str) else json.dumps(config)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("metadata.json", json.dumps({"keras_version": version, "date_saved": "2025-05-05@10:00:00"}))
        file.writestr("config.json", text)
        held = {} if bare else {"model.weights.h5": weights()}
        for name, content in {**held, **(members or {})}.items():
            file.writestr(name, content)
    return path


def model_h5(path: Path, config: object, version: str = "2.15.0", training: object = None) -> Path:
    """A full model in HDF5, as every generation of Keras writes it."""
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = version
        file.attrs["backend"] = "tensorflow"
        file.attrs["model_config"] = config if isinstance(config, str) else json.dumps(config)
        if training is not None:
            file.attrs["training_config"] = json.dumps(training)
        held = file.create_group("model_weights")
        held.attrs["layer_names"] = np.array([b"plain"])
        held.attrs["backend"] = "tensorflow"
        group = held.create_group("plain")
        group.attrs["weight_names"] = np.array([b"plain/kernel:0", b"plain/bias:0"])
        group.create_dataset("plain/kernel:0", data=np.ones((4, 3), "f4"))
        group.create_dataset("plain/bias:0", data=np.zeros(3, "f4"))
    return path


# Protocol buffers


def varint(value: int) -> bytes:
    """A base-128 number."""
    written = bytearray()
    value &= (1 << 64) - 1
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])


def field(number: int, value: int | str | bytes) -> bytes:
    """One field of a message: a number, or bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


def node(name: str, op: str, inputs: tuple[str, ...] = (), **attributes: str) -> bytes:
    """A NodeDef; attributes are texts."""
    written = field(1, name) + field(2, op) + b"".join(field(3, each) for each in inputs)
    for key, value in attributes.items():
        written += field(5, field(1, key) + field(2, field(2, value)))
    return written


def constant(name: str, text: str) -> bytes:
    """A Const node that holds one text (TensorProto: dtype 7 is a string)."""
    tensor = field(1, 7) + field(2, b"") + field(8, text)
    return field(1, name) + field(2, "Const") + field(5, field(1, "value") + field(2, field(8, tensor)))


def saved_model(folder: Path, nodes: Sequence[bytes], inside: Sequence[bytes] = (), **files: bytes) -> Path:
    """A SavedModel with a graph of these nodes, a function of those inside, and files beside it."""
    folder.mkdir()
    function = field(1, field(1, "served")) + b"".join(field(3, each) for each in inside)
    library = field(1, function) if inside else b""
    graph = b"".join(field(1, each) for each in nodes) + field(2, library)
    meta = field(1, field(5, "2.15.0") + field(4, "serve")) + field(2, graph)
    (folder / "saved_model.pb").write_bytes(field(1, 1) + field(2, meta))
    for name, content in files.items():
        (folder / f"{name}.pb").write_bytes(content)
    return folder


def keras_metadata(config: JSON) -> bytes:
    """The `keras_metadata.pb` of a SavedModel: the root object's config (SavedMetadata, keras/protobuf)."""
    metadata = json.dumps({"class_name": config["class_name"], "name": "stranger", "config": config["config"]})
    kept = (
        field(2, 0) + field(3, "root") + field(4, "_tf_keras_sequential") + field(5, metadata) + field(6, field(1, 1))
    )
    return field(1, kept)


def checkpoint(path: Path) -> Path:
    """A checkpoint index of one variable: a LevelDB table of BundleEntryProtos (tensorflow tensor_bundle.proto)."""
    entry = field(1, 1) + field(2, field(2, field(1, 4))) + field(5, 16) + b"\x35\0\0\0\0"
    items = [(b"", field(1, 1)), (b"model/kernel/.ATTRIBUTES/VARIABLE_VALUE", entry)]
    data = b"".join(varint(0) + varint(len(key)) + varint(len(value)) + key + value for key, value in items)
    data += struct.pack("<II", 0, 1)
    table, handles = b"", []
    for block in (data, struct.pack("<II", 0, 1)):
        handles.append(varint(len(table)) + varint(len(block)))
        table += block + b"\0" + struct.pack("<I", zlib.crc32(block))
    last = items[-1][0]
    index = varint(0) + varint(len(last)) + varint(len(handles[0])) + last + handles[0] + struct.pack("<II", 0, 1)
    index_handle = varint(len(table)) + varint(len(index))
    table += index + b"\0" + struct.pack("<I", zlib.crc32(index))
    footer = (handles[1] + index_handle).ljust(40, b"\0") + bytes.fromhex("57fb808b247547db")
    path.write_bytes(table + footer)
    return path
