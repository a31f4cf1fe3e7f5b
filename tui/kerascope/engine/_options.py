"""How a file is to be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kerascope.graph import Factory, Source, Target

__all__ = ["LookOptions", "Question"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookOptions:
    """What the user chose on the command line.

    Attributes:
        keras: Keras generation: `auto`, `2` or `3`.
        python: Interpreter that runs the user's file; `None` chooses one.
        timeout: Seconds the user's file may run; `None` is without limit.
        arguments: What the file finds in `sys.argv` behind its own name.
        strict: Whether the file is looked at only as it is, never tolerantly.
        resolve: Whether a real Keras is asked about a saved model, too.
        traceless: Whether all that the user's file makes on disk is taken back, because it will be run again for real.
        names: Kinds and names of losses, optimizers and metrics, of which Keras is asked whether it knows them.
        trust: Whether it is asked also where the file carries code, which then runs, or points elsewhere.
    """

    keras: str = "auto"
    python: str | None = None
    timeout: float | None = None
    arguments: tuple[str, ...] = ()
    strict: bool = False
    traceless: bool = False
    names: tuple[tuple[str, str], ...] = ()
    resolve: bool = False
    trust: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is put to Keras: a program, and what in it is asked for.

    Attributes:
        target: What the user named.
        source: The program as it will be shown; its path names the file in all results.
        text: The program text; exactly this is executed.
        path: The file's path on disk, absolute.
        module: Dotted name it is imported by, `None` to run it as `python FILE` does.
        root: The directory that a module is imported from.
        factories: Functions and classes of the file that make models.
    """

    target: Target
    source: Source
    text: str
    path: str
    module: str | None = None
    root: str | None = None
    factories: tuple[Factory, ...] = ()
