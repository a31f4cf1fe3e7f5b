"""Files and folders that people take for Keras models and that are something else: what they are, and what to use."""

from __future__ import annotations

import re
import shlex
import zlib
from typing import TYPE_CHECKING

from kerascope.graph import SourceKind
from kerascope.readers._files import failure, names_in
from kerascope.readers.saved._detect import head_of
from kerascope.readers.saved._errors import Malformed
from kerascope.readers.saved._saved_model import GRAPH, GRAPH_AS_TEXT, METADATA
from kerascope.readers.saved._wire import BYTES, VARINT, fields

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kerascope.graph import Failure
    from kerascope.readers.saved._detect import Found

__all__ = ["name_other", "other_kind"]

_KIND = "not-a-model"

_ORIGINAL = "Open the Keras model that it was made from: its .keras or .h5 file, its SavedModel, or the program."
_ANOTHER = "kerascope opens Keras models. Another viewer, Netron, opens files of this kind."
_ARCHITECTURE = "Open the program that builds the model; kerascope shows weights only in files that Keras wrote."

_WORD = re.compile(rb"[A-Za-z_][A-Za-z0-9_.>/-]*")
_PRINTABLE = re.compile(rb"[ -~]*")
_ZIP_NAME = re.compile(rb"PK\x03\x04.{22}(..)..", re.DOTALL)
_GRAPH_MODEL = re.compile(rb'"format"\s*:\s*"graph-model"')
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_HTML = re.compile(rb"(<!--.*?-->\s*)*<(!doctype html|html|head|body)\b", re.IGNORECASE | re.DOTALL)

_COMPRESSED = (
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
)
_TORCH_LEGACY = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
"""The pickled number 0x1950a86a20f9469cfc6c, with which files of PyTorch before 1.6 begin (torch/serialization)."""


def other_kind(path: Path, found: Found | None) -> Failure | None:
    """The failure that says what a path is that was taken for a Keras model, or for a program.

    Args:
        path: The file or folder.
        found: The saved model that it seems to be, if it seems to be one.
    """
    # Other programs use zip and JSON, too.
    if found is None or found.kind in (SourceKind.KERAS, SourceKind.JSON):
        return name_other(path, head_of(path) or b"")
    return None


def name_other(path: Path, head: bytes) -> Failure | None:
    """The failure that says what a file or folder is, where it is a known kind that holds no Keras model.

    Args:
        path: The file or folder.
        head: The first bytes of a file, 4,096 where it has so many; none for a folder.

    Returns:
        `None` for what may be a Keras model, a program, or is not known.
    """
    if path.is_dir():
        return _folder(path)
    for look in (_pointer, _by_magic, _zip, _pickle, _by_name, _text, _protobuf):
        if (found := look(path, head)) is not None:
            return found
    return None


def _other(path: Path, what: str, hint: str) -> Failure:
    return failure(_KIND, path, what, hint)


def _pointer(path: Path, head: bytes) -> Failure | None:
    """Git LFS: a few lines of text in the place of a file (github.com/git-lfs/git-lfs, docs/spec.md)."""
    if not head.startswith(b"version https://git-lfs.github.com/spec/"):
        return None
    size = re.search(rb"\nsize ([0-9]{1,15})", head)
    has = f" of {int(size[1]):,} bytes" if size else ""
    hint = f"Fetch it with git lfs pull --include {shlex.quote(path.name)}."
    return _other(path, f"is a Git LFS pointer: the file itself{has} was not downloaded.", hint)


def _by_magic(path: Path, head: bytes) -> Failure | None:
    """Kinds that begin with bytes of their own."""
    if head[4:8] == b"TFL3":
        what = "is a TensorFlow Lite model (.tflite), which holds operations for a device and no Keras layers."
        return _other(path, what, _ORIGINAL)
    if head[4:8] == b"ORTM":
        return _other(path, "is an ONNX Runtime model (.ort), which holds operations and no Keras layers.", _ORIGINAL)
    if head.startswith(b"GGUF"):
        return _other(
            path, "is a GGUF file, as llama.cpp runs it: weights of a language model, no Keras layers.", _ANOTHER
        )
    if head.startswith(b"\x93NUMPY"):
        return _other(path, "is one NumPy array (.npy), not a model.", _ARCHITECTURE)
    if _is_safetensors(head):
        what = "is a safetensors file: weights by name, as PyTorch models are shared, without an architecture."
        return _other(path, what, _ARCHITECTURE)
    if head[257:262] == b"ustar":
        return _other(path, "is a tar archive.", _unpack(path, "tar xf"))
    for magic, what in _COMPRESSED:
        if head.startswith(magic):
            if path.name.endswith((".tgz", ".tbz2")) or ".tar." in path.name or _is_tar_in_gzip(head):
                hint = _unpack(path, "tar xf")
            elif magic == _COMPRESSED[0][0]:
                hint = f"Unpack it (gunzip -c {shlex.quote(path.name)} > unpacked) and open that."
            else:
                hint = "Unpack it, and open what is in it."
            return _other(path, f"is {what}: a model inside of it is not looked at.", hint)
    return None


