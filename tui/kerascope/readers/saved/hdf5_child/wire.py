"""What the child says, in lines that are collected so that a large tree is not thousands of writes."""

from __future__ import annotations

import json
import os
import time
from typing import Any

__all__ = ["Answer"]

_ENCODE = json.JSONEncoder(separators=(",", ":")).encode

FULL = 1 << 16
"""Bytes collected before they are written."""

QUIET_SECONDS = 0.5
"""Seconds after which something is written all the same: the parent takes a silent child for a hanging one."""


class Answer:
    """The answer on a descriptor.

    Args:
        descriptor: Where to write.
        most: Bytes that may be written in all; `Answer.full` tells when no more fits.
        most_issues: Issues of one kind that are written.
    """

    def __init__(self, descriptor: int, most: int, most_issues: int) -> None:
        self._descriptor = descriptor
        self._left = most
        self._most_issues = most_issues
        self._parts: list[bytes] = []
        self._waiting = 0
        self._written = time.monotonic()
        self.full = False
        self.issues: dict[str, int] = {}

    def say(self, event: str, payload: bytes | None = None, *, at_once: bool = False, **values: Any) -> None:
        """Say one thing.

        Args:
            event: What it is.
            payload: Raw bytes that follow the line.
            at_once: Whether to write all that was collected now.
            values: The rest of the line.
        """
        if payload is not None:
            values["bytes"] = len(payload)
        line = _ENCODE({"event": event, **values}).encode("ascii") + b"\n"
        size = len(line) + len(payload or b"")
        if size > self._left and event != "end":
            self.full = True
            return
        self._left -= size
        self._parts.append(line)
        if payload:
            self._parts.append(payload)
        self._waiting += size
        if at_once or self._waiting > FULL or time.monotonic() - self._written > QUIET_SECONDS:
            self.flush()

    def alive(self) -> None:
        """Write something if nothing was written for a while."""
        if time.monotonic() - self._written > QUIET_SECONDS:
            self.say("alive")

    def issue(self, kind: str, where: str, message: str, why: str) -> None:
        """Report an issue of a kind (`reference`, `malformed`); beyond a bound only their number is kept.

        Args:
            kind: As `FileIssue.kind`.
            where: Path in the file.
            message: One sentence.
            why: What that means.
        """
        self.issues[kind] = self.issues.get(kind, 0) + 1
        if self.issues[kind] <= self._most_issues:
            self.say("issue", kind=kind, where=where, message=message, why=why)

    def flush(self) -> None:
        """Write what was collected."""
        data = memoryview(b"".join(self._parts))
        self._parts, self._waiting = [], 0
        while data:
            data = data[os.write(self._descriptor, data) :]
        self._written = time.monotonic()
