"""What a reader of saved files raises when it cannot go on."""

from __future__ import annotations

__all__ = ["Malformed"]


class Malformed(Exception):
    """A part of a file is not as its format says, or exceeds a bound; the message is one clean sentence about it."""
