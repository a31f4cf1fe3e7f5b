"""How much of a saved file is looked at: the bounds that keep a hostile file from taking time or memory.

A bound that is exceeded never hides what was readable: it becomes a `FileIssue` of kind `malformed`, and the rest is
shown. Each is far above what Keras writes; the largest model looked at has 816 layers, 1,550 arrays and 269 MB.
"""

from __future__ import annotations

__all__ = [
    "ANSWER_SECONDS",
    "KILL_SECONDS",
    "MAX_ANSWER_BYTES",
    "MAX_ATTRIBUTES",
    "MAX_ATTRIBUTE_BYTES",
    "MAX_CHILD_BYTES",
    "MAX_CHUNK_BYTES",
    "MAX_HDF5_DEPTH",
    "MAX_HDF5_NAME",
    "MAX_HDF5_OBJECTS",
    "MAX_HDF5_PATH",
    "MAX_ISSUES",
    "MAX_JSON_BYTES",
    "MAX_JSON_DEPTH",
    "MAX_JSON_DIGITS",
    "MAX_JSON_NODES",
    "MAX_JSON_STRING",
    "MAX_NAME",
    "MAX_RANK",
    "MAX_RESTARTS",
    "MAX_STATS_BYTES",
    "MAX_TREE_CPU_SECONDS",
    "MAX_ZIP_DIRECTORY_BYTES",
    "MAX_ZIP_MEMBERS",
    "MAX_ZIP_NAME",
    "MAX_ZIP_RATIO",
    "MAX_ZIP_TOTAL_BYTES",
    "MIN_STATS_BYTES_PER_SECOND",
    "SLICE_BYTES",
    "STATS_CPU_SECONDS",
    "TREE_BYTES_PER_SECOND",
    "TREE_CPU_SECONDS",
    "ZIP_RATIO_FLOOR",
]

# All files

MAX_NAME = 1024
"""Characters of a name or place that is shown; Keras's longest, of deeply nested models, are around 300."""

MAX_ISSUES = 200
"""Issues of one kind of reading that are kept: a file with a million bad links is described by its first ones."""

# JSON: configs, metadata

MAX_JSON_BYTES = 32 * 1024 * 1024
"""Bytes of one JSON document; a functional config of 10,000 layers has about 10 MB."""

MAX_JSON_DEPTH = 200
"""Nested lists and objects; a nested model adds four to six, and whoever walks a config may use recursion (Python
allows 1,000 frames)."""

MAX_JSON_NODES = 2_000_000
"""Values in one document; each takes 50 to 100 bytes as a Python object, so that this is under 200 MB."""

MAX_JSON_STRING = 8 * 1024 * 1024
"""Characters of one string in a document; a marshalled function or a vocabulary has far fewer."""

MAX_JSON_DIGITS = 300
"""Digits of one number: a whole number of more does not fit a float, and reading it takes quadratic time."""

# Zip: .keras archives

MAX_ZIP_MEMBERS = 10_000
"""Members of an archive; Keras writes three, and one for each asset file."""

MAX_ZIP_DIRECTORY_BYTES = 4 * 1024 * 1024
"""Bytes of the central directory; each member has 46 and its name."""

MAX_ZIP_NAME = 1024
"""Bytes of a member's name."""

MAX_ZIP_RATIO = 250
"""Times its stored size that a member may have: weights compress to a half, JSON to a thirtieth, a bomb to 1,032."""

ZIP_RATIO_FLOOR = 8 * 1024 * 1024
"""Bytes below which the ratio says nothing: what is so small harms nobody."""

MAX_ZIP_TOTAL_BYTES = 1 << 42
"""Bytes that all members together may have unpacked; nothing is ever unpacked to disk, but the sizes are added up."""

# HDF5: .h5, .weights.h5

MAX_HDF5_OBJECTS = 100_000
"""Links that are looked at, of groups and datasets alike; 1,550 arrays come in about 3,000 groups."""

MAX_HDF5_DEPTH = 64
"""Groups inside each other; Keras uses three to five for each level of nested models."""

MAX_HDF5_NAME = 1024
"""Bytes of one link's name; a link of Keras 2 is a layer's name with scopes, `model_1/block_2/dense/kernel:0`."""

MAX_HDF5_PATH = 4096
"""Bytes of the path of an object: the names of the groups it is in."""

MAX_RANK = 32
"""Axes of an array: HDF5's own bound (`H5S_MAX_RANK`), checked because the child's answer could say more."""

MAX_ATTRIBUTES = 256
"""Attributes of one group that are listed; Keras writes up to six, and more where it split a long one."""

MAX_ATTRIBUTE_BYTES = MAX_JSON_BYTES
"""Bytes of one attribute; the longest is `model_config`, a JSON document."""

SLICE_BYTES = 4 * 1024 * 1024
"""Bytes of an array that are in memory at a time while its statistics are taken."""

MAX_CHUNK_BYTES = 8 * 1024 * 1024
"""Bytes of one chunk of a compressed array: HDF5 reads and unpacks it whole, so that a larger one is not read. h5py
makes chunks of at most 1 MiB where nobody says otherwise."""

# The child process that reads HDF5 and takes statistics

MAX_CHILD_BYTES = 320 * 1024 * 1024
"""Address space that the child may take (RLIMIT_AS) beyond what Python, NumPy and HDF5 map when they are imported
(110 MB here): what a corrupt file asks HDF5 to allocate fails there. The longest attribute needs it four times."""

TREE_CPU_SECONDS = 2
"""CPU seconds for reading a file's tree (RLIMIT_CPU), besides those for the bytes; the largest model took 0.4, a
libhdf5 in a loop takes all."""

TREE_BYTES_PER_SECOND = 16 * 1024 * 1024
"""Bytes of a file for which the tree is granted one more CPU second: groups without arrays take 800 bytes each."""

MAX_TREE_CPU_SECONDS = 15
"""CPU seconds for a tree in any case."""

STATS_CPU_SECONDS = 10
"""CPU seconds for statistics, besides those for the bytes."""

MIN_STATS_BYTES_PER_SECOND = 8 * 1024 * 1024
"""Bytes whose statistics take a CPU second on a slow machine; here it is over 100 MB."""

MAX_STATS_BYTES = 1 << 44
"""Bytes for which CPU seconds are granted; no file of weights is larger."""

MAX_RESTARTS = 3
"""Times that the child is started again for the other arrays after it died of one."""

ANSWER_SECONDS = 30.0
"""Seconds without a line from the child after which it is killed: it may wait for a network file system, but it says
that it lives at every slice."""

KILL_SECONDS = 5.0
"""Seconds for a killed child to be gone; one that hangs in a dead file system is left to the kernel."""

MAX_ANSWER_BYTES = 96 * 1024 * 1024
"""Bytes the child may say in all, attributes included: a compromised one must not fill our memory."""
