"""What in a model's config is dangerous to load: code, names that lead to code, and what lies outside of the file.

The raw JSON is walked, not what was understood of it: a loader meets every value, wherever it stands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kerascope.graph import FileIssue, clean_line
from kerascope.readers.saved._blobs import carried
from kerascope.readers.saved._foreign import (
    harmful_operation,
    is_public_name,
    judge_class,
    judge_function,
    shown,
    words,
)
from kerascope.readers.saved._lambdas import FIX, LAMBDA_CLASSES, RUNS, lambda_of
from kerascope.readers.saved._limits import MAX_ISSUES, MAX_JSON_NODES
from kerascope.readers.saved._outside import DATA_KEYS, reference
from kerascope.readers.saved._places import Place, called, entered, inside, part_of

if TYPE_CHECKING:
    from kerascope.readers.saved._foreign import Judgement

__all__ = ["suspects"]

_MAX_EMBEDDED_JSON = 4 * 1024 * 1024
"""Characters of a value that holds JSON itself and is looked into; double-encoded configs exist, of some 100 kB."""
_MAX_EMBEDDED = 16
"""Values that hold JSON and are looked into."""

# Arguments that name a function or an object by a bare string.
_NAMING = words(
    """
    activation recurrent_activation inner_activation fn fn_name init inner_init forget_bias_init loss metrics
    weighted_metrics
    """
)
_NAMING_ENDS = ("_activation", "_initializer", "_regularizer", "_constraint")
# What Keras 2 and 3 wrap values in; they are data.
_WRAPPED = words(
    "CompositeTensor TensorShape TypeSpec __bytes__ __ellipsis__ __keras_tensor__ __slice__ __tuple__ slice"
)
_ARRAYS = frozenset({"__numpy__", "__tensor__"})
_FOREIGN_MODELS = {
    "TFSMLayer": (
        "runs the graph of a SavedModel",
        "loading opens a SavedModel from the path in this file, and its graph runs with the model: it can read and "
        "write files. Keras before 3.13.2 (and 3.12.1) loads it in safe mode as well (CVE-2026-1462)",
    ),
    "TorchModuleWrapper": (
        "carries a PyTorch module, which is a Python pickle",
        "loading hands it to torch.load, which runs what the pickle says. Keras 3.11.0 to 3.11.2 do so in safe mode as "
        "well (CVE-2025-49655)",
    ),
    "JaxLayer": ("runs JAX functions", "their code is not in this file: Keras takes them by name, and calls them"),
    "FlaxLayer": ("runs a Flax module", "its code is not in this file: Keras takes it by name, and calls it"),
    "KerasLayer": (
        "runs a model of TensorFlow Hub",
        "loading opens the address or path in this file, and the graph that is there runs with the model",
    ),
}
_CERTAIN = frozenset({"TFSMLayer", "TorchModuleWrapper"})
_UNSAFE = "enable_unsafe_deserialization"


def suspects(config: object, *, what: str) -> tuple[FileIssue, ...]:
    """Everything in a config that is dangerous to load.

    Args:
        config: The decoded JSON of a model, a layer, a training config or metadata; text that holds JSON is looked
            into.
        what: Where in the file it stands, `model_config`; the places that are found begin with it.

    Returns:
        Issues of kind `executable` and `reference`, in the order of the config, at most `MAX_ISSUES` of them, and one
        of kind `malformed` when the config was too large to be walked to its end. The same class of the author's own
        is told once.
    """
    walk = _Walk()
    walk.run(config, what)
    return tuple(walk.issues)


class _Walk:
    """One walk through a config, without recursion, in the order of the file."""

    def __init__(self) -> None:
        self.issues: list[FileIssue] = []
        self._waiting: list[tuple[Any, Place]] = []
        self._told: set[str] = set()
        self._harmless: set[tuple[str | None, str]] = set()
        self._embedded = 0
        self._left_alone = False
        self._left_out = 0

    def run(self, config: object, what: str) -> None:
        self._waiting.append((config, Place(what or None, None, argument=what or None)))
        looked_at = 0
        while self._waiting:
            value, place = self._waiting.pop()
            looked_at += 1
            if looked_at > MAX_JSON_NODES:
                self._too_large(what)
                break
            if isinstance(value, dict):
                self._look_at_mapping(value, place)
            elif isinstance(value, str):
                self._look_at_text(value, place)
            elif isinstance(value, list):
                items = [
                    (each, inside(place, index))
                    for index, each in enumerate(value)
                    if isinstance(each, (dict, str, list))
                ]
                self._waiting += reversed(items)
        if self._left_out:
            message = f"{self._left_out:,} more of what was found in {shown(what or 'the config')} are not listed"
            self.issues.append(FileIssue(kind="executable", message=message, why="they are of the kinds listed above"))

    def _push(self, items: Any) -> None:
        """Put values on the stack so that the first comes off first."""
        self._waiting += [item for item in items if isinstance(item[0], (Mapping, str, list, tuple))][::-1]

    def _tell(self, kind: str, place: Place, message: str, why: str, fix: str, *, certain: bool = True) -> None:
        if len(self.issues) >= MAX_ISSUES:
            self._left_out += 1
            return
        layer = None if place.layer is None else clean_line(place.layer)
        model = None if place.model is None else clean_line(place.model)
        self.issues.append(
            FileIssue(
                kind=kind,
                message=message,
                why=why,
                where=place.path(),
                model=model,
                layer=layer,
                fix=fix,
                certain=certain,
            )
        )

    def _too_large(self, what: str) -> None:
        self.issues.append(
            FileIssue(
                kind="malformed",
                message=f"{what or 'the config'} has more than {MAX_JSON_NODES:,} values",
                why="what comes after them was not looked through for code and references",
                where=what,
            )
        )

    # Objects

    def _look_at_mapping(self, value: Mapping[str, Any], place: Place) -> None:
        class_name = value.get("class_name")
        skipped: frozenset[str] = frozenset()
        if isinstance(class_name, str):
            place = entered(value, class_name, place)
            skipped = self._look_at_object(value, class_name, place)
        harmless = self._harmless
        items: list[tuple[Any, Place]] = []
        for key, each in value.items():
            if isinstance(each, str):
                if key not in skipped and (key, each) not in harmless:
                    items.append((each, inside(place, str(key))))
            elif isinstance(each, (dict, list)) and key not in skipped and key not in DATA_KEYS:
                items.append((each, inside(place, str(key))))
        self._waiting += reversed(items)

    def _look_at_object(self, value: Mapping[str, Any], class_name: str, place: Place) -> frozenset[str]:
        """Judge a serialized object; returns which of its entries were dealt with by that."""
        config = value.get("config")
        if class_name in LAMBDA_CLASSES:
            found = lambda_of(class_name, config)
            at = place if not found.key else inside(inside(place, "config"), found.key)
            owner, role = part_of(place) if place.name is None else (called(place), "")
            message = f"{owner} {found.what}{role}"
            self._tell("executable", at, message, found.why, found.fix, certain=found.certain)
            # Arguments and names of a Lambda may still point elsewhere; its functions are told.
            if class_name != "__lambda__" and isinstance(config, Mapping):
                rest = {key: each for key, each in config.items() if key not in ("function", "output_shape", "mask")}
                rest.pop("module", None)
                self._push([(rest, inside(place, "config"))])
            return frozenset({"config", "module"})
        if class_name == "function":
            self._look_at_function(config, value, place)
            named = frozenset({"module", "class_name", "registered_name"})
            return named | {"config"} if isinstance(config, str) else named
        if class_name in _ARRAYS:
            self._look_at_array(class_name, config, place)
            return frozenset({"config"})
        if class_name == "__typespec__":
            spec = value.get("spec_name")
            module = value.get("module")
            if not (isinstance(module, str) and module.startswith(("tensorflow.python.", "tensorflow.core."))):
                judged = judge_class(str(spec), module, value.get("registered_name"))
                self._judged(judged, str(spec), module, place)
            return frozenset()
        if class_name in _WRAPPED:
            return frozenset()
        if class_name in _FOREIGN_MODELS:
            what, why = _FOREIGN_MODELS[class_name]
            certain = class_name in _CERTAIN
            fix = "do not load this file unless you trust who made it"
            self._tell("executable", place, f"{called(place)} {what}", why, fix, certain=certain)
            # The pickle of a TorchModuleWrapper is told already.
            if class_name == "TorchModuleWrapper" and isinstance(config, Mapping):
                self._push([({key: each for key, each in config.items() if key != "module"}, inside(place, "config"))])
                return frozenset({"config", "module"})
            return frozenset({"module"})
        if class_name in ("TFOpLambda", "TensorFlowOpLayer"):
            self._look_at_operation(class_name, config, place)
        judged = judge_class(class_name, value.get("module"), value.get("registered_name"))
        self._judged(judged, class_name, value.get("module"), place)
        return frozenset({"module", "class_name", "registered_name"})

    def _look_at_function(self, name: object, value: Mapping[str, Any], place: Place) -> None:
        if isinstance(name, Mapping):
            name = name.get("name") or name.get("config")
        judged = judge_function(str(name), value.get("module"), value.get("registered_name"))
        self._judged(judged, str(name), value.get("module"), place)

    def _look_at_array(self, class_name: str, config: object, place: Place) -> None:
        dtype = config.get("dtype") if isinstance(config, Mapping) else None
        if dtype is None or dtype in ("object", "O", "|O"):
            owner, role = part_of(place)
            message = f"{owner} has an array ({class_name}) of dtype {shown(dtype)}{role}"
            why = "Keras writes arrays of numbers with their dtype; an array of Python objects is none of its own"
            fix = "look at the config before loading this file"
            self._tell("executable", place, message, why, fix, certain=False)

    def _look_at_operation(self, class_name: str, config: object, place: Place) -> None:
        if not isinstance(config, Mapping):
            return
        names = [config.get("function")] if class_name == "TFOpLambda" else _operations_of(config.get("node_def"))
        for name in names:
            if isinstance(name, str) and harmful_operation(name):
                message = f"{called(place)} runs the TensorFlow operation {shown(name)}"
                why = (
                    "Keras 2 takes the operation by its name, in safe mode as well, and runs it when the model is "
                    "built or used: it touches files, loads code or calls Python, which no layer needs"
                )
                self._tell("executable", place, message, why, "do not load this file with tf-keras")

    def _judged(self, judged: Judgement | None, name: str, module: object, place: Place) -> None:
        """Tell what was judged of a name, once for each name where it only may be so."""
        if judged is None:
            return
        where = module if isinstance(module, str) and module not in ("builtins", "__main__") else ""
        spelled = shown(f"{where}.{name}" if where else name)
        if not judged.certain:
            if spelled in self._told:
                return
            self._told.add(spelled)
        if place.name is not None:
            whole = place.outer is None and place.key is None
            kind = "model" if whole or place.name == place.model else "layer"
            named = f"the {kind} {shown(place.name)!r} is a {spelled}"
        elif place.outer is None:
            named = f"the model is a {spelled}"
        else:
            owner, role = part_of(place)
            named = f"{owner} names {spelled}{role}"
        message = f"{named}, which is {judged.what}"
        self._tell("executable", place, message, judged.why, judged.fix, certain=judged.certain)

    # Text

    def _look_at_text(self, text: str, place: Place) -> None:
        key = place.argument
        if (key, text) in self._harmless:
            return
        before = len(self.issues) + self._left_out
        if key is not None and (key in _NAMING or key.endswith(_NAMING_ENDS)) and not is_public_name(text):
            self._judged(judge_function(text, None, None), text, None, place)
        if _UNSAFE in text:
            message = f"{called(place)} names {_UNSAFE}, which switches Keras's safe mode off"
            why = "Keras before 3.11 could be made to call it while it loads the file, and then ran the code of any "
            why += "Lambda in it (CVE-2025-9906)"
            self._tell("executable", place, message, why, "do not load this file with Keras")
        elif (blob := carried(text)) is not None:
            message = f"{called(place)} carries {blob} ({len(text):,} characters) as {shown(key or 'a value')}"
            why = RUNS if "bytecode" in blob else "a config has no use for it: whoever unpacks it runs what it says"
            self._tell("executable", place, message, why, FIX)
        elif self._holds_json(text):
            self._look_inside(text, place)
            return
        else:
            # Who says it takes time to tell, and nearly no text is a reference.
            if reference(text, key, "") is not None and (found := reference(text, key, called(place))) is not None:
                self._tell("reference", place, found.message, found.why, found.fix, certain=found.certain)
        if before == len(self.issues) + self._left_out and len(text) < 100 and len(self._harmless) < 100_000:
            self._harmless.add((key, text))

    @staticmethod
    def _holds_json(text: str) -> bool:
        start = text[:64].lstrip()
        return start[:1] in ("{", "[") and '"class_name"' in text[:_MAX_EMBEDDED_JSON]

    def _look_inside(self, text: str, place: Place) -> None:
        """A text that holds JSON is looked through as what it holds."""
        self._embedded += 1
        if len(text) > _MAX_EMBEDDED_JSON or self._embedded > _MAX_EMBEDDED:
            self._not_looked_into(place)
            return
        try:
            self._push([(json.loads(text), place)])
        except (ValueError, RecursionError):
            return

    def _not_looked_into(self, place: Place) -> None:
        """Say once that a text with JSON in it was left alone."""
        if self._left_alone:
            return
        self._left_alone = True
        message = f"{called(place)} holds JSON in a text that was not looked through for code and references"
        why = f"{_MAX_EMBEDDED} such texts are looked into, each of up to {_MAX_EMBEDDED_JSON:,} characters"
        self._tell("malformed", place, message, why, "look at it before loading this file", certain=False)


def _operations_of(node: object) -> list[str]:
    """The operations that a serialized node of a TensorFlow graph names."""
    if isinstance(node, Mapping):
        return [str(node.get("op"))]
    if not isinstance(node, str):
        return []
    words = "".join(character if character.isalnum() else " " for character in node[:100_000]).split()
    return [word for word in dict.fromkeys(words) if word[:1].isupper()]
