"""The records of a run as a file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kerascope.probe.training.events import Events

if TYPE_CHECKING:
    from pathlib import Path


def test_who_may_read_the_records_is_the_umask_s_to_say(tmp_path: Path) -> None:
    before = os.umask(0o002)
    try:
        Events(str(tmp_path)).write("notice", message="hm")
    finally:
        os.umask(before)
    assert (tmp_path / "events.jsonl").stat().st_mode & 0o777 == 0o664
