"""What keeps a training from beginning, in a sentence for the user."""

from __future__ import annotations

__all__ = ["SetupError", "words_of"]


class SetupError(Exception):
    """The run cannot be made ready; the text is the whole answer: what there was, what was expected, what to do."""


def words_of(error: BaseException) -> str:
    """An exception in one line, for a sentence of ours: `No space left on device`, `ValueError: bad shape`."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
