"""What plain Keras says of a file: run as `PYTHON oracle.py GENERATION FILE`, prints JSON. Knows nothing of kerascope.

The file is executed as `python FILE` would, `fit` apart; its models are those its module-level names hold.
"""

import json
import math
import sys
from pathlib import Path
from typing import Any

# Run by its path, so that only its own folder is on sys.path; taken off again, for the program's imports to be its own.
sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.plain_keras import keras_of

del sys.path[0]


def main() -> None:
    generation, path = sys.argv[1], sys.argv[2]
    keras = keras_of(generation)
    keras.Model.fit = lambda *args, **kwargs: None
    namespace = {"__name__": "__main__", "__file__": path}
    sys.path.insert(0, str(Path(path).parent))
    error = None
    sys.stdout, out = sys.stderr, sys.stdout
    try:
        exec(compile(Path(path).read_text(), path, "exec"), namespace)
    except Exception as caught:
        error = type(caught).__name__
    models = {id(value): value for value in namespace.values() if isinstance(value, keras.Model)}
    answer = {"error": error, "models": [describe(model) for model in models.values()]}
    json.dump(answer, out)


def describe(model: Any) -> dict[str, Any]:
    """A model in plain types."""
    return {
        "name": model.name,
        "total": model.count_params(),
        "trainable": sum(count(weight) for weight in model.trainable_weights),
        "layers": [
            {
                "name": layer.name,
                "class_name": type(layer).__name__,
                # Keras 3 gives an InputLayer no input; what goes in is what comes out.
                "effective": shapes(layer.input) or shapes(layer.output),
                "output": shapes(layer.output),
                "params": layer.count_params(),
            }
            for layer in model.layers
        ],
    }


def shapes(tensors: Any) -> list[list[int | None]]:
    """Shapes of a tensor or of a structure of tensors."""
    if isinstance(tensors, dict):
        tensors = list(tensors.values())
    if not isinstance(tensors, (list, tuple)):
        tensors = [tensors]
    return [list(tensor.shape) for tensor in tensors]


def count(weight: Any) -> int:
    """Numbers in one weight."""
    return math.prod(int(size) for size in weight.shape)


if __name__ == "__main__":
    main()
