"""Names in a config that are not Keras's own: which of them can do harm, and what a loader makes of them."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import cache

from kerascope.configs import KERAS_NAMES, is_builtin, is_keras_module
from kerascope.graph import clean_line, cut_middle

__all__ = ["Judgement", "harmful_operation", "is_public_name", "judge_class", "judge_function", "shown", "words"]

_SHOWN = 60

_GENERATIONS = (3, 2, 1)


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set of names."""
    return frozenset(text.split())


# Functions of Keras itself that fetch, read, write or load when they are called (after Keras 3.15's own list of what is
# no part of a model, and the gadgets of CVE-2025-8747 and CVE-2025-9906).
_GADGETS = words(
    """
    audio_dataset_from_directory clear_session deserialize_keras_object disable_safe_mode
    enable_unsafe_deserialization func_dump func_load get_file image_dataset_from_directory load_data load_img
    load_model load_weights model_from_config model_from_json model_from_yaml register_keras_serializable save_img
    save_model save_weights text_dataset_from_directory
    """
)
_GADGET_MODULES = re.compile(
    r"keras(_core)?(\.src|\.api|\._tf_keras\.keras)*\."
    r"(backend|callbacks|config|datasets|distribution|export|preprocessing|saving|tree|utils)(\.|\Z)"
)
_MATHEMATICS = re.compile(r"\.(ops|random|math|nn|image|linalg|numpy|operation_utils)(\.|$)")

# Installed beside Keras nearly everywhere, so that such a name leads to code on the machine that loads the file.
_BESIDE_KERAS = words(
    """
    IPython absl cffi cloudpickle dill google h5py jax jaxlib joblib ml_dtypes namex numpy optree pandas pip
    pkg_resources requests rich scipy setuptools sklearn tensorboard tensorflow torch urllib3 wheel yaml
    """
)
_WELL_KNOWN = {
    "keras_cv": "KerasCV",
    "keras_hub": "KerasHub",
    "keras_nlp": "KerasNLP",
    "keras_tuner": "KerasTuner",
    "keras_contrib": "keras-contrib",
    "keras_self_attention": "keras-self-attention",
    "keras_rs": "KerasRS",
    "tensorflow_addons": "TensorFlow Addons",
    "addons": "TensorFlow Addons",
    "tensorflow_hub": "TensorFlow Hub",
    "tensorflow_probability": "TensorFlow Probability",
    "tensorflow_recommenders": "TensorFlow Recommenders",
    "tensorflow_model_optimization": "the TensorFlow Model Optimization toolkit",
    "transformers": "Transformers",
    "vit_keras": "vit-keras",
    "qkeras": "QKeras",
}

# What Keras takes as a name besides the names of its modules' members.
_SHORT_NAMES = words("acc accuracy auto ce cosine cosine_proximity crelu crossentropy kld relu softmax")
_RENAMED = re.compile(r"_v[12]\Z")
_OPTIMIZERS = frozenset(name for names in KERAS_NAMES.values() for name in names.get("optimizers", ()))

