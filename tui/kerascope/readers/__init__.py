"""A file -> graph, as data, executing nothing. So far: the text of Python programs."""

from kerascope.readers._files import MAX_SOURCE_BYTES, Unreadable, read_text
from kerascope.readers._outline import CallSite, KeywordSpan, Outline, declaration_edit, outline
from kerascope.readers._python_source import read_python
from kerascope.readers._target import TargetError, parse_input_shape, parse_target

__all__ = [
    "MAX_SOURCE_BYTES",
    "CallSite",
    "KeywordSpan",
    "Outline",
    "TargetError",
    "Unreadable",
    "declaration_edit",
    "outline",
    "parse_input_shape",
    "parse_target",
    "read_python",
    "read_text",
]
