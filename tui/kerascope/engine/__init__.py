"""Our side of the probe: start it, keep it warm, ask it, cancel, decode what it says."""

from kerascope.engine._options import LookOptions
from kerascope.engine._session import Session

__all__ = ["LookOptions", "Session"]
