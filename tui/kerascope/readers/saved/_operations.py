"""The operations of a TensorFlow graph: how many of each there are, and which of them touch files, networks or Python.

Numbers are from tensorflow/core/framework/graph.proto (`GraphDef`: 1 node, 2 library), function.proto
(`FunctionDefLibrary`: 1 function; `FunctionDef`: 1 signature, 3 node_def), op_def.proto (`OpDef`: 1 name),
node_def.proto (`NodeDef`: 1 name, 2 op, 3 input, 5 attr) and attr_value.proto (`AttrValue`: 1 list, 2 s, 8 tensor;
`ListValue`: 2 s).
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kerascope.graph import FileIssue, clean_line
from kerascope.readers.saved._errors import Malformed
from kerascope.readers.saved._limits import MAX_ISSUES
from kerascope.readers.saved._limits_tensorflow import (
    MAX_FUNCTIONS,
    MAX_OP_NAMES,
    MAX_PART_BYTES,
    MAX_TRACED_BYTES,
    MAX_TRACED_OPS,
    MAX_TRACED_PATHS,
    MAX_WATCHED,
)
from kerascope.readers.saved._tensors import strings_of
from kerascope.readers.saved._watched import PASSES, WATCHED, Watched, leaves
from kerascope.readers.saved._wire import BYTES, Message, fields, text_of

if TYPE_CHECKING:
    from kerascope.readers.saved._wire import Budget, FileBytes

__all__ = ["Operations", "read_operations"]

_Span = tuple[bytes, int, int]
_MAX_KEPT_BYTES = 64 * 1024
"""Bytes of an operation that is kept while names of files are looked for: a constant with more is no name."""


@dataclass(frozen=True, slots=True)
class Operations:
    """What a graph computes with.

    Attributes:
        counts: How often each operation stands in the graph and in its functions, most frequent first.
        functions: How many functions it has.
        issues: Operations that touch what is outside of the graph, and what could not be read.
    """

    counts: dict[str, int]
    functions: int
    issues: tuple[FileIssue, ...]


def read_operations(file: FileBytes, start: int, end: int, assets: frozenset[str]) -> Operations:
    """Count the operations of a `GraphDef` and look at those that touch what is outside of it.

    Args:
        file: The file it stands in.
        start: Where it begins.
        end: Where it ends.
        assets: Names of constants that stand for asset files of the SavedModel.
    """
    reader = _Reader(file, assets)
    try:
        reader.graph(start, end)
    except Malformed as error:
        reader.malformed(error)
    counts = {clean_line(name.decode("utf-8", "replace")): count for name, count in reader.counts.most_common()}
    return Operations(counts, reader.functions, tuple(reader.issues))


@dataclass(slots=True)
class _Reader:
    """Walks one graph."""

    file: FileBytes
    assets: frozenset[str]
    counts: Counter[bytes] = field(default_factory=Counter)
    functions: int = 0
    issues: list[FileIssue] = field(default_factory=list)
    told: set[tuple[str, str]] = field(default_factory=set)
    watched: int = 0

    def malformed(self, error: Malformed) -> None:
        """Say what could not be read."""
        why = "the operations before that place were counted and looked at; those behind it were not"
        # A graph that only is very large is not wrong.
        within = self.file.budget.left >= 0
        self.issues.append(FileIssue(kind="malformed", message=str(error), why=why, where="graph_def", certain=within))

    def graph(self, start: int, end: int) -> None:
        """A `GraphDef`."""
        watched: list[bytes] = []
        for number, a, b, data in self.file.fields(start, end, over=frozenset({2})):
            if number == 1:
                if data is None:
                    data, a, b = self._large("an operation", a, b)
                if self._count(data, a, b) and self._may_watch(watched):
                    watched.append(data[a:b])
            elif number == 2 and data is None:
                self._library(a, b)
        if watched:
            self._judge("the graph", self._kept(start, end), watched)

    def _kept(self, start: int, end: int) -> dict[str, bytes]:
        """The graph's own operations by name, those that are not too large to hand on a name."""
        kept: dict[str, bytes] = {}
        total = 0
        for number, a, b, data in self.file.fields(start, end, over=frozenset({2})):
            if number == 1 and data is not None and b - a <= _MAX_KEPT_BYTES:
                total += b - a
                if total > MAX_TRACED_BYTES:
                    break
                kept[_name_of(data, a, b)] = data[a:b]
        return kept

    def _may_watch(self, watched: list[bytes]) -> bool:
        """Whether one more operation is looked at; the first that is not is said."""
        self.watched += 1
        if self.watched == MAX_WATCHED + 1:
            message = f"more than {MAX_WATCHED:,} operations of the graph touch files, networks or Python"
            why = "they are of the kinds that are listed, or of others; only so many were looked at"
            self.issues.append(FileIssue(kind="reference", message=message, why=why, where="graph_def"))
        return self.watched <= MAX_WATCHED

    def _large(self, what: str, a: int, b: int) -> _Span:
        """A part that does not fit the window, such as an operation with a large constant."""
        if b - a > MAX_PART_BYTES:
            raise Malformed(f"{what} of the graph has {b - a:,} bytes; more than {MAX_PART_BYTES:,} are not read")
        return self.file.read(a, b), 0, b - a

    def _library(self, start: int, end: int) -> None:
        """A `FunctionDefLibrary`."""
        for number, a, b, data in self.file.fields(start, end, over=frozenset()):
            if number != 1:
                continue
            self.functions += 1
            if self.functions > MAX_FUNCTIONS:
                raise Malformed(f"the graph has more than {MAX_FUNCTIONS:,} functions")
            if data is None:
                data, a, b = self._large("a function", a, b)
            self._function(data, a, b)

    def _function(self, data: bytes, start: int, end: int) -> None:
        """A `FunctionDef`."""
        watched: list[bytes] = []
        signature = (0, 0)
        budget = self.file.budget
        for number, wire, a, b in fields(data, start, end):
            budget.spend()
            if wire != BYTES:
                continue
            if number == 3:
                if self._count(data, a, b) and self._may_watch(watched):
                    watched.append(data[a:b])
            elif number == 1:
                signature = (a, b)
        if not watched:
            return
        kept = {}
        for number, wire, a, b in fields(data, start, end):
            budget.spend()
            if number == 3 and wire == BYTES and b - a <= _MAX_KEPT_BYTES:
                kept[_name_of(data, a, b)] = data[a:b]
        name = Message(data, signature, budget=budget).text(1)
        self._judge(f"the function {name}", kept, watched)

    def _count(self, data: bytes, start: int, end: int) -> bool:
        """Count an operation; whether it is one to look at."""
        first = last = steps = 0
        for number, wire, a, b in fields(data, start, end):
            steps += 1
            if number == 2 and wire == BYTES:
                first, last = a, b
        self.file.budget.spend(1 + steps)
        op = data[first:last]
        if op not in self.counts:
            if len(self.counts) >= MAX_OP_NAMES:
                raise Malformed(f"the graph has more than {MAX_OP_NAMES:,} different operations")
            if len(op) > 256:
                raise Malformed(f"the name of an operation has {len(op):,} bytes")
        self.counts[op] += 1
        return op in WATCHED

    def _judge(self, where: str, kept: dict[str, bytes], watched: list[bytes]) -> None:
        """Say what the operations do that touch something outside."""
        names = _Names(kept, self.assets, self.file.budget)
        for data in watched:
            node = Message(data, budget=self.file.budget)
            rule = WATCHED[node.raw(2)]
            self._tell(rule, node.text(2), where, names.of(node, rule))

    def _tell(self, rule: Watched, op: str, where: str, names: _Found) -> None:
        """One issue for each operation and what it touches; the same in a second function says nothing new."""
        shown = names.paths[:MAX_TRACED_PATHS]
        if rule.own and not any(leaves(path) for path in shown):
            return
        if rule.when is not None and not any(rule.when(path) for path in shown):
            return
        what = ", ".join(shown)
        if (op, what) in self.told or len(self.issues) >= MAX_ISSUES:
            return
        self.told.add((op, what))
        if what and names.asset:
            what = f"the asset {what}"
        elif not what:
            what = rule.nameless
        sentence = f"{where} {rule.does} {what}".rstrip()
        self.issues.append(
            FileIssue(
                kind=rule.kind,
                message=f"{sentence} (operation {op})",
                why=rule.why,
                where="graph_def",
                certain=rule.kind == "reference" and bool(shown) and not names.asset,
            )
        )


