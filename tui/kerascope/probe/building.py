"""Standing in front of Keras's `build` methods without showing."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["with_before_build"]


def with_before_build(original: Any, before: Callable[[Any, Any], None]) -> Any:
    """A `build` method that calls `before(layer, input_shape)`, from one frame further in, and then the original.

    Keras 3 wraps the bound method once more and reads the parameters off that. Python before 3.11 looks through both
    wrappers, past the binding, and would find `self` among them: so this one has the parameters by itself and says
    nothing of what it wraps.
    """
    parameters = list(inspect.signature(original).parameters.values())[1:]
    build: Any
    if parameters and parameters[0].default is None:

        def build(self: Any, input_shape: Any = None) -> Any:
            before(self, input_shape)
            return original(self, input_shape)
    else:

        def build(self: Any, input_shape: Any) -> Any:
            before(self, input_shape)
            return original(self, input_shape)

    functools.update_wrapper(build, original)
    for name in ("__wrapped__", "__signature__"):
        vars(build).pop(name, None)
    return build
