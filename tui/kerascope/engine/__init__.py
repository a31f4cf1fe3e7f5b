"""Our side of the probe: start it, keep it warm, ask it, cancel, decode what it says."""

from kerascope.engine._interpreter import InterpreterError, choose_generation, choose_python, legacy_line
from kerascope.engine._modules import ModuleError, find_module, module_of
from kerascope.engine._options import LookOptions, Question
from kerascope.engine._session import Session

__all__ = [
    "InterpreterError",
    "LookOptions",
    "ModuleError",
    "Question",
    "Session",
    "choose_generation",
    "choose_python",
    "find_module",
    "legacy_line",
    "module_of",
]
