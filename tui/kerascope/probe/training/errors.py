"""What keeps a training from beginning, in a sentence for the user."""

from __future__ import annotations

__all__ = ["SetupError"]


class SetupError(Exception):
    """The run cannot be made ready; the text is the whole answer: what there was, what was expected, what to do."""
