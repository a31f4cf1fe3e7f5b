"""A file as data, executing nothing: what it holds, and where in it things stand."""

from kerascope.readers._outline import CallSite, KeywordSpan, Outline, declaration_edit, outline
from kerascope.readers._python_source import MAX_SOURCE_BYTES, read_python

__all__ = [
    "MAX_SOURCE_BYTES",
    "CallSite",
    "KeywordSpan",
    "Outline",
    "declaration_edit",
    "outline",
    "read_python",
]
