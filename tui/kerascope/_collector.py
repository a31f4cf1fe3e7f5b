"""Python's garbage collector, at rest while a graph of 10,000 layers is made."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["collector_at_rest"]


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Collect no garbage meanwhile.

    Reading makes a million small objects that stay, and none that refer to each other in a ring: the collector would go
    through all of them again and again, which takes a quarter of the whole time, and find nothing. What is no longer
    referred to is freed all the same.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
