"""Every mark the screen shows, with its ASCII twin: all single-width, none an emoji, each a symbol beside a word."""

from __future__ import annotations

from dataclasses import dataclass

from kerascope.graph import Connection, Severity, Verdict

__all__ = ["Marks", "marks_for"]


@dataclass(frozen=True, slots=True)
class Marks:
    """One set of glyphs; `discarded` and so on are `symbol word` texts."""

    ascii_only: bool
    ellipsis: str
    cursor: str
    arrow: str
    dot: str
    bar: str
    rule: str
    verdicts: dict[Verdict, str]
    severities: dict[Severity, str]
    loose: str
    unjudged: str
    folded: str
    unfolded: str
    differs: str
    points: str
    """What tells the curves of one plot apart."""
    full: str
    """A cell of a progress bar that is done."""
    vacant: str
    """A cell of a progress bar that is not."""
    stderr: str
    """Before a line of a log that came by stderr."""
    wrapped: str
    """Before what goes on from the row above."""
    more: str
    """What is to the left, and to the right, beyond the edge."""
    bars: str
    """A cell of a line of bars, from the lowest to the highest."""
    chosen: str
    """A row that is marked, to be taken together with others."""
    statuses: dict[str, str]
    """By the word of a run's status."""

    def status(self, word: str) -> str:
        """Symbol and word of a run's status: `✗ failed`."""
        return f"{self.statuses[word]} {word}"

    def verdict(self, verdict: Verdict) -> str:
        """Symbol and word of a verdict: `✗ discarded`."""
        return f"{self.verdicts[verdict]} {verdict.value}"

    def severity(self, severity: Severity) -> str:
        """Symbol and word of a severity: `! warning`."""
        return f"{self.severities[severity]} {severity.value}"

    def connection(self, connection: Connection) -> str:
        """Symbol and word of a connection: `✗ unconnected`."""
        return f"{self.loose} {connection.value}"

    @property
    def fails(self) -> str:
        """Symbol and word of a layer whose call failed: `✗ fails`."""
        return f"{self.loose} fails"

    def text(self, text: str) -> str:
        """Our own sentence in the glyphs of this set (only the glyphs of this table are replaced)."""
        return text.translate(_TO_ASCII) if self.ascii_only else text


_TO_ASCII = str.maketrans({"…": "...", "·": "-", "→": ">", "✓": "+", "✗": "x", "≠": "!="})

_UNICODE = Marks(
    ascii_only=False,
    ellipsis="…",
    cursor="▸",
    arrow="→",
    dot="·",
    bar="│",
    rule="─",
    verdicts={Verdict.DECIDES: "✓", Verdict.REDUNDANT: "=", Verdict.DISCARDED: "✗", Verdict.UNDECIDED: "?"},
    severities={Severity.ERROR: "✗", Severity.WARNING: "!", Severity.INFO: "i"},
    loose="✗",
    unjudged="·",
    folded="▸",
    unfolded="▾",
    differs="≠",
    points="─•+◦◆□",
    full="█",
    vacant="░",
    more="←→",
    bars="▁▂▃▄▅▆▇█",
    chosen="•",
    stderr="!",
    wrapped="↳",
    statuses={
        "starting": "…",
        "running": "▸",
        "finished": "✓",
        "stopped": "■",
        "failed": "✗",
        "killed": "✗",
        "vanished": "?",
    },
)
_ASCII = Marks(
    ascii_only=True,
    ellipsis="...",
    cursor=">",
    arrow=">",
    dot="-",
    bar="|",
    rule="-",
    verdicts={Verdict.DECIDES: "+", Verdict.REDUNDANT: "=", Verdict.DISCARDED: "x", Verdict.UNDECIDED: "?"},
    severities={Severity.ERROR: "x", Severity.WARNING: "!", Severity.INFO: "i"},
    loose="x",
    unjudged=".",
    folded="+",
    unfolded="-",
    differs="!=",
    points="*o+x#@",
    full="#",
    vacant=".",
    more="<>",
    bars="_.-:=+*#",
    chosen="*",
    stderr="!",
    wrapped="\\",
    statuses={
        "starting": ".",
        "running": ">",
        "finished": "+",
        "stopped": "=",
        "failed": "x",
        "killed": "x",
        "vanished": "?",
    },
)


def marks_for(ascii_only: bool) -> Marks:
    """The set of glyphs to use."""
    return _ASCII if ascii_only else _UNICODE
