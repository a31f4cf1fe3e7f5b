"""What people do with runs that are there: give them names and notes, delete them."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from kerascope.runs._layout import ABOUT_FILE, RUN_FILE, read_json, write_json
from kerascope.runs._read import read_run

if TYPE_CHECKING:
    from kerascope.runs._run import Run

__all__ = ["DeleteError", "check_name", "delete_run", "describe_run"]


class DeleteError(Exception):
    """The run is not deleted; the text says why, and what to do."""


def check_name(run: Run, name: str) -> None:
    """Refuse a name that would never find its run.

    Raises:
        ValueError: It means another run; the text says which.
    """
    if name == "last":
        raise ValueError("received the name 'last', which always means the youngest run; give another name")
    plain = name not in ("", ".", "..") and os.sep not in name
    if plain and name != run.id and (run.directory.parent / name / RUN_FILE).exists():
        raise ValueError(f"received the name {name!r}, which is the id of another run; give another name")


def describe_run(run: Run, *, name: str | None = None, note: str | None = None) -> None:
    """Give a run a name, a note, or both; an empty text takes one away, `None` leaves it.

    Raises:
        ValueError: The name means another run.
        OSError: Its directory cannot be written.
    """
    if name is not None:
        check_name(run, name)
    path = run.directory / ABOUT_FILE
    try:
        facts = read_json(path)
    except (OSError, ValueError):
        facts = {}
    given = {key: value for key, value in (("name", name), ("note", note)) if value is not None}
    write_json(path, {**facts, **given})


def delete_run(run: Run, *, gone: bool = False) -> None:
    """Delete a run's directory with everything in it.

    Args:
        run: The run; it is read again.
        gone: Whether somebody vouches that the machine or container is gone that it ran in out of our sight.

    Raises:
        DeleteError: It is alive, is no run's directory, or cannot be deleted.
    """
    now = read_run(run.directory)
    if now.elsewhere and not gone:
        raise DeleteError(now.unseen("delete", "deletes it"))
    if now.alive and not now.elsewhere:
        raise DeleteError(f"{run.id} is {now.status.value}; stop it before it is deleted")
    if run.directory.is_symlink() or not (run.directory / RUN_FILE).exists():
        raise DeleteError(f"{run.directory} is no run's directory, so it is left alone")
    try:
        shutil.rmtree(run.directory)
    except OSError as error:
        raise DeleteError(f"{run.id} cannot be deleted: {error.filename}: {error.strerror}") from None