def _unpack(path: Path, command: str) -> str:
    return f"Unpack it ({command} {shlex.quote(path.name)}) and open the model that was in it: its file, or its folder."


def _is_tar_in_gzip(head: bytes) -> bool:
    """Whether what a gzip archive holds begins as a tar archive; no more than its first block is unpacked."""
    try:
        return zlib.decompressobj(wbits=31).decompress(head, 512)[257:262] == b"ustar"
    except zlib.error:
        return False


def _is_safetensors(head: bytes) -> bool:
    """Eight bytes with the size of a JSON header, then the header (github.com/huggingface/safetensors, Format)."""
    return len(head) > 9 and head[8:9] == b"{" and 2 <= int.from_bytes(head[:8], "little") <= 100_000_000


def _zip(path: Path, head: bytes) -> Failure | None:
    """Zip archives that are no `.keras` file, told by the names of their first members."""
    if not head.startswith(b"PK\x03\x04"):
        return None
    names = [head[found.end() : found.end() + int.from_bytes(found[1], "little")] for found in _ZIP_NAME.finditer(head)]
    if any(name.endswith(b"/data.pkl") for name in names) or (names and names[0].endswith(b"/version")):
        what = "is a PyTorch file: a zip archive around a Python pickle, which only running it would open."
        return _other(path, what, _ANOTHER)
    if names and all(name.endswith(b".npy") for name in names):
        return _other(path, "is a NumPy archive (.npz): arrays by name, without an architecture.", _ARCHITECTURE)
    if any(name.endswith((b"saved_model.pb", b"keras_metadata.pb")) for name in names):
        hint = f"Unpack it (unzip {shlex.quote(path.name)}) and open the folder with saved_model.pb."
        return _other(path, "is a zip archive around a SavedModel.", hint)
    if any(name in (b"[Content_Types].xml", b"META-INF/MANIFEST.MF", b"mimetype") for name in names):
        return _other(path, "is a document or program in a zip archive, not a model.", _ORIGINAL)
    return None


def _pickle(path: Path, head: bytes) -> Failure | None:
    """Pickles, which are programs: opening one runs it."""
    if head.startswith(_TORCH_LEGACY):
        return _other(
            path, "is a PyTorch file (of before 1.6): a Python pickle, which only running it would open.", _ANOTHER
        )
    # PROTO and its version; versions 4 and 5 go on with FRAME (Lib/pickletools.py).
    begins = re.match(rb"\x80(?:[\x04\x05]\x95|[\x02\x03][c\]}(\x8aX)K])", head)
    if begins is None:
        return None
    hint = "Save the Keras model in it with model.save('model.keras'), where the pickle can be trusted, and open that."
    if b"joblib" in head or b"sklearn" in head:
        library = "scikit-learn" if b"sklearn" in head else "joblib"
        return _other(path, f"is a Python pickle, as {library} writes it; opening one runs what it says.", hint)
    return _other(path, "is a Python pickle; opening one runs what it says, so that kerascope never does.", hint)


def _by_name(path: Path, head: bytes) -> Failure | None:
    """Data files of a checkpoint: numbers one after the other, that only their index explains."""
    prefix, is_data, _ = path.name.rpartition(".data-")
    if not is_data or not re.search(r"\.data-[0-9]{5}-of-[0-9]{5}\Z", path.name):
        return None
    what = f"holds the numbers of a TensorFlow checkpoint, but its index, {prefix}.index, is not beside it."
    return _other(path, what, f"Put {prefix}.index beside it, and open that.")


