"""The directory of a new run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kerascope.runs import TrainSpec, create_run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("path", "module", "stem"),
    [
        ("/x/train.py", None, "train"),
        ("/x/pk/tr.py", "pk.tr", "tr"),
        ("/x/pk/sub/__main__.py", "pk.sub.__main__", "sub"),
        ("/x/pk/__init__.py", "pk", "pk"),
        ("/x/pk/__main__.py", None, "pk"),
        ("/__main__.py", None, "__main__"),
    ],
)
def test_the_id_says_what_is_trained(path: str, module: str | None, stem: str, tmp_path: Path) -> None:
    directory = create_run(TrainSpec(path=path, shown=path, module=module), tmp_path)
    assert directory.name.split("-", 2)[2] == stem
