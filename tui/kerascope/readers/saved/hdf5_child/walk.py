"""The tree of an HDF5 file, by hard links alone: each object once, bounded in number and depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from h5py import h5d, h5g, h5l, h5o, h5t

from .objects import Refused, describe, read_attribute, wanted_attributes

if TYPE_CHECKING:
    from .wire import Answer

__all__ = ["ERRORS", "reason_of", "walk"]

ERRORS = (RuntimeError, OSError, ValueError, KeyError, TypeError, MemoryError, OverflowError, AttributeError)
"""What h5py raises for a file that is not as it should be."""

WHOLE = "what else the file holds is shown"


def walk(file: Any, limits: dict[str, int], answer: Answer) -> None:
    """Tell of every array, of the groups that list their weights, and of the texts that Keras leaves with groups.

    Args:
        file: The open file's identifier.
        limits: The bounds of the request: `objects`, `depth`, `name_bytes`, `path_bytes`, `attributes`,
            `attribute_bytes`, `chunk_bytes`.
        answer: Takes `array`, `owner` and `text` lines, and issues.
    """
    root = h5g.open(file, b"/")
    seen = {h5o.get_info(root).addr: ""}
    left = limits["objects"]
    waiting: list[tuple[Any, str, int]] = [(root, "", 0)]
    texts: list[tuple[Any, str, bytes]] = []
    while waiting:
        group, path, depth = waiting.pop()
        texts += [(group, path, name) for name in _texts(group, path, limits, answer)]
        links, whole = _links(group, path, left, answer)
        left -= len(links)
        if not whole:
            what = f"holds more than {limits['objects']:,} objects; those beyond are not shown"
            answer.issue("malformed", path, what, "Keras writes a few thousand for its largest models")
        inner = []
        for name, kind, address in links:
            below = _name(path, name)
            if len(name) > limits["name_bytes"] or len(below) > limits["path_bytes"] or b"/" in name:
                what = f"has a link whose name, or path, is too long: {len(name):,} bytes"
                answer.issue("malformed", path, what, WHOLE)
            elif kind != h5l.TYPE_HARD:
                _tell_link(group, name, kind, below, answer)
            elif address in seen:
                what = f"is the same object as {seen[address] or 'the root'}"
                answer.issue("malformed", below, what, "Keras never writes one twice; it was looked at once")
            else:
                seen[address] = below
                opened = _look(group, name, below, limits, answer)
                if opened is not None and depth + 1 >= limits["depth"]:
                    what = f"is nested deeper than {limits['depth']} groups; what it holds is not shown"
                    answer.issue("malformed", below, what, WHOLE)
                elif opened is not None:
                    inner.append((opened, below, depth + 1))
        # A stack, so that the order is that of a walk in depth, and no Python frame stands for a group.
        waiting.extend(reversed(inner))
        if answer.full:
            answer.issue("malformed", path, "says more than is taken in; the rest of it is not shown", WHOLE)
            break
    # Last, because libhdf5 can spin for ever on the texts of a broken file; the arrays are known by then.
    answer.flush()
    for group, path, name in texts:
        _tell_text(group, path, name, limits, answer)


def _links(group: Any, path: str, most: int, answer: Answer) -> tuple[list[tuple[bytes, int, int]], bool]:
    """Up to `most` links of a group as (name, kind, address of a hard link), and whether these are all."""
    links: list[tuple[bytes, int, int]] = []
    whole = True

    def note(name: bytes, info: Any) -> bool | None:
        nonlocal whole
        if len(links) >= most:
            whole = False
            return True
        links.append((name, info.type, info.u if info.type == h5l.TYPE_HARD else 0))
        return None

    try:
        group.links.iterate(note, info=True)
    except ERRORS as error:
        answer.issue("malformed", path, f"has links that cannot be read: {reason_of(error)}", WHOLE)
    return links, whole


def _name(path: str, name: bytes) -> str:
    text = name.decode("utf-8", "surrogateescape")
    return f"{path}/{text}" if path else text


def _tell_link(group: Any, name: bytes, kind: int, below: str, answer: Answer) -> None:
    """Report a link that is not hard; it is not followed."""
    if kind == h5l.TYPE_EXTERNAL:
        file, inside = group.links.get_val(name)
        what = f"is an external link to {_shown(inside)} in the file {_shown(file)}"
        why = "loading it would read that file; it was not opened"
    elif kind == h5l.TYPE_SOFT:
        what = f"is a soft link to {_shown(group.links.get_val(name))}"
        why = "Keras writes no links and refuses to load them; it was not followed"
    else:
        what = f"is a link of a kind that its author defined (class {kind})"
        why = "what it leads to is up to a plugin; it was not followed"
    answer.issue("reference", below, what, why)


def _shown(name: bytes) -> str:
    return name[:300].decode("utf-8", "replace")


def _look(group: Any, name: bytes, below: str, limits: dict[str, int], answer: Answer) -> Any:
    """Tell of an array; a group is returned."""
    try:
        opened = h5o.open(group, name)
        if isinstance(opened, h5g.GroupID):
            return opened
        if isinstance(opened, h5t.TypeID):
            answer.issue("malformed", below, "is a type without an array", "Keras stores none; it was left out")
        elif isinstance(opened, h5d.DatasetID):
            _tell_array(opened, below, limits, answer)
    except ERRORS as error:
        answer.issue("malformed", below, f"cannot be read: {reason_of(error)}", WHOLE)
    return None


def _tell_array(array: Any, path: str, limits: dict[str, int], answer: Answer) -> None:
    told = describe(array, limits)
    elsewhere = told.pop("elsewhere", [])
    how = told.pop("how", None)
    claim = told.pop("claim", None)
    answer.say("array", path=path, **told)
    if how is not None:
        files = ", ".join(_shown(each.encode("utf-8", "replace")) for each in elsewhere) or "other files"
        what = f"keeps its numbers elsewhere ({how} storage): {files}"
        answer.issue("reference", path, what, "loading it would read what is there; nothing of it was opened")
    elif claim is not None:
        what = f"claims {told['nbytes']:,} bytes of numbers and stores {claim:,}"
        answer.issue("malformed", path, what, "loading it would take that much memory; Keras 3.15 refuses to")


def _texts(group: Any, path: str, limits: dict[str, int], answer: Answer) -> list[bytes]:
    """Names of a group's attributes whose texts are wanted; tells of one that lists the weights of a layer.

    Which weights these are is known from the tree; the list itself is not read.
    """
    try:
        names, more = wanted_attributes(group, limits["attributes"])
    except ERRORS as error:
        answer.issue("malformed", path, f"has attributes that cannot be read: {reason_of(error)}", WHOLE)
        return []
    if more:
        what = f"has more than {limits['attributes']:,} attributes; those beyond were not read"
        answer.issue("malformed", path, what, WHOLE)
    if any(name.startswith(b"weight_names") for name in names):
        answer.say("owner", path=path)
    if path.rpartition("/")[2] == "vars":
        return [name for name in names if name == b"name"]
    if path in ("", "model_weights"):
        return [name for name in names if not name.startswith(b"weight_names") and name != b"name"]
    return []


def _tell_text(group: Any, path: str, name: bytes, limits: dict[str, int], answer: Answer) -> None:
    text = name.decode("utf-8", "replace")
    try:
        value, lengths = read_attribute(group, name, limits["attribute_bytes"])
        answer.say("text", value, path=path, name=text, lengths=lengths)
    except Refused as refused:
        answer.issue("malformed", path, f"has an attribute {text} that {refused.message}", refused.why)
    except ERRORS as error:
        what = f"has an attribute {text} that cannot be read: {reason_of(error)}"
        answer.issue("malformed", path, what, WHOLE)


def reason_of(error: BaseException) -> str:
    """Why something could not be read, as HDF5 says it."""
    if isinstance(error, MemoryError):
        return "it asks for more memory than it may have"
    text = " ".join(str(error.args[0] if error.args else error).split())
    return text[:300] or type(error).__name__