def _text(path: Path, head: bytes) -> Failure | None:
    """Text that is no program: web pages, graphs as text, what TensorFlow.js converts."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _HTML.match(start):
        what = "is a web page (HTML), as a download leaves behind when it needs a login or a confirmation."
        return _other(path, what, "Download the file itself; on GitHub and Hugging Face take its raw or download link.")
    if re.match(rb"node\s*\{\s*name\s*:", start):
        return _other(path, "is a TensorFlow graph as text (.pbtxt): operations, without Keras layers.", _ORIGINAL)
    if start.startswith(b"saved_model_schema_version:"):
        what = "is a SavedModel as text (.pbtxt), which is not read."
        return _other(path, what, "Save the model again without as_text=True, and open its folder.")
    if start.startswith(b"model_checkpoint_path:"):
        what = "names the newest checkpoint of its folder, but that checkpoint's index is not there."
        return _other(path, what, "Copy the .index and .data files beside it, and open the .index file.")
    if start.startswith(b"{") and _GRAPH_MODEL.search(head):
        what = "is a TensorFlow.js graph model: operations, without the Keras layers they were made from."
        return _other(path, what, _ORIGINAL)
    if re.match(rb"<\?xml[^>]*>\s*<net\b", start):
        return _other(path, "is an OpenVINO model, which holds operations and no Keras layers.", _ORIGINAL)
    return None


def _protobuf(path: Path, head: bytes) -> Failure | None:
    """Protobuf messages, which have no magic number: told by what their first fields must hold."""
    if not _BINARY.search(head):
        return None
    looks: tuple[tuple[Callable[[bytes], bool], str, str], ...] = (
        (
            _is_graph,
            "is a TensorFlow graph (a frozen .pb): operations and constants, without the Keras layers behind them.",
            _ORIGINAL,
        ),
        (
            _is_meta_graph,
            "is the graph that belongs to a TensorFlow 1 checkpoint (.meta): operations, without Keras layers.",
            "Open the checkpoint's .index file beside it to see its variables.",
        ),
        (_is_onnx, "is an ONNX model, which holds operations and no Keras layers.", _ORIGINAL),
        (
            _is_saved_model,
            "is the graph of a SavedModel, taken out of its folder or given another name.",
            "Open the folder it is from; the graph is called saved_model.pb there.",
        ),
    )
    for look, what, hint in looks:
        try:
            if look(head):
                return _other(path, what, hint)
        except Malformed:
            continue
    return None


def _first(data: bytes, start: int = 0) -> tuple[int, int, int, int] | None:
    """The first field of a message whose end may be cut off: number, wire type, begin and end, or value and end."""
    # Sizes of fields that begin in the head reach beyond it: they are read against the largest end there could be.
    return next(fields(data, start, 1 << 40), None) if start < len(data) - 12 else None


def _is_word(data: bytes, span: tuple[int, int]) -> bool:
    """Whether a field is a short name, all of it in `data`."""
    return span[1] <= len(data) and 0 < span[1] - span[0] <= 512 and bool(_WORD.fullmatch(data[slice(*span)]))


def _is_graph(head: bytes) -> bool:
    """`GraphDef`: 1 node; `NodeDef`: 1 name, 2 op (tensorflow/core/framework/graph.proto, node_def.proto)."""
    node = _first(head)
    if node is None or node[:2] != (1, BYTES):
        return False
    name = _first(head, node[2])
    if name is None or name[:2] != (1, BYTES) or not _is_word(head, name[2:]):
        return False
    op = _first(head, name[3])
    return op is not None and op[:2] == (2, BYTES) and _is_word(head, op[2:]) and op[3] <= node[3]


def _is_meta_graph(head: bytes) -> bool:
    """`MetaGraphDef`: 1 meta_info_def; `MetaInfoDef`: 2 stripped_op_list, 4 tags (protobuf/meta_graph.proto)."""
    info = _first(head)
    if info is None or info[:2] != (1, BYTES):
        return False
    inside = _first(head, info[2])
    if inside is None or inside[1] != BYTES:
        return False
    if inside[0] == 4:
        return _is_word(head, inside[2:])
    op = _first(head, inside[2]) if inside[0] == 2 else None
    name = _first(head, op[2]) if op is not None and op[:2] == (1, BYTES) else None
    return name is not None and name[:2] == (1, BYTES) and _is_word(head, name[2:])


def _is_onnx(head: bytes) -> bool:
    """`ModelProto`: 1 ir_version, 2 producer_name, 7 graph, 8 opset_import (onnx/onnx.proto)."""
    version = _first(head)
    if version is None or version[:2] != (1, VARINT) or not 1 <= version[2] <= 100:
        return False
    second = _first(head, version[3])
    if second is None or second[1] != BYTES or second[0] not in (2, 3, 7, 8):
        return False
    if second[0] == 2:
        named = 0 < second[3] - second[2] <= 256 and second[3] <= len(head)
        return named and bool(_PRINTABLE.fullmatch(head[second[2] : second[3]]))
    return second[3] - second[2] < 256 or second[0] == 7


def _is_saved_model(head: bytes) -> bool:
    """`SavedModel`: 1 saved_model_schema_version, 2 meta_graphs, which begin as any `MetaGraphDef`."""
    version = _first(head)
    if version is None or version[:3] != (1, VARINT, 1):
        return False
    graph = _first(head, version[3])
    return graph is not None and graph[:2] == (2, BYTES) and _is_meta_graph(head[graph[2] :])


def _folder(path: Path) -> Failure | None:
    """Folders of other libraries, told by the names of what is in them."""
    names = set(names_in(path))
    if names & {GRAPH, GRAPH_AS_TEXT, METADATA}:
        return None
    if names & {
        "pytorch_model.bin",
        "model.safetensors",
        "pytorch_model.bin.index.json",
        "model.safetensors.index.json",
    }:
        what = "is a folder of Hugging Face Transformers with PyTorch weights, not a Keras model."
        return _other(
            path, what, "Open the program that uses it; a Keras model in the same repository has its own file."
        )
    if names & {"_CHECKPOINT_METADATA", "manifest.ocdbt"}:
        what = "is an Orbax checkpoint (JAX): weights, without an architecture."
        return _other(path, what, _ARCHITECTURE)
    if {"Manifest.json", "Data"} <= names and path.suffix == ".mlpackage":
        return _other(path, "is a Core ML package, which holds operations and no Keras layers.", _ORIGINAL)
    if {"variables", "assets"} <= names:
        what = "looks like a SavedModel without its graph: saved_model.pb is missing."
        return _other(path, what, "Copy saved_model.pb beside variables/, or open variables/variables.index alone.")
    return None
