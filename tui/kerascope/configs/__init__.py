"""WHAT A CONFIG SAYS: the serialized configs of Keras 1, 2 and 3 as typed data. Resolves and imports nothing."""

from kerascope.configs._parse import parse_layer
from kerascope.configs._types import CallConfig, LayerConfig, ModelConfig, Structure, TensorRef

__all__ = ["CallConfig", "LayerConfig", "ModelConfig", "Structure", "TensorRef", "parse_layer"]
