"""How a file is to be looked at."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LookOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookOptions:
    """What the user chose on the command line.

    Attributes:
        keras: Keras generation: `auto`, `2` or `3`.
        python: Interpreter that runs the user's file; `None` chooses one.
        timeout: Seconds the user's file may run; `None` is without limit.
        strict: Whether the file is looked at only as it is, never tolerantly.
    """

    keras: str = "auto"
    python: str | None = None
    timeout: float | None = None
    strict: bool = False
