"""Opening a path as program text: every way in which that can go wrong, in words."""

from __future__ import annotations

import difflib
import io
import itertools
import json
import os
import re
import stat
import tokenize
from pathlib import Path

from kerascope.graph import Failure, clean_line

__all__ = [
    "MAX_SOURCE_BYTES",
    "WANTED",
    "Unreadable",
    "failure",
    "names_in",
    "open_at_once",
    "read_text",
    "seems_json",
]

MAX_SOURCE_BYTES = 4 * 1024 * 1024
"""Bytes beyond which a file is not parsed: `ast` needs over a hundred times a file's size in memory."""

MAX_NAMES = 100_000
"""Names of a folder that are looked at."""

_MAGIC = (
    (b"PK\x03\x04", "a zip archive (as a saved .keras model is)"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file (as saved .h5 models and weights are)"),
    (b"\x7fELF", "a compiled program or library (ELF)"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF-", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
)
_OF_MODELS = re.compile(
    r"\.(bin|ckpt|data-\d+-of-\d+|h5|hdf5?|he5|index|joblib|json|keras|np[yz]|onnx|pb|pbtxt|pickle|pkl|pth?|safetensors|"
    r"tar|tf|tflite|ya?ml|zip)\Z",
    re.IGNORECASE,
)
"""Endings of what holds models and data: whoever opens such a file does not mean to run a program."""
_LFS = b"version https://git-lfs.github.com/spec/"
WANTED = "kerascope opens Python files and notebooks that define Keras models, and saved Keras models."


class Unreadable(Exception):
    """A path that could not be read as program text."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def read_text(path: Path, *, most: int = MAX_SOURCE_BYTES, encoding: str | None = None) -> str:
    """The text of a file, with line feeds for line ends.

    Args:
        path: The file.
        most: Bytes beyond which it is not read.
        encoding: The encoding of its kind of file; `None` is what Python decodes a program by (PEP 263).

    Raises:
        Unreadable: with the failure that says what was found, what was expected and what to do.
    """
    content = _read_bytes(path, most)
    _refuse_other_kinds(path, content)
    if encoding is None:
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        except SyntaxError as error:
            reason = f"declares an encoding that Python does not know ({error})"
            raise _not_python(path, reason) from None
    try:
        text = content.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        reason = f"is not text in its encoding, {encoding}"
        if isinstance(error, UnicodeDecodeError):
            byte, line = content[error.start], content.count(b"\n", 0, error.start) + 1
            reason += f" (byte 0x{byte:02x} in line {line})"
        raise _not_python(path, reason) from None
    return re.sub("\r\n?", "\n", text)


def seems_json(path: Path, text: str) -> Failure | None:
    """The failure for a file that holds JSON and no program: valid JSON is often a valid Python expression."""
    if text.lstrip()[:1] not in {"{", "["}:
        return None
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return None
    return failure("not-python", path, "holds JSON, not a Python program.", WANTED)


def open_at_once(path: Path) -> int:
    """A descriptor to read a path by. It waits for no writer of a FIFO, and no terminal becomes ours.

    Raises:
        OSError: It cannot be opened.
        ValueError: No path can be called so.
    """
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)


def names_in(directory: Path) -> list[str]:
    """The names in a folder, sorted, `MAX_NAMES` of them at most; none where it cannot be read."""
    try:
        with os.scandir(directory) as entries:
            return sorted(entry.name for entry in itertools.islice(entries, MAX_NAMES))
    except (OSError, ValueError):
        return []


def _read_bytes(path: Path, most: int) -> bytes:
    """All bytes of a regular file that is not too large. Never waits for a FIFO or a device."""
    try:
        handle = open_at_once(path)
    except PermissionError:
        raise Unreadable(
            failure("unreadable", path, "may not be read by this user.", f"Look at `ls -l {path}`.")
        ) from None
    except (FileNotFoundError, NotADirectoryError):
        raise Unreadable(_missing(path)) from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Unreadable(failure("unreadable", path, f"cannot be opened: {why}.", WANTED)) from None
    try:
        info = os.fstat(handle)
        if stat.S_ISDIR(info.st_mode):
            raise Unreadable(
                failure("directory", path, "is a directory, and neither a SavedModel nor a checkpoint.", _inside(path))
            )
        if not stat.S_ISREG(info.st_mode):
            raise Unreadable(failure("unreadable", path, f"is {_special(info.st_mode)}, not a regular file.", WANTED))
        if info.st_size > most:
            raise Unreadable(_too_large(path, info.st_size, most))
        return _read_all(path, handle, most)
    except OSError as error:
        raise Unreadable(failure("unreadable", path, f"cannot be read: {error.strerror or error}.", None)) from None
    finally:
        os.close(handle)


def _read_all(path: Path, handle: int, most: int) -> bytes:
    """Read to the end, but not past the bound: files in /proc say that they are empty, and others grow."""
    chunks, total = [], 0
    while chunk := os.read(handle, 1 << 20):
        chunks.append(chunk)
        total += len(chunk)
        if total > most:
            raise Unreadable(_too_large(path, total, most))
    return b"".join(chunks)


def _refuse_other_kinds(path: Path, content: bytes) -> None:
    """Name a file that is something else by its first bytes, or by the NUL bytes that no Python file has."""
    if content.startswith(_LFS):
        hint = f"Fetch it with `git lfs pull --include {path.name}`."
        raise Unreadable(failure("not-python", path, "is a Git LFS pointer: the file itself was not downloaded.", hint))
    seems = next((what for magic, what in _MAGIC if content.startswith(magic)), None)
    if seems is not None:
        raise _not_python(path, f"seems to be {seems}")
    if _OF_MODELS.search(path.name):
        raise Unreadable(_no_model(path, empty=not content))
    if (at := content.find(b"\0")) >= 0:
        raise _not_python(path, f"has a NUL byte at offset {at:,}, as binary files do")


def _no_model(path: Path, *, empty: bool) -> Failure:
    """Of a file that is called as models or data are: text that a stranger named so is data, and is never run."""
    copied = "If it was copied, compare its size with the original's"
    if empty:
        return failure("not-python", path, "is empty: it has 0 bytes.", f"{copied}; if it is being written, wait.")
    what = f"is named like a saved model or data ({path.suffix}), and holds no model; it is not run as a program."
    return failure("not-python", path, what, f"{copied}; if it is a program, call it something.py.")


def _not_python(path: Path, what: str) -> Unreadable:
    wanted = "notebook" if path.suffix.lower() == ".ipynb" else "Python file"
    return Unreadable(failure("not-python", path, f"is not a {wanted}: it {what}.", WANTED))


def _too_large(path: Path, size: int, most: int) -> Failure:
    if _OF_MODELS.search(path.name):
        return _no_model(path, empty=False)
    return failure(
        "unreadable",
        path,
        f"is too large to be read as a program: {size:,} bytes, and {most:,} are the most.",
        "Move data out of the file that defines the model.",
    )


def failure(kind: str, path: Path, what: str, hint: str | None) -> Failure:
    """The failure whose message says `what` of the file, made safe to show."""
    shown = clean_line(str(path))
    return Failure(
        kind=kind, message=f"{shown} {clean_line(what)}", hint=None if hint is None else clean_line(hint), path=shown
    )


def _special(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "a FIFO"
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        return "a device"
    return "a special file"


def _missing(path: Path) -> Failure:
    try:
        target = path.readlink()
    except (OSError, ValueError):
        return failure("missing", path, "does not exist.", _neighbour(path))
    return failure("missing", path, f"is a link to {target}, which does not exist.", None)


def _neighbour(path: Path) -> str:
    """What to do about a missing file: a similar name beside it, if there is one."""
    similar = difflib.get_close_matches(path.name, names_in(path.parent)[:10_000], n=1)
    if similar:
        return f"Did you mean {path.parent / similar[0]}?"
    return f"Check the name; it was looked for in {Path.cwd() if not path.is_absolute() else path.parent}."


def _inside(path: Path) -> str:
    """What to do about a directory: name a Python file or a notebook in it."""
    names = names_in(path)
    if "saved_model.pb" in names:
        return f"It holds a SavedModel. {WANTED}"
    programs = [name for suffix in (".py", ".ipynb") for name in names if name.endswith(suffix)]
    if programs:
        return f"Open one of its files, such as {path / programs[0]}."
    return WANTED
