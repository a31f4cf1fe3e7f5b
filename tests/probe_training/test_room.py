"""A backup is not begun where the disk has no room for it."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

from kerascope.probe.training.backup import ask_for_room

if TYPE_CHECKING:
    from pathlib import Path


def test_room_is_asked_for_before_anything_is_written(tmp_path: Path) -> None:
    ask_for_room(str(tmp_path), 1)
    with pytest.raises(OSError, match="No space left") as refused:
        ask_for_room(str(tmp_path), 2**62)
    assert refused.value.errno == errno.ENOSPC
