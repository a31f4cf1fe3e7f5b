"""A saved model -> what is in it, as data, executing nothing."""

from kerascope.readers.saved._errors import Malformed

__all__ = ["Malformed"]
