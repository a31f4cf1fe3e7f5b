"""Everything a key can do, once: bindings, footer, help and command palette are made of this list."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding, BindingType

__all__ = ["ACTIONS", "Action", "bindings"]


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do.

    Attributes:
        id: Name of the binding, for a key map.
        keys: Textual's names of the keys, comma-separated.
        shown: The keys as people read them.
        action: Textual's action.
        label: One or two words, for footer and palette.
        tooltip: One sentence.
        scope: `screen`, `move` (within a pane), `findings`, `weights`, `run` (the screen on a run), `curves`, `log`.
        footer: Whether the footer shows it.
        palette: Whether the command palette lists it.
    """

    id: str
    keys: str
    shown: str
    action: str
    label: str
    tooltip: str
    scope: str = "screen"
    footer: bool = False
    palette: bool = True


ACTIONS: tuple[Action, ...] = (
    Action(
        "detail", "enter", "enter", "open_detail", "detail", "Show everything about the selected layer", footer=True
    ),
    Action("finding.next", "f", "f", "finding(1)", "next finding", "Select the next layer with a finding", footer=True),
    Action("finding.previous", "F", "F", "finding(-1)", "previous finding", "Select the layer with the finding before"),
    Action(
        "search", "slash", "/", "search", "search", "Search names and classes, or the text of this view", footer=True
    ),
    Action("search.next", "n", "n", "search_next(1)", "next match", "Go to the next match of the search"),
    Action("search.previous", "N", "N", "search_next(-1)", "previous match", "Go to the match before"),
    Action(
        "models",
        "m",
        "m",
        "models",
        "models",
        "List the models of this file, and what makes others, and choose one",
        footer=True,
    ),
    Action("model.previous", "left_square_bracket", "[", "model(-1)", "previous model", "Show the model before"),
    Action("model.next", "right_square_bracket", "]", "model(1)", "next model", "Show the next model of the file"),
    Action(
        "weights",
        "w",
        "w",
        "weights",
        "weights",
        "List the weights of this file, those of the selected layer first",
        footer=True,
    ),
    Action(
        "look",
        "r",
        "r",
        "look_again",
        "look again",
        "Look at the file again: run a program, read a saved model",
        footer=True,
    ),
    Action(
        "cancel",
        "escape",
        "esc",
        "cancel_or_back",
        "cancel",
        "Stop the look in progress (twice: at once), else go back to the layers",
    ),
    Action("stop", "ctrl+c", "ctrl+c", "stop_look", "stop", "Stop the look in progress", palette=False),
    Action(
        "suspend", "ctrl+z", "ctrl+z", "app.suspend_process", "suspend", "Back to the shell; fg returns", palette=False
    ),
    Action("fold", "z", "z", "fold", "fold", "Fold or unfold the layers inside the selected one"),
    Action("fold.all", "Z", "Z", "fold_all", "fold all", "Unfold all layers, or fold them where none is folded"),
    Action("compare", "b", "b", "compare", "both Keras", "Show what the other Keras generation says too, or hide it"),
    Action("shape", "i", "i", "input_shape", "input shape", "Give a model that is not built an input shape"),
    Action("traceback", "t", "t", "traceback", "traceback", "Go to the whole traceback in the log"),
    Action("copy", "y", "y", "copy", "copy", "Copy the selected finding or line, else a summary of the layer"),
    Action("view.layers", "1", "1", "view('layers')", "layers", "The layer graph, declared beside effective shapes"),
    Action("view.detail", "2", "2", "view('detail')", "detail pane", "Everything about the selected layer"),
    Action("view.findings", "3", "3", "view('findings')", "findings", "What was found, and why"),
    Action("view.source", "4", "4", "view('source')", "source", "The program, or the config of a saved model"),
    Action("view.log", "5", "5", "view('log')", "log", "What the program printed, or what was read"),
    Action(
        "view.weights", "6", "6", "view('weights')", "weights view", "The weights, their sizes and their statistics"
    ),
    Action("pane.next", "tab", "tab", "next_pane(1)", "next pane", "Go to the next pane", palette=False),
    Action(
        "pane.previous",
        "shift+tab",
        "shift+tab",
        "next_pane(-1)",
        "previous pane",
        "Go to the pane before",
        palette=False,
    ),
    Action("help", "question_mark", "?", "help", "help", "What the words and marks mean, and all keys", footer=True),
    Action("quit", "q", "q", "quit_screen", "quit", "End kerascope", footer=True),
    Action(
        "finding.go",
        "enter",
        "enter",
        "select",
        "go there",
        "Go to the row or line of this entry",
        "findings",
        True,
        False,
    ),
    Action(
        "weights.statistics",
        "enter,s",
        "enter",
        "statistics",
        "stats",
        "Read the numbers of the selected weight and show their statistics",
        "weights",
        True,
        False,
    ),
    Action(
        "weights.all",
        "S,a",
        "S",
        "statistics_all",
        "all stats",
        "Read the numbers of all weights and show their statistics",
        "weights",
        True,
        False,
    ),
    Action("move.down", "j,down", "j", "down", "down", "One line down", "move", palette=False),
    Action("move.up", "k,up", "k", "up", "up", "One line up", "move", palette=False),
    Action(
        "move.page_down",
        "pagedown,space,ctrl+f",
        "pgdn space",
        "page_down",
        "page down",
        "One page down",
        "move",
        palette=False,
    ),
    Action("move.page_up", "pageup,ctrl+b", "pgup", "page_up", "page up", "One page up", "move", palette=False),
    Action("move.first", "g,home", "g", "first", "first", "To the first line", "move", palette=False),
    Action("move.last", "G,end", "G", "last", "last", "To the last line", "move", palette=False),
    Action("move.left", "h,left", "h", "left", "left", "Scroll to the left", "move", palette=False),
    Action("move.right", "l,right", "l", "right", "right", "Scroll to the right", "move", palette=False),
    Action(
        "run.stop",
        "s",
        "s",
        "stop_run",
        "stop",
        "Stop the run: after this batch; again: SIGTERM; then SIGKILL",
        "run",
        True,
    ),
    Action(
        "run.resume",
        "R",
        "R",
        "resume_run",
        "resume",
        "Go on with a run that ended, from its last whole epoch",
        "run",
        True,
    ),
    Action("run.error", "e", "e", "error_in_log", "error", "Go to the error in the log", "run", True),
    Action("run.view.overview", "1", "1", "view('overview')", "overview", "Curves and epochs together", "run"),
    Action("run.view.curves", "2", "2", "view('curves')", "curves", "One metric, train beside validation", "run"),
    Action("run.view.epochs", "3", "3", "view('epochs')", "epochs", "All metrics of every epoch", "run"),
    Action("run.view.log", "4", "4", "view('log')", "log", "What the training printed", "run"),
    Action("run.view.details", "5", "5", "view('details')", "details", "What is trained, how, and where", "run"),
    Action(
        "run.copy", "y", "y", "copy", "copy", "Copy the command line, or what is selected in this pane", "run", True
    ),
    Action("run.pane.next", "tab", "tab", "next_pane(1)", "next pane", "Go to the next pane", "run", palette=False),
    Action(
        "run.pane.previous",
        "shift+tab",
        "shift+tab",
        "next_pane(-1)",
        "previous pane",
        "Go to the pane before",
        "run",
        palette=False,
    ),
    Action("run.help", "question_mark", "?", "help", "help", "What the words mean, and all keys", "run", True),
    Action("run.leave", "q,escape", "q", "leave", "leave", "Leave this screen; the run goes on", "run", True),
    Action(
        "run.interrupt",
        "ctrl+c",
        "ctrl+c",
        "leave",
        "leave",
        "Leave this screen; the run goes on",
        "run",
        palette=False,
    ),
    Action(
        "run.suspend",
        "ctrl+z",
        "ctrl+z",
        "app.suspend_process",
        "suspend",
        "Back to the shell; fg returns",
        "run",
        palette=False,
    ),
    Action(
        "curves.previous",
        "left_square_bracket",
        "[",
        "metric(-1)",
        "previous metric",
        "Plot the metric before",
        "curves",
    ),
    Action("curves.next", "right_square_bracket", "]", "metric(1)", "metric", "Plot the next metric", "curves", True),
    Action("curves.log", "L", "L", "log_scale", "log scale", "Change between a log scale and a plain one", "curves"),
    Action("curves.smoothing", "S", "S", "smoothing", "smooth", "Smooth the curves more, then not at all", "curves"),
    Action(
        "curves.closer",
        "plus,equals_sign",
        "+",
        "zoom(1)",
        "zoom",
        "Show a shorter stretch, more closely",
        "curves",
        True,
    ),
    Action("curves.farther", "minus", "-", "zoom(-1)", "zoom out", "Show a longer stretch", "curves"),
    Action("curves.all", "0", "0", "zoom(0)", "all", "Show all from the beginning", "curves"),
    Action("curves.left", "h,left", "h", "pan(-1)", "left", "Show what came before", "curves", palette=False),
    Action("curves.right", "l,right", "l", "pan(1)", "right", "Show what came after", "curves", palette=False),
    Action("curves.unit", "x", "x", "unit", "unit", "Count batches along x, or epochs", "curves"),
    Action("log.follow", "G,end,F", "G", "follow", "follow", "Go to the end of the log and stay there", "log", True),
    Action("log.pause", "p", "p", "pause", "pause", "Stop following the log, or follow it again", "log"),
    Action("log.search", "slash", "/", "search", "search", "Search the log for a text", "log", True),
    Action("log.search.next", "n", "n", "search_next(1)", "next match", "Go to the next match of the search", "log"),
    Action("log.search.previous", "N", "N", "search_next(-1)", "previous match", "Go to the match before", "log"),
    Action("log.filter", "ampersand", "&", "filter", "filter", "Show only the lines that hold a text", "log", True),
    Action("log.error", "e", "e", "first_error", "error", "Go to the first error of the log", "log"),
    Action("log.wrap", "w", "w", "wrap", "wrap", "Wrap long lines, or scroll them sideways with h and l", "log"),
    Action("log.copy", "y", "y", "copy_line", "copy line", "Copy the marked line, else the first one shown", "log"),
    Action("log.copy.all", "Y", "Y", "copy_all", "copy log", "Copy the whole log, or what the filter shows", "log"),
    Action("log.save", "S", "S", "save", "save", "Save the whole log, or what the filter shows, to a file", "log"),
    Action("log.clear", "escape", "esc", "clear", "clear", "Leave the search, then the filter", "log", palette=False),
)


def bindings(scope: str) -> list[BindingType]:
    """The bindings of a scope."""
    return [
        Binding(
            entry.keys,
            entry.action,
            entry.label,
            show=entry.footer,
            key_display=entry.shown,
            tooltip=entry.tooltip,
            id=entry.id,
        )
        for entry in ACTIONS
        if entry.scope == scope
    ]
