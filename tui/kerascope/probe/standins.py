"""Inert stand-ins for modules that are not installed.

A stand-in lets a program go past what it does with a missing package, and nothing more: whatever would turn it into a
number, a length, a truth value, an iteration or an array is an error that names the package. So no shape can come out
of one.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import inspect
import linecache
import os
import sys
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType, ModuleType

    from .places import Places

__all__ = ["Inert", "StandInFinder", "catchable", "refuse_inside"]

MAX_DEPTH = 4
MAX_ITEMS = 64
"""Items of an argument, and lists inside lists, that are looked through."""

_NEVER = frozenset({"keras", "tensorflow", "tf_keras"})

_GONE = {
    *("asynchat", "asyncore", "cgi", "cgitb", "crypt", "distutils", "imghdr", "imp", "lib2to3", "mailcap", "msilib"),
    *("nis", "nntplib", "pipes", "smtpd", "sndhdr", "spwd", "sunau", "telnetlib", "uu", "xdrlib"),
}
"""Modules that later Pythons have taken out of the standard library: theirs is not a missing package."""


class _NeverRaised(Exception):
    """What `except cv2.error` catches where there is no cv2."""


class InertBase:
    """What a class has for a base where the real one is missing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take whatever the real one would have taken."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Take whatever the real one would have taken."""


class Inert:
    """An object of a missing module: can be named, called, indexed and passed on, and has no value.

    Args:
        name: Dotted name by which it was reached, `cv2.imread`.
    """

    __array_ufunc__ = None  # so that an array leaves `array + inert` to us

    def __init__(self, name: str) -> None:
        object.__setattr__(self, "_inert_name", name)

    def __getattr__(self, name: str) -> Any:
        # Keras and NumPy tell tensors, arrays and layers by such attributes; nothing of that kind may be here.
        if name.startswith("_") and name != "__version__":
            raise AttributeError(f"{name_of(self)} {_WHAT} has no {name}")
        return Inert(f"{name_of(self)}.{name}")

    def __setattr__(self, name: str, value: Any) -> None:
        """Settings of a module that is not there have no effect."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and (inspect.isfunction(args[0]) or inspect.isclass(args[0])):
            return args[0]  # used as a decorator
        return Inert(f"{name_of(self)}()")

    def __getitem__(self, key: Any) -> Any:
        return Inert(f"{name_of(self)}[]")

    def __setitem__(self, key: Any, value: Any) -> None:
        """Has no effect, like `__setattr__`."""

    def __delitem__(self, key: Any) -> None:
        """Has no effect, like `__setattr__`."""

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        if any(base is not object and not isinstance(base, Inert) for base in bases):
            # What such a layer does, and so its shapes, would lack the missing part.
            raise TypeError(_refusal(self, "methods to share a class with others"))
        return (InertBase,) if next(base for base in bases if isinstance(base, Inert)) is self else ()

    def __instancecheck__(self, instance: Any) -> bool:
        return False

    def __subclasscheck__(self, subclass: Any) -> bool:
        return False

    def __copy__(self) -> Inert:
        return self

    def __deepcopy__(self, memo: Any) -> Inert:
        return self

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> Any:
        return Inert(f"{name_of(self)}==")

    def __ne__(self, other: object) -> Any:
        return Inert(f"{name_of(self)}!=")

    def __repr__(self) -> str:
        return f"<{name_of(self)}, stood in for>"

    def __format__(self, spec: str) -> str:
        return repr(self)


_WHAT = "(stood in for)"


def name_of(inert: Inert) -> str:
    """The dotted name by which a stand-in was reached."""
    return str(object.__getattribute__(inert, "_inert_name"))


def _refusing(lacks: str) -> Callable[..., Any]:
    def refuse(inert: Inert, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(_refusal(inert, lacks))

    return refuse


def _refusal(inert: Inert, lacks: str) -> str:
    package = name_of(inert).partition(".")[0].rstrip("()[]=!")
    return f"{package} is not installed here and stood in for; {name_of(inert)} has no {lacks}"


def refuse_inside(value: Any, depth: int = 0) -> None:
    """Refuse a stand-in as, or inside, a value that a shape may depend on.

    Raises:
        TypeError: There is one.
    """
    if issubclass(type(value), Inert):
        raise TypeError(_refusal(value, "value"))
    if type(value) in (list, tuple) and depth < MAX_DEPTH:
        for item in value[:MAX_ITEMS]:
            refuse_inside(item, depth + 1)


def _result_of(symbol: str) -> Callable[..., Any]:
    def calculate(inert: Inert, *args: Any) -> Any:
        return Inert(f"{name_of(inert)}{symbol}")

    return calculate


for _lacks, _methods in {
    "value": ("__int__", "__float__", "__complex__", "__index__", "__round__", "__trunc__", "__floor__", "__ceil__"),
    "length": ("__len__", "__length_hint__"),
    "truth value": ("__bool__", "__contains__"),
    "items": ("__iter__", "__next__", "__reversed__"),
    "array": ("__array__",),
}.items():
    for _method in _methods:
        setattr(Inert, _method, _refusing(_lacks))
for _name in (
    *("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "divmod", "pow"),
    *("lshift", "rshift", "and", "xor", "or"),
):
    for _prefix in ("__", "__r"):
        setattr(Inert, f"{_prefix}{_name}__", _result_of(""))
for _name in ["lt", "le", "gt", "ge", "neg", "pos", "abs", "invert"]:
    setattr(Inert, f"__{_name}__", _result_of(""))


def catchable(kinds: Any) -> Any:
    """What can stand after `except`: a stand-in there catches nothing."""
    if isinstance(kinds, tuple):
        return tuple(catchable(kind) for kind in kinds)
    return _NeverRaised if isinstance(kinds, Inert) else kinds


class StandIn(types.ModuleType):
    """A module that is not installed."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") and name != "__version__":
            raise AttributeError(f"{self.__name__} {_WHAT} has no {name}")
        return Inert(f"{self.__name__}.{name}")


