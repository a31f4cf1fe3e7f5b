"""Our side of the probe: start it, keep it warm, ask it, cancel, decode what it says."""

from kerascope.engine._interpreter import InterpreterError, asks_for_legacy, choose_generation, choose_python
from kerascope.engine._modules import ModuleError, find_module, module_of
from kerascope.engine._options import LookOptions, Question
from kerascope.engine._session import Session

__all__ = [
    "InterpreterError",
    "LookOptions",
    "ModuleError",
    "Question",
    "Session",
    "asks_for_legacy",
    "choose_generation",
    "choose_python",
    "find_module",
    "module_of",
]
