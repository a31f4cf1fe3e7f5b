"""What an exception has broken off: the call of a layer it came from, and the models that are not as they should be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .places import Places
    from .recorder import Recorder

__all__ = ["broken_off", "failed_call"]

CALLS = frozenset({"call", "tf__call"})
"""Names of a model's own `call`; AutoGraph renames what it converts."""


def broken_off(error: BaseException, places: Places, recorder: Recorder) -> list[int]:
    """Models, by uid, whose construction an exception has ended, or the first call that would have given them shapes.

    A model that was called before stays what it is, whatever it is called on later.
    """
    called_in_vain = failed_call(error, recorder) is not None
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


def failed_call(error: BaseException, recorder: Recorder) -> dict[str, Any] | None:
    """The call of a layer that an exception came from, `None` when it came from elsewhere."""
    failed = recorder.failed
    if failed is None or not failed.led_to(error):
        return None
    return {"uid": failed.uid, "inputs": failed.inputs, "place": failed.place}
