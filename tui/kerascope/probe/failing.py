"""Exceptions of the user's code: where they happened, which layer's call they came from, what they left unfinished."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

from .records import MAX_CHAIN

if TYPE_CHECKING:
    from .places import Place, Places
    from .recorder import Recorder

__all__ = ["exception_facts", "exception_message", "exception_traceback", "unfinished_models", "user_frames"]

MAX_TRACEBACK = 64 * 1024
"""Characters of a traceback that are told: deep recursion repeats itself."""

CALLS = frozenset({"call", "tf__call"})
"""Names of a model's own `call`; AutoGraph renames what it converts."""


def exception_facts(error: BaseException, places: Places, recorder: Recorder) -> dict[str, Any]:
    """An exception of the user's code, ready to be sent.

    Returns:
        `kind` (`exception`), `type`, `message`, the user's `frames`, the `traceback` as Python would print it, the
        `failed` call of a layer that it came from, and the models it left `unfinished`.
    """
    return {
        "kind": "exception",
        "type": type(error).__name__,
        "message": exception_message(error, places),
        "frames": user_frames(error, places),
        "traceback": exception_traceback(error, places),
        "failed": _failed_call(error, places, recorder),
        "unfinished": unfinished_models(error, places, recorder),
    }


def user_frames(error: BaseException, places: Places) -> list[Place]:
    """The user's own frames of an exception, outermost first; of a syntax error, where that is."""
    frames = places.traceback(error)
    if isinstance(error, SyntaxError) and error.filename and not frames:
        frames = [{"path": error.filename, "line": error.lineno or 1, "function": "<module>"}]
    return frames


def exception_message(error: BaseException, places: Places) -> str:
    """Type and text of an exception, as the last lines of a traceback have them."""
    # Copes with an exception whose own __str__ fails.
    lines = traceback.format_exception_only(type(error), error)
    # A syntax error's first lines repeat its place and the text there.
    return places.without_ours((lines[-1] if isinstance(error, SyntaxError) else "".join(lines)).strip())


def exception_traceback(error: BaseException, places: Places) -> str:
    """What Python itself would print, had we not been there."""
    whole = traceback.TracebackException(type(error), error, error.__traceback__)
    parts: list[traceback.TracebackException | None] = [whole]
    for _ in range(MAX_CHAIN):
        part = parts.pop() if parts else None
        if part is None:
            continue
        own = [frame for frame in part.stack if places.owner(frame.filename) != "probe"]
        part.stack = traceback.StackSummary.from_list(own)
        parts += [part.__cause__, part.__context__]
    return places.without_ours("".join(whole.format()))[-MAX_TRACEBACK:]


def unfinished_models(error: BaseException, places: Places, recorder: Recorder) -> list[int]:
    """Models, by uid, whose construction an exception has ended, or the first call that would have given them shapes.

    A model that was called before stays what it is, whatever it is called on later.
    """
    called_in_vain = _failed_call(error, places, recorder) is not None
    found = []
    entry = error.__traceback__
    while entry is not None:
        code = entry.tb_frame.f_code
        made = entry.tb_frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None
        record = None if made is None else recorder.record_of(made)
        if record is not None and (
            code.co_name == "__init__" or (called_in_vain and code.co_name in CALLS and recorder.is_shapeless(record))
        ):
            found.append(record.uid)
        entry = entry.tb_next
    # Keras 2 takes its own frames out of a traceback: the constructor's line is all that is left of it.
    last = recorder.last_model()
    if last is not None and last.place is not None and called_in_vain:
        lines = range(last.place["line"], (last.place["end_line"] or last.place["line"]) + 1)
        frames = places.traceback(error)
        if any(frame["path"] == last.place["path"] and frame["line"] in lines for frame in frames):
            found.append(last.uid)
    return found


def _failed_call(error: BaseException, places: Places, recorder: Recorder) -> dict[str, Any] | None:
    """The call of a layer that an exception came from, `None` when it came from elsewhere."""
    failed = recorder.failed
    if failed is None or not failed.led_to(error):
        return None
    # The layer's own words: the layers around it say what they were doing when it failed.
    message = places.without_ours("".join(traceback.format_exception_only(type(failed.error), failed.error)).strip())
    return {"uid": failed.uid, "inputs": failed.inputs, "place": failed.place, "message": message}
