"""Training runs: their directories, how they stand, and what is asked of them. Knows no Keras and no Textual."""

from kerascope.runs._about import DeleteError, delete_run, describe_run
from kerascope.runs._create import NotResumableError, create_run, give_up, prepare_resume
from kerascope.runs._layout import default_directory
from kerascope.runs._read import MissingRunError, find_run, list_runs, read_run
from kerascope.runs._run import ENDED, Run, RunError, RunStatus
from kerascope.runs._spec import Compilation, TrainingData, TrainSpec
from kerascope.runs._stop import StopError, StopStep, stop_run

__all__ = [
    "ENDED",
    "Compilation",
    "DeleteError",
    "MissingRunError",
    "NotResumableError",
    "Run",
    "RunError",
    "RunStatus",
    "StopError",
    "StopStep",
    "TrainSpec",
    "TrainingData",
    "create_run",
    "default_directory",
    "delete_run",
    "describe_run",
    "find_run",
    "give_up",
    "list_runs",
    "prepare_resume",
    "read_run",
    "stop_run",
]
