"""A saved model -> what is in it, as data, executing nothing."""

from kerascope.readers.saved._detect import Found, detect, head_of
from kerascope.readers.saved._errors import Cancelled, Malformed
from kerascope.readers.saved._other_kinds import name_other
from kerascope.readers.saved._read import read_saved, weight_stats

__all__ = ["Cancelled", "Found", "Malformed", "detect", "head_of", "name_other", "read_saved", "weight_stats"]
