"""Values of a config that point outside of the file: paths, addresses, names that leave their folder."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kerascope.readers.saved._foreign import shown, words

__all__ = ["DATA_KEYS", "Reference", "reference"]

DATA_KEYS = words(
    """
    bin_boundaries idf_weights index_docs index_word input_idf_weights input_vocabulary labels merges special_tokens
    vocabulary word_counts word_docs word_index
    """
)
"""Arguments whose lists are words and numbers to work with, never opened: an address among them is a word."""

_VOCABULARIES = words("input_vocabulary merges merges_file vocab_file vocabulary vocabulary_file")
_OPENED = _VOCABULARIES | {"filepath", "handle"}
_PATHS = _OPENED | words(
    """
    asset assets cache_dir checkpoint checkpoint_path directory fname file file_path filename folder log_dir model_path
    origin path proto_file saved_model saved_model_path uri url weights weights_path
    """
)

_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9])(abfss?|az|data|dbfs|ftps?|file|gcs|gs|hdfs|hf|https?|kaggle|ldaps?|s3[an]?|sftp|smb|ssh|viewfs|"
    r"wasbs?)://[^\s]",
    re.IGNORECASE,
)
_NETWORK_SHARE = re.compile(r"\\\\[A-Za-z0-9_.$-]+[\\/]")
_LEAVES = re.compile(r"(\A|[\\/])\.\.([\\/]|\Z)")
_ABSOLUTE = re.compile(r"/|~[\\/]|[A-Za-z]:[\\/]")


@dataclass(frozen=True, slots=True)
class Reference:
    """Something outside of the file that a value points at.

    Attributes:
        certain: Whether a loader opens it; else it is a value that looks like a path or an address.
        message: What was found, in a sentence.
        why: What a loader does with it.
        fix: What to do.
    """

    certain: bool
    message: str
    why: str
    fix: str


def reference(text: str, key: str | None, owner: str) -> Reference | None:
    """What a value points at outside of the file; `None` where it points at nothing.

    Args:
        text: The value.
        key: The argument it is the value of.
        owner: What it belongs to, in words: `the StringLookup layer 'words'`.
    """
    if key in _VOCABULARIES and text:
        return Reference(
            certain=True,
            message=f"{owner} takes its vocabulary from {shown(text)!r}, outside of this file",
            why="Keras before 3.12 opens that path or address when it loads the file, in safe mode as well, and its "
            "lines become part of the model (CVE-2025-12058). Keras since 3.12 refuses it in safe mode; tf-keras opens "
            "it",
            fix="put the words themselves into the model: set_vocabulary with a list, then save again",
        )
    if key in {"filepath", "handle"} and (_ADDRESS.search(text) or key == "filepath" or _ABSOLUTE.match(text)):
        return Reference(
            certain=True,
            message=f"{owner} loads {shown(text)!r}, outside of this file",
            why="loading opens that path or address on the machine that loads the file, and what is there becomes part "
            "of the model",
            fix="look at what is there before loading, or do not load this file",
        )
    if _ADDRESS.search(text) or _NETWORK_SHARE.match(text):
        return Reference(
            certain=False,
            message=f"{owner} names an address{_of(key)}: {shown(text)!r}",
            why="nothing here opens it; whether Keras would depends on the class that gets it",
            fix="look at what it is before loading this file",
        )
    if _LEAVES.search(text):
        if key == "name":
            return Reference(
                certain=True,
                message=f"the name {shown(text)!r} leads out of its folder",
                why="Keras before 3.15 (and 3.12.3) makes folders by the names of layers when it saves and loads: with "
                "'..' among them it writes outside of its own (CVE-2026-12479)",
                fix="do not load or save this model with Keras; its author would not name a layer so",
            )
        return Reference(
            certain=False,
            message=f"{owner} names a path that leads out of its folder{_of(key)}: {shown(text)!r}",
            why="nothing here opens it; whether Keras would depends on the class that gets it",
            fix="look at what it is before loading this file",
        )
    if key in _PATHS and _ABSOLUTE.match(text) and len(text) > 1:
        return Reference(
            certain=False,
            message=f"{owner} names a file of the machine{_of(key)}: {shown(text)!r}",
            why="nothing here opens it; whether Keras would depends on the class that gets it",
            fix="look at what it is before loading this file",
        )
    return None


def _of(key: str | None) -> str:
    return "" if key is None else f" as {shown(key)}"
