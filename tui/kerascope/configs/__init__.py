"""WHAT A CONFIG SAYS: the serialized configs of Keras 1, 2 and 3 as typed data. Resolves and imports nothing.

- `parse_model(data, generation=None)`: a whole model, from the decoded JSON of any kind of file.
- `parse_layer(serialized, generation)`: one layer, operation or model.
- `serialized_layers(layer)`: the layers in a layer's arguments (wrapped layers, cells), each with where it stands.
- `opened(data)`: the serialized model in what files put around it, before it is parsed.
- `generation_of(data, keras_version=None)`: which generation of Keras wrote it.
- `is_builtin(class_name, module, registered_name, generation, kinds=None)`: whether a name is Keras's own;
  `KERAS_NAMES[generation][kind]` are the names, of layers, initializers, losses, ...; `is_keras_module(module)`.
- `unwrap(value)`: a value without Keras's wrappers.
"""

from kerascope.configs._builtin import canonical, is_builtin, is_keras_module
from kerascope.configs._generation import generation_of
from kerascope.configs._names import KERAS_NAMES
from kerascope.configs._opening import opened
from kerascope.configs._parse import UNREADABLE_CLASS, parse_layer, parse_model, serialized_layers
from kerascope.configs._types import CallConfig, LayerConfig, ModelConfig, Structure, TensorRef
from kerascope.configs._values import is_serialized, unwrap

__all__ = [
    "KERAS_NAMES",
    "UNREADABLE_CLASS",
    "CallConfig",
    "LayerConfig",
    "ModelConfig",
    "Structure",
    "TensorRef",
    "canonical",
    "generation_of",
    "is_builtin",
    "is_keras_module",
    "is_serialized",
    "opened",
    "parse_layer",
    "parse_model",
    "serialized_layers",
    "unwrap",
]
