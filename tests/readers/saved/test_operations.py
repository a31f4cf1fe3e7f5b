"""Operations of a graph: their counts, and which of them touch what is outside of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.readers.saved.tensorflow_files import graph, message, node, number, tensor

from kerascope.readers.saved import _operations, _wire
from kerascope.readers.saved._operations import Operations, read_operations
from kerascope.readers.saved._watched import WATCHED, leaves
from kerascope.readers.saved._wire import FileBytes

if TYPE_CHECKING:
    from pathlib import Path


def read(folder: Path, data: bytes, assets: frozenset[str] = frozenset()) -> Operations:
    """The operations of a graph."""
    path = folder / "graph.pb"
    path.write_bytes(data)
    with FileBytes(path, 1 << 30) as file:
        return read_operations(file, 0, file.size, assets)


def told(operations: Operations) -> list[tuple[str, str, bool]]:
    """Kind, message and certainty of each issue."""
    return [(issue.kind, issue.message, issue.certain) for issue in operations.issues]


def text_attribute(name: str, *values: str, several: bool = False) -> bytes:
    """An attribute of one text, or of a list of texts."""
    inner = message(1, *(message(2, value) for value in values)) if several else message(2, values[0])
    return message(5, message(1, name), message(2, inner))


def test_counts_of_graph_and_functions(tmp_path: Path) -> None:
    data = graph(node("x", "Placeholder"), node("y", "Add", "x", "x"), functions={"f": [node("z", "Add")] * 3, "g": []})
    found = read(tmp_path, data)
    assert found.counts == {"Add": 4, "Placeholder": 1}
    assert found.functions == 2
    assert found.issues == ()


def test_the_last_op_of_a_node_is_its_op(tmp_path: Path) -> None:
    """As for TensorFlow: naming a harmless operation first hides nothing."""
    sly = node("a", "Add", "name") + message(2, "ReadFile")
    found = read(tmp_path, graph(node("name", "Const", attributes=tensor("/etc/passwd")), sly))
    assert found.counts == {"Const": 1, "ReadFile": 1}
    assert told(found) == [("reference", "the graph reads /etc/passwd (operation ReadFile)", True)]


def test_names_are_followed_through_what_hands_them_on(tmp_path: Path) -> None:
    inside = [
        node("folder", "Const", attributes=tensor("/home/user")),
        node("name", "Const", attributes=tensor("secret.txt")),
        node("join", "StringJoin", "folder:output:0", "name:output:0", "^other"),
        node("same", "Identity", "join:output:0"),
        node("read", "ReadFile", "same:output:0"),
    ]
    assert told(read(tmp_path, graph(functions={"f": inside}))) == [
        ("reference", "the function f reads /home/user, secret.txt (operation ReadFile)", True)
    ]


def test_names_that_go_in_circles(tmp_path: Path) -> None:
    inside = [node("a", "Identity", "b"), node("b", "Identity", "a"), node("read", "ReadFile", "a")]
    assert told(read(tmp_path, graph(functions={"f": inside}))) == [
        ("reference", "the function f reads a file whose name is given to it (operation ReadFile)", False)
    ]


def test_the_same_in_many_functions_is_told_once(tmp_path: Path) -> None:
    inside = [node("c", "Const", attributes=tensor("x")), node("read", "ReadFile", "c")]
    assert len(read(tmp_path, graph(functions={f"f{n}": inside for n in range(5)})).issues) == 1


def test_assets_are_named_as_such(tmp_path: Path) -> None:
    nodes = [
        node("Const", "Const", attributes=tensor("words.txt")),
        node("t", "HashTableV2"),
        node("i", "InitializeTableFromTextFileV2", "t", "Const"),
    ]
    (issue,) = read(tmp_path, graph(*nodes), frozenset({"Const"})).issues
    assert issue.message == "the graph fills a table from the asset words.txt (operation InitializeTableFromTextFileV2)"
    assert not issue.certain


@pytest.mark.parametrize(
    ("path", "silent"), [("model", True), ("_temp/part", True), ("/etc/x", False), ("../x", False), ("gs://b/x", False)]
)
@pytest.mark.parametrize("op", ["SaveV2", "RestoreV2", "MergeV2Checkpoints"])
def test_the_saver_is_told_of_only_where_it_leaves(tmp_path: Path, op: str, path: str, silent: bool) -> None:
    nodes = [node("c", "Const", attributes=tensor(path)), node("p", "PlaceholderWithDefault", "c"), node("s", op, "p")]
    assert bool(read(tmp_path, graph(*nodes)).issues) != silent
    assert not read(tmp_path, graph(functions={"f": [node("s", op, "argument")]})).issues


def test_attributes_name_files_too(tmp_path: Path) -> None:
    nodes = [
        node("a", "PrintV2", "x", attributes=text_attribute("output_stream", "stderr")),
        node("b", "PrintV2", "x", attributes=text_attribute("output_stream", "file:///tmp/log")),
        node("c", "DebugIdentity", "x", attributes=text_attribute("debug_urls", "grpc://host:1", several=True)),
        node("d", "DebugIdentity", "x"),
        node("e", "ImmutableConst", attributes=text_attribute("memory_region_name", "/etc/hosts")),
    ]
    assert [text for _, text, _ in told(read(tmp_path, graph(*nodes)))] == [
        "the graph prints into file:///tmp/log (operation PrintV2)",
        "the graph sends what it computes to grpc://host:1 (operation DebugIdentity)",
        "the graph reads /etc/hosts (operation ImmutableConst)",
    ]


def test_caches_in_memory_are_silent(tmp_path: Path) -> None:
    def cache(path: str) -> bytes:
        return graph(node("c", "Const", attributes=tensor(path)), node("d", "CacheDatasetV2", "x", "c"))

    assert not read(tmp_path, cache("")).issues
    assert read(tmp_path, cache("/tmp/cache")).issues


@pytest.mark.parametrize("op", [name.decode() for name in WATCHED])
def test_every_watched_operation_says_a_sentence(tmp_path: Path, op: str) -> None:
    rule = WATCHED[op.encode()]
    path = "file:///tmp/x"
    inputs = ["other"] * (rule.input or 0) + ["c"]
    attributes = text_attribute(rule.attribute, path) if rule.attribute else b""
    nodes = [node("c", "Const", attributes=tensor(path)), node("n", op, *inputs, attributes=attributes)]
    (issue,) = read(tmp_path, graph(*nodes)).issues
    assert issue.kind == rule.kind
    assert f"(operation {op})" in issue.message
    assert "  " not in issue.message
    assert (path in issue.message) == (rule.input is not None or bool(rule.attribute))


@pytest.mark.parametrize("path", ["/x", "~/x", "../x", "a/../../x", "a\\..\\x", "C:\\x", "http://x", "\\\\host\\x"])
def test_paths_that_leave(path: str) -> None:
    assert leaves(path)


@pytest.mark.parametrize("path", ["x", "a/b.txt", "a..b", "..a", "", "model-1:0"])
def test_paths_that_stay(path: str) -> None:
    assert not leaves(path)


# Wrong and hostile


@pytest.mark.parametrize(
    "data",
    [
        message(1, b"\x12\x70"),
        message(2, b"\x0a\x70"),
        message(2, message(1, b"\x1a\x70")),
        message(2, message(1, message(3, b"\x12\x70"))),
        b"\x0b",
        message(1, message(2, "x" * 300)),
    ],
)
def test_what_stands_before_a_wrong_place_is_counted(tmp_path: Path, data: bytes) -> None:
    found = read(tmp_path, graph(node("a", "Add")) + data)
    assert found.counts["Add"] == 1
    assert [issue.kind for issue in found.issues] == ["malformed"]


def test_a_large_constant_is_no_trouble(tmp_path: Path) -> None:
    large = node("weights", "Const", attributes=message(5, message(1, "value"), message(2, bytes(3_000_000))))
    found = read(tmp_path, graph(large, node("a", "Add"), functions={"f": [large, node("b", "Add")]}))
    assert found.counts == {"Const": 2, "Add": 2}
    assert found.issues == ()


def test_bounds_end_the_look_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_operations, "MAX_OP_NAMES", 3)
    monkeypatch.setattr(_operations, "MAX_FUNCTIONS", 2)
    found = read(tmp_path, graph(*(node("n", f"Op{number}") for number in range(9))))
    assert len(found.counts) == 3
    assert "more than 3 different operations" in found.issues[0].message
    found = read(tmp_path, graph(functions={f"f{number}": [] for number in range(9)}))
    assert "more than 2 functions" in found.issues[0].message


def test_the_budget_ends_the_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_wire, "MAX_STEPS", 500)
    found = read(tmp_path, graph(*(node("n", "Add") + number(9, 1) * 50 for _ in range(30))))
    assert 0 < found.counts["Add"] < 30
    assert "more than 500 fields" in found.issues[0].message


def test_many_issues_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_operations, "MAX_ISSUES", 5)
    nodes = []
    for count in range(20):
        nodes += [node(f"c{count}", "Const", attributes=tensor(f"/{count}")), node("r", "ReadFile", f"c{count}")]
    assert len(read(tmp_path, graph(*nodes)).issues) == 5
