"""What the keys do where trainings are started and listed."""

from __future__ import annotations

from kerascope.app._action import Action

__all__ = ["RUNS_ACTIONS"]


def _common(scope: str, leave: str, tooltip: str) -> tuple[Action, ...]:
    """Help and the ways out, which every screen has."""
    return (
        Action(f"{scope}.help", "question_mark", "?", "help", "help", "What this is, and all keys", scope, True),
        Action(f"{scope}.leave", "q", "q", "leave", leave, tooltip, scope, True),
        Action(f"{scope}.back", "escape", "esc", "back", "back", "Back to where this was opened", scope, palette=False),
        Action(f"{scope}.interrupt", "ctrl+c", "ctrl+c", "interrupt", "leave", "Say what leaves", scope, palette=False),
        Action(
            f"{scope}.suspend",
            "ctrl+z",
            "ctrl+z",
            "app.suspend_process",
            "suspend",
            "Back to the shell; fg returns",
            scope,
            palette=False,
        ),
    )


def _searching(scope: str) -> tuple[Action, ...]:
    return (
        Action(f"{scope}.search", "slash", "/", "search", "search", "Search the list for a text", scope, True),
        Action(f"{scope}.search.next", "n", "n", "search_next(1)", "next match", "Go to the next match", scope),
        Action(
            f"{scope}.search.previous", "N", "N", "search_next(-1)", "previous match", "Go to the match before", scope
        ),
    )


RUNS_ACTIONS: tuple[Action, ...] = (
    Action("train", "t", "t", "train", "train", "Start a training of this file", footer=True),
    Action("runs", "L", "L", "runs", "runs", "List the training runs of this directory"),
    # What starts a run.
    Action("form.change", "enter", "enter", "change", "change", "Type into the field, or choose", "form", True, False),
    Action("form.turn", "space", "space", "turn(1)", "choose", "Take the next choice", "form", True, False),
    Action("form.next", "tab", "tab", "down", "next field", "Go to the next field", "form", palette=False),
    Action(
        "form.previous", "shift+tab", "shift+tab", "up", "field before", "Go to the one before", "form", False, False
    ),
    Action("form.clear", "x,delete", "x", "clear", "empty", "Empty the field", "form", palette=False),
    Action("form.fold", "z", "z", "fold_all", "fold", "Unfold all groups, or fold them again", "form", True, False),
    Action("train.start", "S", "S", "start", "start", "Start the run", "train", True),
    Action("train.copy", "y", "y", "copy", "copy", "Copy the command line that starts the same run", "train", True),
    *_common("train", "leave", "Back, starting nothing"),
    # All runs of a directory.
    Action("runs.open", "enter", "enter", "open", "open", "Follow the selected run", "runs", True),
    Action("runs.stop", "s", "s", "stop_run", "stop", "Stop the run: after this batch; again: SIGTERM", "runs", True),
    Action(
        "runs.resume",
        "R",
        "R",
        "resume_run",
        "resume",
        "Go on with a run that ended, after its last saved epoch",
        "runs",
    ),
    Action("runs.mark", "space", "space", "mark", "mark", "Mark the run, or take its mark away", "rows", True, False),
    Action("runs.overlay", "o", "o", "overlay", "overlay", "Plot the marked runs in one frame", "runs", True),
    Action("runs.rename", "e", "e", "rename", "name", "Give the run a name", "runs"),
    Action("runs.note", "a", "a", "note", "note", "Write a note about the run", "runs"),
    Action("runs.delete", "D", "D", "delete", "delete", "Delete the run with everything in it", "runs"),
    Action("runs.refresh", "r", "r", "refresh", "read again", "Read the directory again", "runs"),
    Action("runs.files", "f", "f", "files", "files", "List the model files of the current directory", "runs"),
    *_searching("runs"),
    *_common("runs", "leave", "Leave; runs go on"),
    # Several of them in one plot.
    *_common("overlay", "back", "Back to the list of runs"),
    # Nothing is open yet.
    Action("start.open", "enter", "enter", "open", "open", "Open the selected file", "start", True),
    Action("start.runs", "L", "L", "runs", "runs", "List the training runs of this directory", "start", True),
    Action("start.refresh", "r", "r", "refresh", "look again", "Look for model files again", "start", True),
    *_searching("start"),
    *_common("start", "leave", "Back to where this was opened; ctrl+q ends kerascope"),
    Action("start.quit", "q", "q", "quit_screen", "quit", "End kerascope", "start", True),
)
