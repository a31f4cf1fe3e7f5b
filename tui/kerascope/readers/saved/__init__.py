"""A saved model -> what is in it, as data, executing nothing."""

from kerascope.readers.saved._detect import Found, detect
from kerascope.readers.saved._errors import Cancelled, Malformed
from kerascope.readers.saved._other_kinds import other_kind
from kerascope.readers.saved._read import read_saved, weight_stats

__all__ = ["Cancelled", "Found", "Malformed", "detect", "other_kind", "read_saved", "weight_stats"]
