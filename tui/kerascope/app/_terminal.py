"""What the terminal can do, found out before Textual is imported."""

from __future__ import annotations

import codecs
import locale
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["needs_ascii", "prepare_environment", "screen_refusal"]

_SSH_FPS = "15"


def screen_refusal(environ: Mapping[str, str] | None = None) -> str | None:
    """Why the screen can't be shown here, with the command that gives the same answer as text; `None` when it can."""
    environ = os.environ if environ is None else environ
    if not sys.stdout.isatty():
        reason = "standard output is not a terminal"
    elif not sys.stdin.isatty():
        reason = "standard input is not a terminal, so no key could be read"
    elif environ.get("TERM", "") in {"", "dumb", "unknown"}:
        reason = f"the terminal type is TERM={environ.get('TERM', '')!r}, which can't place text on the screen"
    else:
        return None
    return f"the screen can't be shown: {reason}. The same findings as plain text: kerascope check PATH"


def needs_ascii() -> bool:
    """Whether the locale is not UTF-8, so that only ASCII glyphs are safe to send."""
    try:
        encoding = codecs.lookup(locale.getpreferredencoding(False))
    except LookupError:
        return True
    # In UTF-8 mode Python reads and writes UTF-8 under a POSIX locale too, but the terminal may not.
    posix = (os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or "C") in {"C", "POSIX"}
    return encoding.name != "utf-8" or posix


def prepare_environment() -> None:
    """Set what Textual reads only once, when it is imported."""
    if os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"):
        os.environ.setdefault("TEXTUAL_FPS", _SSH_FPS)
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    if "NO_COLOR" in os.environ and not os.environ["NO_COLOR"]:
        # Empty means "not set" (no-color.org); Textual looks only whether it is there.
        del os.environ["NO_COLOR"]
