"""Operations of TensorFlow that touch what is outside of the graph: files, networks, Python.

Names are from the registrations under tensorflow/core/ops (io_ops.cc, dataset_ops.cc, experimental_dataset_ops.cc,
script_ops.cc, lookup_ops.cc, logging_ops.cc, summary_ops.cc, data_flow_ops.cc and others) of TensorFlow 2.21, and from
those of TensorFlow 1.15 that are gone since.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PASSES", "WATCHED", "Watched", "leaves"]

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")

PASSES = frozenset(
    {
        *("Concat", "ConcatV2", "EnsureShape", "ExpandDims", "Fill", "GatherV2", "Identity", "IdentityN", "Merge"),
        *("Pack", "PlaceholderWithDefault", "Reshape", "Select", "SelectV2", "ShardedFilename", "Slice", "Snapshot"),
        *("Squeeze", "StopGradient", "StridedSlice", "StringJoin", "Switch", "Tile"),
    }
)
"""Operations that hand a text on, or make one of several: a file's name is looked for behind them."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What is said of an operation.

    Attributes:
        does: What it does, as the beginning of a sentence about a file.
        why: What that means.
        kind: As in `FileIssue`.
        input: Which of its inputs is the file's name; `None` where none is.
        attribute: Which attribute is; empty where none is.
        nameless: What it does that to, where the name is not in the graph.
        own: Whether TensorFlow's own saver uses it, so that it is told of only where it leaves the model's folder.
        when: Whether it is told of, by what was found; `None` is always.
    """

    does: str
    why: str
    kind: str = "reference"
    input: int | None = None
    attribute: str = ""
    nameless: str = "a file whose name is given to it"
    own: bool = False
    when: Callable[[str], bool] | None = None


def leaves(path: str) -> bool:
    """Whether a path leads out of the folder it is meant for: absolute, with `..`, or an address."""
    return (
        path.startswith(("/", "\\", "~"))
        or _SCHEME.match(path) is not None
        or re.match(r"[A-Za-z]:[\\/]", path) is not None
        or ".." in re.split(r"[\\/]", path)
    )


def _in_a_file(path: str) -> bool:
    return path.startswith("file://")


def _not_empty(path: str) -> bool:
    return path != ""


_RUNS = "whoever runs the model opens what is named there, with their own rights"
_READS = f"the operation reads a file: {_RUNS}"
_WRITES = f"the operation writes or removes a file: {_RUNS}"
_CONNECTS = "the operation speaks to another machine whenever the model runs"
_CALLS = (
    "the operation calls a Python function by a number that the program gave it; the function is not in the file, and "
    "the operation works only in the program that made it"
)
_LINKED = (
    "the operation calls a compiled function by its name; the function is not in the file, and the operation works "
    "only in a program that has it"
)


def _rules() -> dict[bytes, Watched]:
    first = Watched("reads", _READS, input=0)
    named = {
        "ReadFile MatchingFiles TextLineDataset TFRecordDataset TFRecordDatasetV2 FixedLengthRecordDataset "
        "FixedLengthRecordDatasetV2 CSVDataset CSVDatasetV2 ExperimentalCSVDataset LMDBDataset ExperimentalLMDBDataset "
        "MatchingFilesDataset ExperimentalMatchingFilesDataset LoadDataset SnapshotDatasetReader SnapshotChunkDataset "
        "ListSnapshotChunksDataset GenerateVocabRemapping LoadAndRemapMatrix Restore RestoreSlice": first,
        "InitializeTableFromTextFile InitializeTableFromTextFileV2": Watched(
            "fills a table from",
            f"a vocabulary that was saved with the model is read that way, and so is any other file: {_RUNS}",
            input=1,
        ),
        "SqlDataset ExperimentalSqlDataset": Watched("reads from the database", _READS, input=1),
        "WholeFileReader WholeFileReaderV2 TextLineReader TextLineReaderV2 FixedLengthRecordReader "
        "FixedLengthRecordReaderV2 TFRecordReader TFRecordReaderV2 LMDBReader": Watched(
            "reads", _READS, nameless="files whose names come from a queue"
        ),
        "ImmutableConst": Watched("reads", _READS, attribute="memory_region_name"),
        "RecordInput": Watched("reads", _READS, attribute="file_pattern"),
        "Skipgram": Watched("reads", _READS, attribute="filename"),
        "FixedUnigramCandidateSampler": Watched("reads", _READS, attribute="vocab_file", when=_not_empty),
        "RestoreV2 DTensorRestoreV2 MergeV2Checkpoints": Watched("reads the checkpoint", _READS, input=0, own=True),
        "SaveV2": Watched("writes the checkpoint", _WRITES, input=0, own=True),
        "WriteFile Save SaveSlices": Watched("writes", _WRITES, input=0),
        "SaveDataset SaveDatasetV2 CreateSummaryFileWriter CreateSummaryDbWriter DatasetToTFRecord "
        "ExperimentalDatasetToTFRecord DistributedSave": Watched("writes", _WRITES, input=1),
        "SnapshotDataset SnapshotDatasetV2 CacheDataset CacheDatasetV2": Watched(
            "writes", _WRITES, input=1, when=_not_empty
        ),
        "CalibrationStatisticsSaver": Watched("writes", _WRITES, attribute="output_file_path"),
        "DumpTensor": Watched("writes", _WRITES, attribute="log_dir_path"),
        "PrintV2": Watched("prints into", _WRITES, attribute="output_stream", when=_in_a_file),
        "DebugIdentity DebugIdentityV2 DebugIdentityV3 DebugNanCount DebugNumericSummary": Watched(
            "sends what it computes to", _CONNECTS, attribute="debug_urls", when=_not_empty
        ),
        "Copy CopyHost": Watched("sends what it computes to", _CONNECTS, attribute="debug_ops_spec", when=_not_empty),
        "RpcClient RpcCall RpcServer RpcServerStart TryRpc Rpc DataServiceDataset DataServiceDatasetV2 "
        "DataServiceDatasetV3 DataServiceDatasetV4 RegisterDataset RegisterDatasetV2": Watched(
            "speaks to another machine", _CONNECTS, nameless=""
        ),
        "PyFunc PyFuncStateless EagerPyFunc": Watched("calls back into Python", _CALLS, kind="executable", nameless=""),
        "XlaCustomCall": Watched(
            "calls the compiled function", _LINKED, kind="executable", attribute="target_name", nameless=""
        ),
        "XlaCustomCallV2": Watched(
            "calls the compiled function", _LINKED, kind="executable", attribute="call_target_name", nameless=""
        ),
    }
    return {name.encode(): rule for names, rule in named.items() for name in names.split()}


WATCHED = _rules()
"""By the operation's name."""
