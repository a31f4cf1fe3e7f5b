"""Training runs: their directories, how they stand, and what is asked of them. Knows no Keras and no Textual."""

from kerascope.runs._run import ENDED, Run, RunError, RunStatus
from kerascope.runs._spec import Compilation, TrainingData, TrainSpec

__all__ = ["ENDED", "Compilation", "Run", "RunError", "RunStatus", "TrainSpec", "TrainingData"]
