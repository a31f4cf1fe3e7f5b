"""The screen. Importing this package imports no Textual; `run_app` does."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from kerascope.app._settings import Settings
from kerascope.app._terminal import needs_ascii, prepare_environment, screen_refusal

if TYPE_CHECKING:
    from pathlib import Path

    from kerascope.app._protocol import Inspector, Trainer
    from kerascope.graph import Target

__all__ = ["Settings", "run_app", "run_app_on_run", "screen_refusal"]


def run_app(
    inspector: Inspector,
    target: Target | None,
    *,
    ascii_only: bool = False,
    compare: bool = False,
    trainer: Trainer | None = None,
    settings: Settings | None = None,
) -> int:
    """Show the screen on `target` until it is quit; of runs that were at work here it is said that they go on.

    Args:
        inspector: Looks at files; closed before this returns.
        target: The file to open, and what in it; `None` lists the runs there are, else the files here.
        ascii_only: Draw with ASCII only; also done when the locale is not UTF-8.
        compare: Show what both Keras generations say from the start.
        trainer: Starts trainings; `None` starts none.
        settings: What the command line chose for them.

    Returns:
        The exit status: 0, 129 when the terminal hung up, 143 after SIGTERM.
    """
    prepare_environment()
    # Only here: Textual reads the environment when it is imported, and costs a quarter of a second.
    from kerascope.app._desk import Desk
    from kerascope.app._local_runs import LocalRuns
    from kerascope.app.app import KerascopeApp

    desk = Desk(LocalRuns(trainer), trainer, settings or Settings()) if trainer is not None else None
    app = KerascopeApp(inspector, target, ascii_only=ascii_only or needs_ascii(), compare=compare, desk=desk)

    async def main() -> int:
        try:
            await app.run_async()
        finally:
            await inspector.close()
        return app.return_code or 0

    status = asyncio.run(main())
    for sentence in desk.farewells() if desk is not None else ():
        print(f"kerascope: {sentence}", file=sys.stderr)
    return status


def run_app_on_run(directory: Path, *, ascii_only: bool = False, trainer: Trainer | None = None) -> int:
    """Show the screen on a training run until it is left; the run goes on, which is said on leaving.

    Args:
        directory: The run's directory.
        ascii_only: Draw with ASCII only; also done when the locale is not UTF-8.
        trainer: Lets the run go on when it has ended; `None` does not.

    Returns:
        The exit status: 0, 129 when the terminal hung up, 143 after SIGTERM.
    """
    prepare_environment()
    from kerascope.app._local_runs import LocalRuns
    from kerascope.app.app import KerascopeApp
    from kerascope.app.screens.run import RunScreen

    app = KerascopeApp(
        None,
        None,
        ascii_only=ascii_only or needs_ascii(),
        first=lambda marks: RunScreen(LocalRuns(trainer), directory, marks),
        styles=("screens/run.tcss", "widgets/log_view.tcss"),
    )
    app.run()
    return app.return_code or 0
