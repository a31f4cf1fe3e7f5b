"""Exit codes, where possible those of sysexits.h."""

from __future__ import annotations

__all__ = ["BROKEN_PIPE", "FAILED", "FINDINGS", "INTERNAL", "INTERRUPTED", "NOTHING", "NO_OUTPUT", "USAGE"]

NOTHING = 0
"""No findings, or none above `info`."""
FINDINGS = 1
"""At least one warning or error."""
FAILED = 2
"""At least one path could not be looked at."""
USAGE = 64
"""The command line itself is wrong (EX_USAGE of sysexits.h)."""
INTERNAL = 70
"""An error of our own (EX_SOFTWARE): it must not look like a finding."""
NO_OUTPUT = 74
"""Standard output could not be written (EX_IOERR)."""
INTERRUPTED = 130
"""Ctrl+C, as a shell reports it: 128 and the number of SIGINT."""
BROKEN_PIPE = 141
"""Whoever read our output went away, as a shell reports it: 128 and the number of SIGPIPE."""