class _Loader(importlib.abc.Loader):
    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


class StandInFinder(importlib.abc.MetaPathFinder):
    """Finds a stand-in for a top-level module that nothing else finds, when the user's own code imports it.

    Libraries try what else is installed, and so does a program that catches its own ImportError: they get the truth.

    Attributes:
        stood_in: Top-level names, in the order they were asked for.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._trees: dict[str, list[range]] = {}
        self.stood_in: list[str] = []

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        top, _, rest = fullname.partition(".")
        if top not in self.stood_in:
            if rest or top.startswith("_") or top in _NEVER or top in _GONE:
                return None
            if top in getattr(sys, "stdlib_module_names", ()) or not self._asked_by_user(sys._getframe(1)):
                return None
            self.stood_in.append(top)
        return importlib.machinery.ModuleSpec(fullname, _Loader(), is_package=True)

    def _asked_by_user(self, frame: FrameType | None) -> bool:
        while frame is not None:
            filename = frame.f_code.co_filename
            if frame.f_code.co_name == "find_spec" and frame.f_globals.get("__name__") == "importlib.util":
                return False  # somebody wants to know whether it is installed
            if not (filename.startswith("<frozen importlib") or os.path.join("importlib", "") in filename):
                own = self._places.owner(filename) == "user"
                return own and not any(frame.f_lineno in lines for lines in self._own_tries(filename))
            frame = frame.f_back
        return False

    def _own_tries(self, filename: str) -> list[range]:
        """Lines of a file in which an ImportError is caught by the file itself."""
        if filename not in self._trees:
            try:
                tree = ast.parse("".join(linecache.getlines(filename)))
            except (SyntaxError, ValueError):
                tree = ast.Module(body=[], type_ignores=[])  # text that has changed since: nothing is known of it
            self._trees[filename] = [
                range(node.body[0].lineno, (node.body[-1].end_lineno or node.body[-1].lineno) + 1)
                for node in ast.walk(tree)
                if isinstance(node, ast.Try) and any(_catches_imports(handler.type) for handler in node.handlers)
            ]
        return self._trees[filename]


def _catches_imports(kinds: ast.expr | None) -> bool:
    if kinds is None:
        return True
    names = [node.id for node in ast.walk(kinds) if isinstance(node, ast.Name)]
    return any(name in ("ImportError", "ModuleNotFoundError", "Exception", "BaseException") for name in names)
