"""One Keras a process: which package it is, and every other name for Keras leading to it."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.metadata
import importlib.util
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

__all__ = ["KerasMissingError", "find_root", "import_root", "installed_versions"]

_OTHER = {"keras": "tf_keras", "tf_keras": "keras"}


class KerasMissingError(Exception):
    """This interpreter has no Keras of the generation asked for."""


def installed_versions() -> dict[str, str]:
    """Versions of the packages that matter, by distribution name, without importing them."""
    versions = {}
    for name in ("keras", "tf_keras", "tensorflow"):
        # find_spec does not import a top-level package; a folder without metadata is no installation.
        if importlib.util.find_spec(name) is None:
            continue
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            # Variants (tensorflow-cpu, tensorflow-macos, ...) and source trees carry another or no name.
            versions[name] = "unknown"
    return versions


def find_root(generation: int) -> str:
    """The name of the package that is Keras `generation` (2 or 3) here: `keras` or `tf_keras`.

    Raises:
        KerasMissingError: Nothing installed is of that generation; the message names what is.
    """
    versions = installed_versions()
    keras_major = versions.get("keras", "").split(".")[0]
    if generation == 3 and keras_major == "3":
        return "keras"
    if generation == 2 and "tf_keras" in versions:
        return "tf_keras"
    if generation == 2 and keras_major == "2":
        return "keras"
    found = ", ".join(f"{name} {version}" for name, version in versions.items()) or "no Keras and no TensorFlow"
    wanted = "keras 3 (pip install keras tensorflow)" if generation == 3 else "tf-keras (pip install tf-keras)"
    raise KerasMissingError(f"{sys.executable} has {found}; Keras {generation} needs {wanted}")


def import_root(root: str, generation: int) -> ModuleType:
    """Import Keras and make every other name for it mean the same modules.

    Under Keras 2 `keras`, `tf_keras` and `tensorflow.keras` all are tf-keras, as when such files were written; under
    Keras 3 all are Keras 3. So the two never meet in one process.
    """
    # TensorFlow reads it when it first resolves `tensorflow.keras`.
    os.environ["TF_USE_LEGACY_KERAS"] = "1" if generation == 2 else "0"
    sys.meta_path.insert(0, _AliasFinder(_OTHER[root], root))
    module = importlib.import_module(root)
    if _uses_tensorflow(module):
        # Resolved now, while the variable says what it should: the user's file may set it to something else.
        _ = importlib.import_module("tensorflow").keras.layers
    return module


def _uses_tensorflow(keras: Any) -> bool:
    backend = getattr(keras.backend, "backend", lambda: "tensorflow")()
    return str(backend) == "tensorflow"


class _AliasLoader(importlib.abc.Loader):
    def __init__(self, target: str) -> None:
        self._target = target
        self._spec: Any = None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        module = importlib.import_module(self._target)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # The import system has just written the alias's spec onto the one real module.
        module.__spec__ = self._spec


class _AliasFinder(importlib.abc.MetaPathFinder):
    """Finds `alias` and everything below it at `target`."""

    def __init__(self, alias: str, target: str) -> None:
        self._alias = alias
        self._target = target

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._alias and not fullname.startswith(self._alias + "."):
            return None
        name = self._target + fullname[len(self._alias) :]
        try:
            found = importlib.util.find_spec(name)
        except ModuleNotFoundError:
            found = None
        if found is None:
            return None
        return importlib.machinery.ModuleSpec(
            fullname, _AliasLoader(name), is_package=bool(found.submodule_search_locations)
        )
