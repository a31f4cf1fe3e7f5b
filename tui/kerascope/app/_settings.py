"""What the command line chose for all screens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What trainings and the list of runs need to know.

    Attributes:
        keras: Keras generation as it was named: `auto`, `2`, `3` or `both`.
        python: Interpreter as it was named, `None` where none was.
        arguments: What a program finds in `sys.argv`.
        runs_dir: Directory of runs as it was named, `None` where none was.
    """

    keras: str = "auto"
    python: str | None = None
    arguments: tuple[str, ...] = ()
    runs_dir: str | None = None

    @property
    def runs(self) -> Path:
        """The directory that holds the runs, absolute."""
        # Only here: `kerascope --help` needs none of what reading runs imports.
        from kerascope.runs import default_directory

        return default_directory(self.runs_dir).absolute()
