"""An HDF5 file's tree, read by the child process: its attributes, its weights, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kerascope.graph import FileIssue, clean_line, clean_text
from kerascope.readers.saved._child import Child, ChildDied
from kerascope.readers.saved._limits import MAX_ISSUES, MAX_NAME, MAX_RANK
from kerascope.readers.saved._weights import Array, name_weights

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kerascope.graph import Weight
    from kerascope.readers.saved._child import Line

__all__ = ["Hdf5Contents", "collect"]

_JSON = ("model_config", "training_config")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hdf5Contents:
    """What an HDF5 file, or an archive's weights, hold.

    Attributes:
        config: `model_config`, as it stands in the file; `None` where there is none.
        training: `training_config`, likewise.
        keras_version: Of the Keras that wrote it, where it says so.
        backend: It was written with, where it says so.
        weights: Its arrays, in the order of the file.
        names: Names that objects have beside their path in the store, by path: `{"layers/conv2d": "first"}`.
        issues: What is wrong with it.
        failed: Why it could not be read, in a sentence; `None` where it could, even if not to its end.
    """

    config: bytes | None = None
    training: bytes | None = None
    keras_version: str | None = None
    backend: str | None = None
    weights: tuple[Weight, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    issues: tuple[FileIssue, ...] = ()
    failed: str | None = None


def collect(child: Child, prefix: str = "") -> Hdf5Contents:
    """Read a child's answer about a tree to its end, or as far as it goes.

    Args:
        child: That was asked for a `tree`.
        prefix: The place of the HDF5 file in its archive, for the places of issues: `model.weights.h5/`.

    Raises:
        Cancelled: The child was told so.
    """
    answer = _Answer(prefix)
    try:
        answer.take(child.lines())
    except ChildDied as died:
        seen = f"{len(answer.arrays):,} arrays" if answer.arrays else "nothing"
        answer.issue(
            "malformed",
            prefix,
            f"the process that reads HDF5 {died}; {seen} could be read before",
            "HDF5 files are read in a process of their own, because a broken or hostile one can crash the library",
        )
        if not answer.arrays and not answer.raw:
            answer.failed = f"the process that reads HDF5 {died}"
    return answer.contents()


class _Answer:
    """What the child has said so far."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.arrays: list[Array] = []
        self.raw: dict[str, bytes] = {}
        self._texts: dict[tuple[str, str], str] = {}
        self._owners: set[str] = set()
        self._issues: list[FileIssue] = []
        self.failed: str | None = None

    def take(self, lines: Iterable[Line]) -> None:
        for line in lines:
            values = line.values
            try:
                if line.event == "array":
                    self._array(values)
                elif line.event == "owner":
                    self._owners.add(str(values["path"]))
                elif line.event == "text":
                    self._text(str(values["path"]), str(values["name"]), values["lengths"], line.payload)
                elif line.event == "issue":
                    self._child_issue(values)
                elif line.event == "failed":
                    self.failed = f"it cannot be read as HDF5: {clean_line(str(values['message']))[:MAX_NAME]}"
            except (KeyError, TypeError, ValueError, OverflowError):
                raise ChildDied("said something that is no answer") from None

    def _array(self, values: dict[str, Any]) -> None:
        unreadable = values.get("unreadable")
        if len(values["shape"]) > MAX_RANK:
            raise ValueError(values["shape"])
        self.arrays.append(
            Array(
                str(values["path"]),
                tuple(int(size) for size in values["shape"]),
                clean_line(str(values["dtype"]))[:80],
                int(values["nbytes"]),
                None if unreadable is None else clean_line(str(unreadable))[:MAX_NAME],
            )
        )

    def _text(self, path: str, name: str, lengths: list[int] | None, value: bytes) -> None:
        if path == "" and name in _JSON:
            self.raw[name] = value.rstrip(b"\0")
        elif lengths is None:
            self._texts[path, name] = _text(value)

    def _child_issue(self, values: dict[str, Any]) -> None:
        where = str(values["where"])
        shown = where or "the file"
        self.issue(str(values["kind"]), self._prefix + where, f"{shown} {values['message']}", str(values["why"]))

    def issue(self, kind: str, where: str, message: str, why: str) -> None:
        if len(self._issues) < MAX_ISSUES:
            self._issues.append(
                FileIssue(
                    kind=kind if kind in ("reference", "malformed") else "malformed",
                    message=_shown(message),
                    why=_shown(why),
                    where=_shown(where).rstrip("/"),
                )
            )

    def contents(self) -> Hdf5Contents:
        """All of it, named."""
        names = {
            path.removesuffix("vars").rstrip("/"): clean_line(value)[:MAX_NAME]
            for (path, name), value in self._texts.items()
            if name == "name" and value and (path == "vars" or path.endswith("/vars"))
        }
        return Hdf5Contents(
            config=self.raw.get("model_config"),
            training=self.raw.get("training_config"),
            keras_version=self._said("keras_version"),
            backend=self._said("backend"),
            weights=name_weights(self.arrays, self._owners, names),
            names=names,
            issues=tuple(self._issues),
            failed=self.failed,
        )

    def _said(self, name: str) -> str | None:
        for path in ("", "model_weights"):
            value = self._texts.get((path, name))
            if value:
                return clean_line(value)[:80]
        return None


def _shown(text: str) -> str:
    return clean_line(text.encode("utf-8", "replace").decode())[: 2 * MAX_NAME]


def _text(value: bytes) -> str:
    return clean_text(value.rstrip(b"\0").decode("utf-8", "replace"))
