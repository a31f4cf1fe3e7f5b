"""Ready-made models without their weights: looking downloads nothing, and shapes do not depend on what is in a weight.

Keras's own builders (`keras.applications`) fetch a file of weights and load it into the model they have built. Here
the fetching answers with a path that nothing stands at, and loading from it does nothing; everything else, and so the
architecture, is what Keras does for the weights that were asked for.
"""

from __future__ import annotations

import functools
import importlib
import json
import socket
import sys
import tempfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .adapters import Adapter
    from .places import Places
    from .recorder import Recorder

__all__ = ["Pretrained"]

_CLASSES = 1000
"""Classes of ImageNet, whose names `decode_predictions` fetches."""


SILENCE = 5.0
"""Seconds of silence after which a download of Keras's fails: behind a firewall it would wait for minutes."""


class _NotFetched(str):
    """The path a file of weights would have been fetched to."""


class Pretrained:
    """Keeps `keras.applications` from fetching, and notes whose weights were not loaded.

    Attributes:
        unloaded: `{"model", "name", "place"}` of every model that was left with the weights it was made with.
    """

    def __init__(self, adapter: Adapter, recorder: Recorder, places: Places) -> None:
        self._adapter = adapter
        self._recorder = recorder
        self._places = places
        self._names: Any = None
        self.unloaded: list[dict[str, Any]] = []

    def install(self) -> None:
        """Replace the fetching that Keras's builders call, and the loading."""
        for name in ("file_utils", "data_utils"):
            try:
                module = importlib.import_module(f"{self._adapter.root.__name__}.src.utils.{name}")
            except ModuleNotFoundError:
                continue  # each generation has it in another module
            if "get_file" in vars(module):
                module.get_file = self._fetching(module.get_file)  # type: ignore[attr-defined]
            if "urlretrieve" in vars(module):
                vars(module)["urlretrieve"] = _impatient(vars(module)["urlretrieve"])
        model_class = self._adapter.model_class
        model_class.load_weights = self._loading(model_class.load_weights)

    def _fetching(self, original: Any) -> Any:
        @functools.wraps(original)
        def get_file(*args: Any, **kwargs: Any) -> Any:
            # The user's own `keras.utils.get_file` is another name, and theirs to call.
            if self._places.owner(sys._getframe(1).f_code.co_filename) != "applications":
                return original(*args, **kwargs)
            name = str(args[0] if args else kwargs.get("fname", ""))
            return self._class_names() if name.endswith(".json") else _NotFetched(name)

        return get_file

    def _loading(self, original: Any) -> Any:
        @functools.wraps(original)
        def load_weights(model: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
            if not isinstance(filepath, _NotFetched):
                return original(model, filepath, *args, **kwargs)
            place = self._places.user_place(sys._getframe(1))
            uid = self._recorder.uid(model)
            self.unloaded.append({"model": uid, "name": str(model.name), "place": place})
            return None

        return load_weights

    def _class_names(self) -> str:
        """A file with names for ImageNet's classes: numbers, since predictions are none either."""
        if self._names is None:
            # Without a name of its own in the file system, it is gone with this process.
            self._names = tempfile.TemporaryFile("w+", encoding="ascii")
            json.dump({str(number): [f"n{number:08}", f"class_{number}"] for number in range(_CLASSES)}, self._names)
            self._names.flush()
        self._names.seek(0)
        return f"/dev/fd/{self._names.fileno()}"


def _impatient(original: Any) -> Any:
    @functools.wraps(original)
    def urlretrieve(*args: Any, **kwargs: Any) -> Any:
        before = socket.getdefaulttimeout()
        socket.setdefaulttimeout(SILENCE if before is None else min(before, SILENCE))
        try:
            return original(*args, **kwargs)
        finally:
            socket.setdefaulttimeout(before)

    return urlretrieve
