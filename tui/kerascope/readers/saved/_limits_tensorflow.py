"""How much of TensorFlow's files is looked at; see `_limits` for what becomes of a bound that is exceeded.

The largest SavedModel looked at, EfficientNetB7 by Keras 2, has a `saved_model.pb` of 13 MB.
"""

from __future__ import annotations

__all__ = [
    "MAX_ASSETS",
    "MAX_CHECKPOINT_NAME",
    "MAX_CHECKPOINT_NAMES",
    "MAX_EDGES",
    "MAX_ENTRIES",
    "MAX_FIELDS",
    "MAX_FIELD_NUMBER",
    "MAX_FUNCTIONS",
    "MAX_GRAPH_FILE_BYTES",
    "MAX_INDEX_BYTES",
    "MAX_KERAS_BYTES",
    "MAX_KERAS_OBJECTS",
    "MAX_KERAS_VALUES",
    "MAX_META_GRAPHS",
    "MAX_OBJECTS",
    "MAX_OBJECT_GRAPH_BYTES",
    "MAX_OP_NAMES",
    "MAX_PARTS",
    "MAX_PART_BYTES",
    "MAX_SHARDS",
    "MAX_SIGNATURES",
    "MAX_SIGNATURE_TENSORS",
    "MAX_STEPS",
    "MAX_TRACED_BYTES",
    "MAX_TRACED_OPS",
    "MAX_TRACED_PATHS",
    "MAX_WALK",
    "MAX_WATCHED",
    "WINDOW_BYTES",
]

# Protobuf

MAX_FIELD_NUMBER = (1 << 29) - 1
"""The largest number of a field that protobuf allows."""

MAX_FIELDS = 500_000
"""Fields of one message that are kept at a time; an object graph has one for each object, each takes 150 bytes."""

MAX_STEPS = 6_000_000
"""Fields that are looked at in one file, so that it takes seconds at most; 816 layers take 1,000,000."""

WINDOW_BYTES = 256 * 1024
"""Bytes that are read at a time while the fields of a message in a file are stepped over."""

# SavedModel

MAX_GRAPH_FILE_BYTES = 1 << 31
"""Bytes of a `saved_model.pb`: protobuf's own bound. What is large in it (constants) is stepped over, not read."""

MAX_PART_BYTES = 64 * 1024 * 1024
"""Bytes of one part that is read whole: one function, the signatures, the object graph (2 MB for 816 layers)."""

MAX_META_GRAPHS = 16
"""Graphs in one SavedModel; TensorFlow 2 writes one, TensorFlow 1 one for each set of tags."""

MAX_FUNCTIONS = 100_000
"""Functions that are looked at; 816 layers have 3,600."""

MAX_OP_NAMES = 4096
"""Different operations that are counted apart; TensorFlow has about 1,600."""

MAX_PARTS = 4096
"""Entries of one kind beside a graph: signatures, collections, assets."""

MAX_SIGNATURES = 256
"""Signatures that are listed; models have one to five."""

MAX_SIGNATURE_TENSORS = 1024
"""Inputs or outputs of one signature that are listed."""

MAX_OBJECTS = 400_000
"""Objects of an object graph; 816 layers have 12,000, functions included."""

MAX_KERAS_OBJECTS = 50_000
"""Keras objects whose metadata is read; a model of 10,000 layers has a few more than that."""

MAX_KERAS_BYTES = 64 * 1024 * 1024
"""Bytes of `keras_metadata.pb`; 816 layers have 2 MB."""

MAX_KERAS_VALUES = 2_000_000
"""JSON values in all of it together; 816 layers have 95,000, each takes 50 to 100 bytes as a Python object."""

MAX_ASSETS = 1000
"""Asset files that are listed."""

MAX_EDGES = 1_000_000
"""Attributes of all objects together; 816 layers have 80,000, each takes 100 bytes."""

MAX_WALK = 3_000_000
"""Attributes that are followed to find what belongs to each layer; 816 layers take 30,000."""

MAX_TRACED_OPS = 64
"""Operations that are looked at to find out where the name of a file comes from; TensorFlow's own saver takes seven."""

MAX_WATCHED = 2000
"""Operations that are looked at because they touch files; a model with a hundred vocabularies has a few hundred."""

MAX_TRACED_BYTES = 32 * 1024 * 1024
"""Bytes of operations that are kept while names of files are looked for; 816 layers have 2 MB in the graph itself."""

MAX_TRACED_PATHS = 8
"""File names that are shown for one operation."""

# Checkpoints

MAX_INDEX_BYTES = 32 * 1024 * 1024
"""Bytes of an index; each array takes 60 to 100."""

MAX_ENTRIES = 100_000
"""Arrays, and slices of arrays, in an index; 816 layers have 1,600, and with an optimizer's three times as many."""

MAX_CHECKPOINT_NAME = 1024
"""Bytes of one name in an index; the path of a variable through a model's attributes has about 100."""

MAX_CHECKPOINT_NAMES = 32 * 1024 * 1024
"""Bytes of all names in an index together: in the file they share what they have in common, in memory they do not."""

MAX_SHARDS = 10_000
"""Data files of one checkpoint; the largest models are written in a few hundred."""

MAX_OBJECT_GRAPH_BYTES = 64 * 1024 * 1024
"""Bytes of the object graph that a checkpoint holds among its arrays; 816 layers have 200 kB."""
