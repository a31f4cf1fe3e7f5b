"""What readers of saved files raise when they cannot go on."""

from __future__ import annotations

__all__ = ["Cancelled", "Malformed"]


class Malformed(Exception):
    """A part of a file is not as its format says, or exceeds a bound; the message says so in one clean line."""


class Cancelled(Exception):
    """Reading was given up because whoever asked for it no longer wants it."""
