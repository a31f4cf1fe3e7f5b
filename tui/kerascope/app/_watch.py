"""Noticing that a file was saved, by its time and size: network file systems send no notices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FileWatch"]


_INSIDE_MOST = 64
"""Entries of a folder that are watched: a SavedModel has fewer than ten."""


class FileWatch:
    """Asked once a second; a change counts when two questions in a row see the same file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known = self._seen = self._stamp()

    def _stamp(self) -> tuple[tuple[int, int, int], ...] | None:
        try:
            stamps = [_stamp_of(self.path)]
            if self.path.is_dir():
                # Writing a file anew leaves no trace in its folder.
                inside = sorted(self.path.iterdir())[:_INSIDE_MOST]
                stamps += [_stamp_of(each) for each in inside]
        except OSError:
            return None
        return tuple(stamps)

    def remember(self) -> None:
        """Take the file as it is now as known."""
        self._known = self._seen = self._stamp()

    def poll(self) -> Literal["changed", "missing"] | None:
        """What has happened to the file: each change, and each disappearance, is told once."""
        now = self._stamp()
        stable = now == self._seen
        self._seen = now
        if not stable or now == self._known:
            return None
        self._known = now
        return "missing" if now is None else "changed"


def _stamp_of(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino
