"""What a tolerant look stood in for, moved and skipped: which models lack something, and what is said about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerascope.graph import Note, SkippedStatement, clean_line

if TYPE_CHECKING:
    from kerascope.graph import Source

__all__ = ["Tolerated", "unloaded_notes"]

Facts = dict[str, Any]

MAX_MOVED = 8
"""Moved names that the note about them lists; `Inspection.moved` has all."""

MAX_NOTES = 12
"""Skipped statements that get a note each; the others are told by their lines."""


class Tolerated:
    """The `tolerance` of a result line; everything is empty after a plain look.

    Args:
        result: The result line, `None` where there is none.
    """

    def __init__(self, result: Facts | None) -> None:
        facts: Facts = (result or {}).get("tolerance") or {}
        self._skipped: list[Facts] = facts.get("skipped", [])
        self._modules = tuple(clean_line(name) for name in facts.get("stood_in", ()))
        self._datasets = tuple(clean_line(f"keras.datasets.{name}") for name in facts.get("datasets", ()))
        self.unfinished = frozenset(facts.get("unfinished", ()))
        self.stood_in = self._modules + self._datasets
        self.moved = tuple(clean_line(text) for text in facts.get("moved", ()))
        self.skipped = tuple(
            SkippedStatement(line=entry["line"], error=clean_line(entry["error"])) for entry in self._skipped
        )

    @property
    def judged(self) -> bool:
        """Whether layers outside all models may be judged: no skipped statement could have put them into one."""
        return not any(entry["makes"] or entry["tensors"] for entry in self._skipped)

    @property
    def last_cause(self) -> SkippedStatement | None:
        """The last statement that failed of itself, not for lack of what an earlier one would have made."""
        causes = [own for own, entry in zip(self.skipped, self._skipped, strict=True) if not entry["follows"]]
        return causes[-1] if causes else None

    def lines_for(self, uid: int) -> tuple[int, ...]:
        """Lines of the skipped statements that use a model."""
        return tuple(entry["line"] for entry in self._skipped if uid in entry["models"])

    def notes(self, source: Source) -> tuple[Note, ...]:
        """What the answer rests on, for people."""
        notes = []
        if self._modules:
            notes.append(Note(message=f"stood in for: {', '.join(self._modules)} (not installed)"))
        if self._datasets:
            names = ", ".join(self._datasets)
            notes.append(Note(message=f"stood in for: {names} (not downloaded; arrays of the same shapes)"))
        if self.moved:
            others = len(self.moved) - MAX_MOVED
            more = f"; and {others} more" if others > 0 else ""
            notes.append(Note(message=f"found where they live now: {'; '.join(self.moved[:MAX_MOVED])}{more}"))
        for statement in self.skipped[:MAX_NOTES]:
            notes.append(Note(message=f"skipped: {statement.error}", path=source.path, line=statement.line))
        rest = self.skipped[MAX_NOTES:]
        if rest:
            lines = ", ".join(source.line_name(statement.line) for statement in rest)
            notes.append(Note(message=f"skipped as well: {lines}"))
        return tuple(notes)


def unloaded_notes(result: Facts | None, source: Source, real_path: str) -> tuple[Note, ...]:
    """Ready-made models whose weights were not fetched."""
    return tuple(
        Note(
            message=f"the weights of {clean_line(entry['name'])} were not loaded: looking downloads nothing; its "
            "shapes and parameter counts do not depend on them",
            path=source.path if place.get("path") == real_path else place.get("path"),
            line=place.get("line"),
        )
        for entry in (result or {}).get("unloaded", ())
        if (place := entry["place"] or {}) is not None
    )
