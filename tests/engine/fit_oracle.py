"""What real training says of every `fit` in a program: run as `PYTHON fit_oracle.py GENERATION FILE`, prints JSON.

Knows nothing of kerascope. The program is executed as `python FILE` would, and each `fit` really trains; one that
raises is noted with its line, and the program goes on.
"""

import json
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
    answers: dict[int, dict[str, Any]] = {}
    for name in ("fit", "evaluate", "predict", "train_on_batch"):
        setattr(keras.Model, name, noting(getattr(keras.Model, name), path, answers))
    sys.stdout, out = sys.stderr, sys.stdout
    exec(compile(Path(path).read_text(), path, "exec"), {"__name__": "__main__", "__file__": path})
    json.dump(answers, out)


def noting(original: Any, path: str, answers: dict[int, dict[str, Any]]) -> Any:
    """The method, its outcome noted under the line of the program that called it."""

    def method(model: Any, *args: Any, **kwargs: Any) -> Any:
        caller = sys._getframe(1)
        if caller.f_code.co_filename != path:
            return original(model, *args, **kwargs)
        try:
            result = original(model, *args, **kwargs)
        except Exception as error:
            answers[caller.f_lineno] = {"error": f"{type(error).__name__}: {error}"}
            return None
        answers[caller.f_lineno] = {"error": None, "keys": list(getattr(result, "history", None) or ())}
        return result

    return method


if __name__ == "__main__":
    main()
