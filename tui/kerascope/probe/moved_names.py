"""Old names of Keras that lead to where the same thing lives now, and old arguments of optimizers.

Only public names of the Keras that answers are handed out, under a name that it had in an earlier release. What is gone
stays an error.
"""

from __future__ import annotations

import functools
import importlib
import importlib.abc
import importlib.machinery
import inspect
import sys
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

    from .adapters import Adapter

__all__ = ["MovedNames"]

_PREFIXES = (
    "tensorflow.compat.v1.keras",
    "tensorflow.compat.v2.keras",
    "tensorflow.keras",
    "keras._tf_keras.keras",
    "tf_keras.api._v2.keras",
    "tf_keras",
    "keras",
)
"""Names that the top of Keras goes by, longer ones first."""

_COMPATIBLE = ("tensorflow.compat.v1.keras", "tensorflow.compat.v2.keras")

_LAYERS = (
    *("core", "convolutional", "pooling", "recurrent", "embeddings", "normalization", "advanced_activations"),
    *("wrappers", "merge", "noise", "local", "convolutional_recurrent", "cudnn_recurrent", "attention"),
    *("preprocessing", "experimental", "experimental.preprocessing"),
)
_UTILS = ("np_utils", "vis_utils", "generic_utils", "data_utils", "io_utils", "layer_utils", "conv_utils", "tf_utils")
_ENGINE = (
    *("topology", "training", "base_layer", "base_layer_v1", "input_layer", "input_spec", "sequential"),
    *("functional", "network", "saving"),
)

_MODULES: dict[str, tuple[str, ...]] = {
    **{f"layers.{name}": ("layers", "") for name in _LAYERS},
    **{f"utils.{name}": ("utils", "saving") for name in _UTILS},
    **{f"engine.{name}": ("", "layers", "models", "utils") for name in _ENGINE},
    "engine": ("", "layers", "models", "utils"),
    "objectives": ("losses",),
    "optimizers.legacy": ("optimizers",),
    "optimizers.experimental": ("optimizers",),
    "optimizers.optimizer_v2": ("optimizers",),
    "optimizers.schedules": ("optimizers.schedules",),
    "preprocessing.image": ("preprocessing.image", "utils"),
    "preprocessing.text": ("preprocessing.text",),
    "preprocessing.sequence": ("preprocessing.sequence", "utils"),
    "callbacks.callbacks": ("callbacks",),
    "applications.resnet": ("applications.resnet", "applications"),
}
"""Old modules, and where their names may live now, the likeliest first."""

_HOMES = (
    *("layers", "models", "utils", "optimizers", "optimizers.schedules", "optimizers.legacy", "losses", "metrics"),
    *("backend", "callbacks", "preprocessing", "preprocessing.image", "preprocessing.sequence", "applications"),
    *("datasets", "initializers", "regularizers", "constraints", "activations", "saving", "ops"),
)
"""Modules that stand where they always did, but may have lost names."""

_ALSO = {"models": ("models", ""), "utils": ("utils", "saving")}
"""Modules that stand where they always did, and where names that they have lost may live now."""

_RENAMED = {"CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU"}
"""The same layer; the fast kernel is now chosen when it can be."""

_DROPPED = ("decay", "schedule_decay")


