"""A file -> graph, as data, executing nothing. So far: the text of Python programs and of notebooks."""

from kerascope.readers._factories import find_factories
from kerascope.readers._files import MAX_SOURCE_BYTES, Unreadable, read_text
from kerascope.readers._notebook import read_notebook, read_program
from kerascope.readers._outline import CallSite, KeywordSpan, Outline, declaration_edit, outline
from kerascope.readers._python_source import read_python
from kerascope.readers._target import TargetError, check_input_shapes, parse_input_shape, parse_target

__all__ = [
    "MAX_SOURCE_BYTES",
    "CallSite",
    "KeywordSpan",
    "Outline",
    "TargetError",
    "Unreadable",
    "check_input_shapes",
    "declaration_edit",
    "find_factories",
    "outline",
    "parse_input_shape",
    "parse_target",
    "read_notebook",
    "read_program",
    "read_python",
    "read_text",
]
