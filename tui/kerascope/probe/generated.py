"""Source files that TensorFlow generates from the user's functions: which lines they stand for, and where they go.

Keras 2 runs a layer's `call` through AutoGraph, which writes it anew into a temporary file: there a frame is at a line
of that file. AutoGraph removes the files when the process exits in good order, which a look's process never does, and
leaves their compiled form behind even then. Here they go into a folder that whoever started the look removes.
"""

from __future__ import annotations

import os
import sys
import tempfile
import types
from typing import Any

__all__ = ["GeneratedSources"]

_PREFIX = "__autograph_generated_file"


class GeneratedSources:
    """Notes the files as AutoGraph makes them."""

    def __init__(self) -> None:
        self._maps: dict[str, Any] = {}

    def watch(self, folder: str) -> None:
        """Begin to note; without TensorFlow there is nothing to.

        Args:
            folder: Where the files shall go; it is made when there is one.
        """
        loader = sys.modules.get("tensorflow.python.autograph.pyct.loader")
        transpiler = sys.modules.get("tensorflow.python.autograph.pyct.transpiler")
        if loader is None or transpiler is None:
            return
        make_file = tempfile.NamedTemporaryFile

        def named_temporary_file(**options: Any) -> Any:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            return make_file(**{**options, "dir": folder})

        vars(loader)["tempfile"] = types.SimpleNamespace(NamedTemporaryFile=named_temporary_file)
        original = transpiler.PyToPy.transform_function
        maps = self._maps

        def transform_function(self: Any, fn: Any, user_context: Any) -> Any:
            transformed, module, source_map = original(self, fn, user_context)
            # Keyed by (file, line): AutoGraph's LineLocation is a named tuple of just these.
            maps.setdefault(str(getattr(module, "__file__", "")), {}).update(source_map)
            return transformed, module, source_map

        transpiler.PyToPy.transform_function = transform_function

    def holds(self, filename: str) -> bool:
        """Whether a file is one of AutoGraph's."""
        return _PREFIX in filename

    def origin(self, filename: str, line: int) -> tuple[str, int, str] | None:
        """File, line and function that a line was generated from; `None` for AutoGraph's own code in between."""
        found = self._maps.get(filename, {}).get((filename, line))
        return None if found is None else (found.loc.filename, found.loc.lineno, found.function_name)
