"""What a log costs the terminal and the keys, in a real terminal of 80x24, while a program writes it."""

from __future__ import annotations

import contextlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.common import Terminal, spread

__all__ = ["measure_log_bytes"]

SIZE = (80, 24)
SECONDS = 10.0
RATES = (20, 200, 5_000, 50_000)
FULL = 50_000
"""Lines a second while the keys are timed."""

PRESSES = 20
MANY = 2_000_000
FIRST = 100
"""Lines before the program begins to write."""

SHOW = """\
import sys
from pathlib import Path
from textual.app import App
from kerascope.app._marks import marks_for
from kerascope.app.widgets import log_view
from kerascope.runs._log import LogFile

class Show(App):
    CSS_PATH = [log_view.__file__.replace("widgets/log_view.py", "app.tcss"), log_view.__file__.replace(".py", ".tcss")]
    def compose(self):
        yield log_view.LogView(marks_for(False))
    def on_mount(self):
        self.animation_level = "none"
        view = self.query_one(log_view.LogView)
        view.source = LogFile(Path(sys.argv[1]))
        view.focus()
    async def action_quit(self):
        self.exit()
    BINDINGS = [("q", "quit", "quit")]

Show().run()
"""

WRITE = """\
import sys, time
path, rate, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
start, done = time.perf_counter(), 0
with open(path, "ab", buffering=0) as file:
    while (passed := time.perf_counter() - start) < seconds:
        due = int(passed * rate)
        if due > done:
            file.write(b"".join(
                b"step %09d  loss: 0.%06d  accuracy: 0.%06d  learning_rate: 0.001\\n" % (at, at % 999983, at % 899981)
                for at in range(done, due)))
            done = due
        time.sleep(0.005)
print(done)
"""


def measure_log_bytes() -> None:
    """Bytes a second by lines a second, how fast keys answer meanwhile, and how fast a log of 2 million lines opens."""
    with tempfile.TemporaryDirectory() as folder:
        for rate in (0, *RATES):
            _measure_rate(_log_in(Path(folder) / f"at-{rate}"), rate)
        _measure_keys(_log_in(Path(folder) / "keys"))
        _measure_opening(_log_in(Path(folder) / "many"))


def _log_in(directory: Path) -> Path:
    """The log of a run that has just begun."""
    directory.mkdir()
    path = directory / "output.log"
    path.write_text("first\n" * FIRST)
    return path


def _show(path: Path) -> Terminal:
    return Terminal([sys.executable, "-c", SHOW, str(path.parent)], size=SIZE)


def _write(path: Path, rate: int, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITE, str(path), str(rate), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _measure_rate(path: Path, rate: int) -> None:
    terminal = _show(path)
    terminal.read_until(lambda text: "following" in text)
    terminal.settle()
    with contextlib.ExitStack() as stack:
        if rate:
            stack.enter_context(_write(path, rate, SECONDS + 1))
            time.sleep(0.5)
        count = terminal.count_bytes(SECONDS)
        terminal.settle(2.5)
    terminal.end()
    print(f"log, {rate:6,} lines/s: {count / SECONDS / 1000:6.1f} kB/s to a terminal of 80x24")


def _measure_keys(path: Path) -> None:
    terminal = _show(path)
    terminal.read_until(lambda text: "following" in text)
    moves: list[float] = []
    with _write(path, FULL, 20) as writer:
        time.sleep(2)
        toggles = [_pressed(terminal, "p", "following" if number % 2 else "paused") for number in range(PRESSES)]
        terminal.press("p")
        at = _line(terminal)
        for _ in range(PRESSES):
            at -= 1
            moves.append(_pressed(terminal, "k", f"step {at - FIRST - 1:09}"))
        terminal.press("G")
        written = int(writer.communicate()[0])
        ended = time.perf_counter()
        behind = terminal.read_until(lambda text: f"{written + FIRST:,} lines" in text) - ended
    terminal.end()
    print(f"log, {FULL:,} lines/s: a key answers after {spread(toggles, 'ms')} following")
    print(f"log, {FULL:,} lines/s: a key answers after {spread(moves, 'ms')} paused")
    print(f"log, {FULL:,} lines/s: the last of {written:,} lines is counted {behind:.2f} s after it was written")


def _pressed(terminal: Terminal, key: str, answer: str) -> float:
    """Milliseconds until a key's answer is on the screen."""
    time.sleep(0.13)  # not in step with the repaints
    start = time.perf_counter()
    terminal.press(key)
    return 1000 * (terminal.read_until(lambda text: answer in text) - start)


def _line(terminal: Terminal) -> int:
    """The first line on the screen, as the bar says."""
    found: list[str] = []

    def is_said(text: str) -> bool:
        found[:] = re.findall(r"line ([\d,]+) of", text)
        return bool(found)

    terminal.read_until(is_said)
    return int(found[-1].replace(",", ""))


def _measure_opening(path: Path) -> None:
    with path.open("w") as file:
        for at in range(MANY):
            file.write(f"step {at:09}  loss: 0.123456  accuracy: 0.987654  learning_rate: 0.001\n")
    times: list[float] = []
    wholes: list[float] = []
    for _ in range(3):
        start = time.perf_counter()
        terminal = _show(path)
        shown: list[float] = []

        def is_whole(text: str, shown: list[float] = shown) -> bool:
            if not shown and f"step {MANY - 1:09}" in text:
                shown.append(time.perf_counter())
            return f"{MANY:,} lines" in text

        wholes.append(terminal.read_until(is_whole) - start)
        times.append(shown[0] - start)
        terminal.end()
    size = path.stat().st_size
    print(f"log, {MANY:,} lines ({size / 1e6:.0f} MB): its end is shown after {statistics.median(times):.2f} s,")
    print(f"     all of it is known after {statistics.median(wholes):.2f} s, both with the start of Python and Textual")


if __name__ == "__main__":
    measure_log_bytes()