def _name_of(data: bytes, start: int, end: int) -> str:
    """The name of an operation, as `Message.text` gives it."""
    first = last = 0
    for number, wire, a, b in fields(data, start, end):
        if number == 1 and wire == BYTES:
            first, last = a, b
    return text_of(data, first, last)


@dataclass(slots=True)
class _Found:
    """Where the name of a file comes from: constants, or something else."""

    paths: list[str] = field(default_factory=list)
    asset: bool = False


@dataclass(slots=True)
class _Names:
    """Follows the inputs of an operation back to the constants they are made of."""

    nodes: dict[str, bytes]
    assets: frozenset[str]
    budget: Budget

    def of(self, node: Message, rule: Watched) -> _Found:
        """The names that an operation gets."""
        found = _Found()
        attributes = dict(node.entries(5)) if rule.attribute else {}
        if rule.attribute and (value := attributes.get(rule.attribute)) is not None:
            several = value.message(1)
            found.paths = [value.text(2)] if several is None else several.texts(2)
            found.paths = [path for path in found.paths if path]
        if rule.input is None:
            return found
        queue = deque(_inputs_of(node)[rule.input : rule.input + 1])
        seen: set[str] = set()
        while queue and len(seen) < MAX_TRACED_OPS:
            name = queue.popleft()
            if name in seen or name not in self.nodes:
                continue
            seen.add(name)
            source = Message(self.nodes[name], budget=self.budget)
            op = source.text(2)
            if op == "Const":
                value = dict(source.entries(5)).get("value")
                found.paths += [path for path in strings_of(value and value.message(8), MAX_TRACED_PATHS) if path]
                found.asset = found.asset or name in self.assets
            elif op in PASSES:
                queue += _inputs_of(source)
        return found


def _inputs_of(node: Message) -> list[str]:
    """Names of the operations that a `NodeDef` takes; those that it only waits for (`^name`) are none of them."""
    return [each.partition(":")[0] for each in node.texts(3) if not each.startswith("^")]
