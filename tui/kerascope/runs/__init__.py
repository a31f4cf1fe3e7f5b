"""Training runs: their directories, how they stand, and what is asked of them. Knows no Keras and no Textual."""

from kerascope.runs._about import DeleteError, delete_run, describe_run
from kerascope.runs._create import NotResumableError, create_run, give_up, prepare_resume
from kerascope.runs._events import EventReader
from kerascope.runs._gpus import GpuLoad
from kerascope.runs._history import EpochCurves, History, HistoryLoader
from kerascope.runs._layout import default_directory
from kerascope.runs._load import HostLoad, LoadSample, MachineLoad, ProcessLoad, load_words
from kerascope.runs._log import LogFile
from kerascope.runs._log_filter import FilteredLog
from kerascope.runs._log_lines import LogFound, LogLine
from kerascope.runs._read import MissingRunError, find_run, is_run, list_runs, read_run
from kerascope.runs._records import (
    BatchesRecord,
    BatchRecord,
    CheckpointRecord,
    EndRecord,
    EpochRecord,
    EventRecord,
    FitRecord,
    MessageRecord,
    RenamedRecord,
    ResumeRecord,
    StartRecord,
    StoppingRecord,
)
from kerascope.runs._resume import ResumePoint, resume_point
from kerascope.runs._run import ENDED, Run, RunError, RunStatus
from kerascope.runs._series import Extremes, Series
from kerascope.runs._spec import Compilation, TrainingData, TrainSpec
from kerascope.runs._stop import StopError, StopStep, stop_run

__all__ = [
    "ENDED",
    "BatchRecord",
    "BatchesRecord",
    "CheckpointRecord",
    "Compilation",
    "DeleteError",
    "EndRecord",
    "EpochCurves",
    "EpochRecord",
    "EventReader",
    "EventRecord",
    "Extremes",
    "FilteredLog",
    "FitRecord",
    "GpuLoad",
    "History",
    "HistoryLoader",
    "HostLoad",
    "LoadSample",
    "LogFile",
    "LogFound",
    "LogLine",
    "MachineLoad",
    "MessageRecord",
    "MissingRunError",
    "NotResumableError",
    "ProcessLoad",
    "RenamedRecord",
    "ResumePoint",
    "ResumeRecord",
    "Run",
    "RunError",
    "RunStatus",
    "Series",
    "StartRecord",
    "StopError",
    "StopStep",
    "StoppingRecord",
    "TrainSpec",
    "TrainingData",
    "create_run",
    "default_directory",
    "delete_run",
    "describe_run",
    "find_run",
    "give_up",
    "is_run",
    "list_runs",
    "load_words",
    "prepare_resume",
    "read_run",
    "resume_point",
    "stop_run",
]
