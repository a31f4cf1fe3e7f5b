"""Our side of the probe: start it, keep it warm, ask it, cancel, decode what it says."""

from kerascope.engine._interpreter import InterpreterError, choose_generation, choose_python, legacy_line, parses
from kerascope.engine._modules import ModuleError, find_module, import_name, module_of, real_path
from kerascope.engine._options import LookOptions, Question
from kerascope.engine._probe import Probe, ProbeError
from kerascope.engine._session import Session
from kerascope.engine._training import LaunchError, launch_fresh, launch_warm

__all__ = [
    "InterpreterError",
    "LaunchError",
    "LookOptions",
    "ModuleError",
    "Probe",
    "ProbeError",
    "Question",
    "Session",
    "choose_generation",
    "choose_python",
    "find_module",
    "import_name",
    "launch_fresh",
    "launch_warm",
    "legacy_line",
    "module_of",
    "parses",
    "real_path",
]
