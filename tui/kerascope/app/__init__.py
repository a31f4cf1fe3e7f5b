"""The screen. Importing this package imports no Textual; `run_app` does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kerascope.app._terminal import needs_ascii, prepare_environment, screen_refusal

if TYPE_CHECKING:
    from pathlib import Path

    from kerascope.app._protocol import Inspector
    from kerascope.graph import Target

__all__ = ["run_app", "run_app_on_run", "screen_refusal"]


def run_app(inspector: Inspector, target: Target, *, ascii_only: bool = False, compare: bool = False) -> int:
    """Show the screen on `target` until it is quit.

    Args:
        inspector: Looks at files; closed before this returns.
        target: The file to open, and what in it.
        ascii_only: Draw with ASCII only; also done when the locale is not UTF-8.
        compare: Show what both Keras generations say from the start.

    Returns:
        The exit status: 0, 129 when the terminal hung up, 143 after SIGTERM.
    """
    prepare_environment()
    # Only here: Textual reads the environment when it is imported, and costs a quarter of a second.
    from kerascope.app.app import KerascopeApp

    app = KerascopeApp(inspector, target, ascii_only=ascii_only or needs_ascii(), compare=compare)

    async def main() -> int:
        try:
            await app.run_async()
        finally:
            await inspector.close()
        return app.return_code or 0

    return asyncio.run(main())


def run_app_on_run(directory: Path, *, ascii_only: bool = False) -> int:
    """Show the screen on a training run until it is left; the run goes on, which is said on leaving.

    Args:
        directory: The run's directory.
        ascii_only: Draw with ASCII only; also done when the locale is not UTF-8.

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
        first=lambda marks: RunScreen(LocalRuns(), directory, marks),
        styles=("screens/run.tcss", "widgets/log_view.tcss"),
    )
    app.run()
    return app.return_code or 0
