"""Whether a program that called no `fit` may have trained all the same: by a loop of its own, or in other processes."""

from __future__ import annotations

import functools
import os
import resource
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["OwnLoops"]

OTHERS = {"torch": "PyTorch", "jax": "JAX"}
"""Packages that train without TensorFlow, by their modules."""


class OwnLoops:
    """Notes what a training without `fit` cannot do without; made before the program runs.

    Args:
        tensorflow: The module; `None` where Keras computes by another one, whose gradients cannot be seen.
    """

    def __init__(self, tensorflow: Any) -> None:
        self._tensorflow = tensorflow
        self._gradients = False
        self._modules = frozenset(OTHERS) & set(sys.modules)
        self._children = _used_by_children()

    def install(self) -> None:
        """Watch the ways to gradients: the tape, and `tf.gradients` with all that is built on it."""
        if self._tensorflow is None:
            return
        self._watch(self._tensorflow.GradientTape, "gradient")
        # It is not for the public, but all optimizers of TensorFlow 1 and graphs come to it.
        self._watch(sys.modules.get("tensorflow.python.ops.gradients_util"), "_GradientsHelper")

    def _watch(self, owner: Any, name: str) -> None:
        original: Callable[..., Any] | None = getattr(owner, name, None)
        if original is None:
            return

        @functools.wraps(original)
        def watched(*args: Any, **kwargs: Any) -> Any:
            self._gradients = True
            return original(*args, **kwargs)

        setattr(owner, name, watched)

    @property
    def doubt(self) -> str | None:
        """How the program may have trained, to follow "the program"; `None` where it has certainly not."""
        if self._gradients:
            return "computed gradients itself"
        if self._tensorflow is None:
            return "may have a loop of its own"
        others = [name for module, name in OTHERS.items() if module in sys.modules and module not in self._modules]
        if others:
            return f"has imported {others[0]}"
        if _has_children() or _used_by_children() != self._children:
            return "has started other processes"
        return None


def _used_by_children() -> Any:
    """What the processes have used that were started here and have ended: any of them changes it."""
    return resource.getrusage(resource.RUSAGE_CHILDREN)


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True