class MovedNames:
    """Finds old modules and names.

    Attributes:
        moved: What was found where, one text each: `keras.layers.core.Dense is keras.layers.Dense`.
    """

    def __init__(self, adapter: Adapter) -> None:
        self._root = adapter.root.__name__
        self._generation = adapter.generation
        self._optimizer = adapter.root.optimizers.Optimizer
        self.moved: list[str] = []

    def install(self) -> None:
        """Let old names be found, in every module that goes by the name of Keras."""
        self._take_out_legacy_optimizers()
        for prefix in self._tops():
            for home in ("", *_HOMES):
                module = _import_or_none(".".join(filter(None, (prefix, home))))
                if module is not None and "__getattr__" not in vars(module):
                    vars(module)["__getattr__"] = self._fallback(".".join(filter(None, (prefix, home))))
        sys.meta_path.append(_Finder(self))
        self._accept_old_arguments()

    def note(self, text: str) -> None:
        """List a name that was found elsewhere, once."""
        if text not in self.moved:
            self.moved.append(text)

    def _tops(self) -> list[str]:
        """The modules that are the top of this Keras; TensorFlow's own copies of them are modules of their own."""
        names = [self._root, "keras._tf_keras.keras"] if self._generation == 3 else [self._root]
        return [*names, "tensorflow.keras"] if "tensorflow" in sys.modules else names

    # ------------------------------------------------------------------ names

    def find(self, module: str, name: str) -> tuple[Any, str]:
        """The object an old name means, and its name now.

        Raises:
            AttributeError: There is no such thing in this Keras.
        """
        rest = rest_of(module)
        if rest is not None and not name.startswith("_"):
            inner = ".".join(filter(None, (rest, name)))
            if inner in _MODULES or (module.startswith(_COMPATIBLE) and inner in _HOMES):
                return importlib.import_module(f"{module}.{name}"), ""
            homes = _MODULES.get(rest) or _ALSO.get(rest) or (rest,)
            wanted = _RENAMED.get(name, name) if homes[0] == "layers" else name
            for home in homes:
                found = self._in_home(home, wanted)
                if found is not None:
                    return found
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    def _in_home(self, home: str, name: str) -> tuple[Any, str] | None:
        # Keras 3 keeps what it still has of earlier releases in the part that stands for `tf.keras`.
        for top in dict.fromkeys((self._root, "keras._tf_keras.keras" if self._generation == 3 else self._root)):
            module = _import_or_none(".".join(filter(None, (top, home))))
            public = vars(module) if module is not None else {}
            names = [name]
            if home == "optimizers":
                names += [other for other in public if other.lower() == name and inspect.isclass(public[other])]
            for candidate in names:
                value = public.get(candidate)
                if value is not None and not inspect.ismodule(value):
                    where = "keras" if top == self._root else "tensorflow.keras"
                    return value, ".".join(filter(None, (where, home, candidate)))
        return None

    def public_names(self, module: str) -> list[str]:
        """What `from MODULE import *` brings."""
        homes = _MODULES.get(rest_of(module) or "", ())
        home = _import_or_none(".".join(filter(None, (self._root, homes[0])))) if homes else None
        return [
            name
            for name, value in vars(home).items()
            if home is not None and not name.startswith("_") and not inspect.ismodule(value)
        ]

    def _fallback(self, module: str) -> Callable[[str], Any]:
        def __getattr__(name: str) -> Any:
            value, now = self.find(module, name)
            if now:
                self.note(f"{shown(module)}.{name} is {now}")
            return value

        return __getattr__

    def _take_out_legacy_optimizers(self) -> None:
        """Keras 3 has classes of these names that can only raise."""
        if self._generation != 3:
            return
        for top in self._tops():
            module = _import_or_none(f"{top}.optimizers.legacy")
            for name, value in list(vars(module).items()) if module is not None else ():
                if inspect.isclass(value) and not issubclass(value, self._optimizer):
                    del vars(module)[name]

    # ------------------------------------------------------------------ arguments

    def _accept_old_arguments(self) -> None:
        optimizers = importlib.import_module(f"{self._root}.optimizers")
        for value in list(vars(optimizers).values()):
            if inspect.isclass(value) and issubclass(value, self._optimizer) and "__init__" in vars(value):
                initialize = self._with_old_arguments(value.__name__, vars(value)["__init__"])
                setattr(value, "__init__", initialize)  # noqa: B010 - mypy has it that methods cannot be assigned

    def _with_old_arguments(self, class_name: str, original: Any) -> Any:
        @functools.wraps(original)
        def init(optimizer: Any, *args: Any, **kwargs: Any) -> None:
            if "lr" in kwargs:
                rate = kwargs.pop("lr")
                if not args:
                    kwargs.setdefault("learning_rate", rate)
                self.note(f"{class_name}(lr=...) is learning_rate")
            for name in _DROPPED:
                if name in kwargs:
                    del kwargs[name]
                    self.note(f"{class_name}({name}=...) is left out")
            original(optimizer, *args, **kwargs)

        return init


def rest_of(module: str) -> str | None:
    """The part of a module's name below the top of Keras; `None` for a module of something else."""
    for prefix in _PREFIXES:
        if module == prefix or module.startswith(prefix + "."):
            return module[len(prefix) + 1 :]
    return None


def shown(module: str) -> str:
    """A module's name as people write it."""
    for inner in ("keras._tf_keras.keras", "tf_keras.api._v2.keras", "tf_keras"):
        if module == inner or module.startswith(inner + "."):
            return "keras" + module[len(inner) :]
    return module


def _import_or_none(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None  # this Keras has no such module; its names are looked for elsewhere


class _MovedModule(types.ModuleType):
    """A module of an earlier release, whose names stand elsewhere now."""

    _names: MovedNames
    _star = False

    def __getattr__(self, name: str) -> Any:
        names = vars(self).get("_names")
        if names is None:
            raise AttributeError(name)
        if name == "__all__":
            vars(self)["_star"] = True
            home = (_MODULES.get(rest_of(self.__name__) or "") or ("",))[0]
            names.note(f"{shown(self.__name__)} is {'.'.join(filter(None, ('keras', home)))}")
            return names.public_names(self.__name__)
        value, now = names.find(self.__name__, name)
        if now and not vars(self).get("_star"):
            names.note(f"{shown(self.__name__)}.{name} is {now}")
        return value


class _Loader(importlib.abc.Loader):
    def __init__(self, names: MovedNames) -> None:
        self._names = names

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        module = _MovedModule(spec.name)
        vars(module)["_names"] = self._names
        return module

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run: names are found when they are asked for."""


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the old modules that nothing else finds."""

    def __init__(self, names: MovedNames) -> None:
        self._names = names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        rest = rest_of(fullname)
        # TensorFlow's compatible modules have no Keras in them where Keras is of the third generation.
        compatible = fullname.startswith(_COMPATIBLE) and rest in ("", *_HOMES)
        if rest not in _MODULES and not compatible:
            return None
        return importlib.machinery.ModuleSpec(fullname, _Loader(self._names), is_package=True)
