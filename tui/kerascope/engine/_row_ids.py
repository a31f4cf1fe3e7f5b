"""Ids of a model's rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["RowIds"]


class RowIds:
    """Ids of a model's rows: unique although a shared layer can stand under several parents."""

    def __init__(self, number: int) -> None:
        self._prefix = f"m{number}"
        self._ids: dict[str, tuple[int, str | None]] = {}
        self._last: dict[int, str] = {}
        self.top: dict[int, str] = {}

    def add(self, uid: int, parent_uid: int | None) -> str:
        # Rows come parents first, so the parent of a nested row is the last row made for its uid.
        parent = self._last.get(parent_uid) if parent_uid is not None else None
        base = f"{parent or self._prefix}/{uid}"
        row_id, copy = base, 2
        while row_id in self._ids:
            row_id, copy = f"{base}~{copy}", copy + 1
        self._ids[row_id] = (uid, parent)
        self._last[uid] = row_id
        if parent is None:
            self.top[uid] = row_id
        return row_id

    def parent_of(self, row_id: str) -> str | None:
        return self._ids[row_id][1]

    def resolve(self, uids: Iterable[int], row_id: str) -> tuple[str, ...]:
        """Ids of the rows with these uids beside `row_id`; hidden ones (a Sequential's own InputLayer) fall away."""
        base = self.parent_of(row_id) or self._prefix
        return tuple(found for uid in uids if (found := f"{base}/{uid}") in self._ids)
