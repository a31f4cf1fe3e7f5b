"""An inspection as something to read or to process: one module for each format."""

from kerascope.reports._json import SCHEMA, to_json, to_weights_json
from kerascope.reports._text import to_text
from kerascope.reports._weights import to_weights_text

__all__ = ["SCHEMA", "to_json", "to_text", "to_weights_json", "to_weights_text"]
