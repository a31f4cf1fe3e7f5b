"""Copying past tmux, which swallows the escape sequence that copies."""

from __future__ import annotations

import asyncio
import os

__all__ = ["copy_by_tmux"]

_TIMEOUT = 2.0


async def copy_by_tmux(text: str) -> bool:
    """Hand `text` to tmux, which passes it on to the terminal (`-w`); whether tmux took it. False outside of tmux."""
    if not os.environ.get("TMUX"):
        return False
    try:
        process = await asyncio.create_subprocess_exec(
            "tmux",
            "load-buffer",
            "-w",
            "-",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return False
    try:
        await asyncio.wait_for(process.communicate(text.encode()), _TIMEOUT)
    except (asyncio.TimeoutError, OSError):
        process.kill()
        return False
    return process.returncode == 0