# Operations of TensorFlow that touch files, load code or run Python, by the names that TFOpLambda keeps.
_HARMFUL_OPERATIONS = re.compile(
    r"(^|\.)(py_function|py_func|numpy_function|eager_py_func|load_library|load_op_library|load_file_system_library|"
    r"PyFunc|EagerPyFunc|PyFuncStateless|ReadFile|WriteFile|MatchingFiles|SaveV?2?|RestoreV?2?|RestoreSlice|PrintV2|"
    r"MergeV2Checkpoints|(Fixed)?LengthRecordReader(V2)?|WholeFileReader(V2)?|TextLineReader(V2)?|TFRecordReader(V2)?|"
    r"TextLineDataset|TFRecordDataset|FixedLengthRecordDataset(V2)?|LoadDataset|SaveDataset(V2)?|ImmutableConst|"
    r"InitializeTableFromTextFile(V2)?|DebugIdentity(V2)?|DumpTensor)\Z"
    r"|^io\.(read_file|write_file|matching_files|gfile\b.*|.*writer.*|.*reader.*|.*record.*)\Z"
    r"|(^|\.)(saved_model|keras|summary|profiler|train|data)\.|^print\Z|^debugging\..*dump",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be said of a name.

    Attributes:
        certain: Whether it leads to code that a model has no use for; else it may well be the user's own layer.
        what: What kind of name it is, to follow "which is".
        why: What a loader makes of it, in sentences.
        fix: What to do.
    """

    certain: bool
    what: str
    why: str
    fix: str


def shown(value: object) -> str:
    """A value from the file, short and safe to show."""
    return cut_middle(clean_line(str(value)[:2000]), _SHOWN)


@cache
def is_public_name(name: str) -> bool:
    """Whether Keras of any generation knows a function, loss, metric or the like by this name."""
    plain = _RENAMED.sub("", name)
    return plain in _SHORT_NAMES or any(is_builtin(plain, None, None, generation) for generation in _GENERATIONS)


def judge_class(class_name: str, module: object, registered_name: object) -> Judgement | None:
    """What is to be said of a serialized object's class; `None` where it is Keras's own.

    Args:
        class_name: As the file has it, `Package>Class` included.
        module: Where the file says that it lives; anything but text counts as not said.
        registered_name: The name it was registered under, as the file has it.
    """
    where = module if isinstance(module, str) else None
    registered = registered_name if isinstance(registered_name, str) else None
    if class_name.startswith("Custom>") and class_name.removeprefix("Custom>") in _OPTIMIZERS:
        # tf-keras registers its own optimizers as a user would.
        class_name = class_name.removeprefix("Custom>")
    if _is_known(class_name, where, registered):
        return None
    if where is not None and is_keras_module(where):
        if class_name in _GADGETS or _GADGET_MODULES.search(where):
            return _gadget(f"{where}.{class_name}")
        if registered is not None and registered != class_name and _is_known(class_name, where, None):
            return _custom(registered, "a class registered in place of Keras's own")
        return Judgement(
            certain=False,
            what="no public name of Keras 1, 2 or 3",
            why="it is a class of Keras itself that Keras does not offer for models, or of a newer Keras; loading "
            "looks it up in Keras's own modules",
            fix="open the file with the Keras that wrote it, if you trust where it comes from",
        )
    return _foreign(class_name, where, registered)


def judge_function(name: str, module: object, registered_name: object) -> Judgement | None:
    """What is to be said of a serialized function (`"class_name": "function"`); `None` where it is Keras's own.

    Args:
        name: The function, as the file has it.
        module: Where the file says that it lives; `builtins` where it says so of what only has a name.
        registered_name: The name it was registered under, as the file has it.
    """
    where = module if isinstance(module, str) else None
    if name in _GADGETS:
        return _gadget(name if where is None else f"{where}.{name}")
    if where is None or where == "builtins":
        if is_public_name(name):
            return None
        if where is not None and name in _builtin_functions():
            return _foreign(name, where, None)
        return _custom(name, "not one of Keras's own")
    if is_keras_module(where):
        if _MATHEMATICS.search(where) or is_public_name(name):
            return None
        return _gadget(f"{where}.{name}")
    registered = registered_name if isinstance(registered_name, str) and ">" in registered_name else None
    return _foreign(name, where, registered)


def harmful_operation(name: str) -> bool:
    """Whether a TensorFlow operation touches files, loads code or runs Python (`io.write_file`, `PyFunc`)."""
    return _HARMFUL_OPERATIONS.search(name) is not None


def _is_known(class_name: str, module: str | None, registered_name: str | None) -> bool:
    return any(is_builtin(class_name, module, registered_name, generation) for generation in _GENERATIONS)


@cache
def _builtin_functions() -> frozenset[str]:
    import builtins

    return frozenset(vars(builtins))


def _gadget(name: str) -> Judgement:
    return Judgement(
        certain=True,
        what="a function of Keras that is no part of any model",
        why="Keras before 3.11 looked such a name up and called it with values from the file, safe mode or not: "
        f"{shown(name)} then fetches, reads, writes or switches something off on the machine that loads the file",
        fix="do not load this file with Keras",
    )


def _foreign(name: str, module: str | None, registered: str | None) -> Judgement:
    """Something that lives outside of Keras."""
    package = (module or "").partition(".")[0]
    prefix = (registered or name).rpartition(">")[0].lower().replace("-", "_")
    known = _WELL_KNOWN.get(package) or _WELL_KNOWN.get(prefix)
    if known is not None:
        return Judgement(
            certain=False,
            what=f"part of {known}",
            why=f"{known} is a common package, but its code is not in this file: loading imports it from the machine",
            fix=f"install {known} to load this file, if you trust where it comes from",
        )
    of_python = package in sys.stdlib_module_names and package != "__main__"
    if of_python or package in _BESIDE_KERAS:
        return Judgement(
            certain=True,
            what=f"code of {'Python itself' if of_python else package}, not of a model",
            why=f"tf-keras, and Keras before 3.9, import the module {shown(module)} and take {shown(name)} from it, "
            "in safe mode as well; as a layer's function it is then called with values from the file (CVE-2025-1550)",
            fix="do not load this file with Keras",
        )
    return _custom(registered or name, "not one of Keras's own", module)


def _custom(name: str, what: str, module: str | None = None) -> Judgement:
    looked = "tf-keras, and Keras before 3.9, import the module that the file names"
    found = f" ({looked}: {shown(module)})" if module and not module.startswith("__") else ""
    return Judgement(
        certain=False,
        what=what,
        why=f"its code is not in this file: loading needs a class or function registered as {shown(name)} on the "
        f"machine that loads it, and runs that{found}",
        fix="get the code that defines it from where the file comes from, and read it before loading",
    )
