"""A run's log: following, pausing, searching, filtering, wrapping, copying and saving."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import Input

from kerascope.app._log_window import LogWindow, Place, wrap_points
from kerascope.app._log_words import LogState, bar_text
from kerascope.app._marks import marks_for
from kerascope.app.widgets import _log_finding
from kerascope.app.widgets import log_view as log_view_module
from kerascope.app.widgets._log_bar import LogBar
from kerascope.app.widgets._log_pane import LogPane
from kerascope.runs._log import LogFile

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from textual.pilot import Pilot
    from textual.strip import Strip

PAGE = 22
"""Lines of the log on a screen of 24: beneath them are the bar and the footer."""


class LogStage:
    """A running app that shows a log alone."""

    def __init__(self, app: Any, pilot: Pilot[Any], log: Any) -> None:
        self.app = app
        self.pilot = pilot
        self.log = log

    @property
    def pane(self) -> LogPane:
        pane: LogPane = self.app.query_one(LogPane)
        return pane

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()

    async def ask(self, key: str, text: str) -> None:
        """Open a prompt, type, and press Enter."""
        await self.press(key)
        self.app.query_one(Input).value = text
        await self.press("enter")

    async def write(self, *texts: str, stream: str = "out") -> None:
        """Let the program print, and the view look."""
        self.log.add(*texts, stream=stream)
        await self.tick()

    async def tick(self) -> None:
        self.app.view._tick()
        await self.pilot.pause()

    def text(self) -> str:
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips) + "\n"

    def rows(self) -> list[str]:
        """The lines of the log on the screen, without the scrollbar."""
        strips = self.app.screen._compositor.render_strips()[: self.pane.size.height]
        return [strip.crop(0, strip.cell_length - 1).text.rstrip() for strip in strips]

    @property
    def bar(self) -> str:
        return bar_text(self.app.query_one(LogBar).state, 78, self.app.view.marks)


@pytest.fixture
def shown(logs: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that shows a log and gives a `LogStage` as an async context."""
    for variable in ("NO_COLOR", "TMUX", "TEXTUAL_THEME"):
        monkeypatch.delenv(variable, raising=False)

    @asynccontextmanager
    async def open_log(log: Any, *, size: tuple[int, int] = (80, 24), **options: Any) -> AsyncIterator[LogStage]:
        app = logs.LogApp(log, **options)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield LogStage(app, pilot, log)

    return open_log


# Rows, without a screen


def test_a_line_is_broken_at_the_last_cell_and_wide_characters_count_two() -> None:
    assert wrap_points("", 10) == (0,)
    assert wrap_points("x" * 10, 10) == (10,)
    assert wrap_points("x" * 21, 10) == (10, 20, 21)
    assert wrap_points("語" * 7, 5) == (2, 4, 6, 7)
    assert wrap_points("語語", 1) == (1, 2)


def test_rows_of_wrapped_lines_are_counted_from_both_ends(logs: Any) -> None:
    log = logs.FakeLog([logs.Line(1, "a" * 25), logs.Line(2, "b"), logs.Line(3, "c" * 15)])
    window = LogWindow(log, 10)
    assert window.end(3) == Place(1)
    assert window.end(4) == Place(0, 2)
    assert [(row.at, row.number, row.first, row.last, row.tail) for row in window.rows(Place(0, 1), 3)] == [
        (0, 1, 10, 20, False),
        (0, 2, 20, 25, True),
        (1, 0, 0, 1, True),
    ]
    assert window.moved(Place(0, 1), 2) == Place(1)
    assert window.moved(Place(2), -2) == Place(0, 2)
    assert window.moved(Place(2, 1), -99) == Place(0)
    assert window.moved(Place(0), 99) == Place(2, 1)


def test_only_lines_near_what_is_shown_are_read(logs: Any) -> None:
    log = logs.FakeLog(logs.texts(100_000))
    window = LogWindow(log)
    window.rows(window.end(20), 20)
    assert sum(last - first for first, last in log.reads) < 200
    assert min(first for first, _ in log.reads) > 99_900


def test_places_stand_until_the_window_takes_notice(logs: Any) -> None:
    log = logs.FakeLog(logs.texts(100), hidden=50, step=7)
    window = LogWindow(log)
    log.advance(1)
    line = window.line(0)
    assert line is not None
    assert line.number == 51
    assert window.changed() == 7
    line = window.line(7)
    assert line is not None
    assert line.number == 51


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (LogState(count=1), "following · 1 line"),
        (
            LogState(count=12_345, following=False, new=1_234, at=7),
            "paused, 1,234 new lines, G follows · line 7 of 12,345",
        ),
        (LogState(count=9, following=False, at=2), "paused, G follows · line 2 of 9"),
        (LogState(count=9, following=False, at=2, alive=False), "line 2 of 9"),
        (LogState(count=9, alive=False), "end of the log · 9 lines"),
        (LogState(count=3, total=90, filter="loss"), "following · 3 of 90 lines with 'loss'"),
        (LogState(count=9, complete=False), "following · 9 lines · reading what came before"),
        (LogState(said="saved"), "saved"),
    ],
)
def test_the_bar_says_how_it_stands(state: LogState, expected: str) -> None:
    assert bar_text(state, 78, marks_for(False)) == f"{expected:<70}! stderr"
    assert bar_text(state, 12, marks_for(True)).isascii()
    assert len(bar_text(state, 12, marks_for(False))) == 12


# Following


async def test_it_opens_at_the_end_and_follows(shown: Any, logs: Any) -> None:
    async with shown(logs.FakeLog(logs.texts(100))) as s:
        assert s.rows()[0] == "  line 79 of a training"
        assert s.rows()[-1] == "  line 100 of a training"
        await s.write("new")
        assert s.rows()[-1] == "  new"
        assert s.bar.startswith("following · 101 lines")


@pytest.mark.parametrize("key", ["k", "up", "pageup", "g", "home", "p"])
async def test_a_move_up_pauses_and_new_lines_are_counted(shown: Any, logs: Any, key: str) -> None:
    async with shown(logs.FakeLog(logs.texts(100))) as s:
        await s.press(key)
        before = s.rows()
        await s.write(*map(str, range(1_234)))
        assert s.rows() == before
        assert s.bar.startswith("paused, 1,234 new lines, G follows")
        await s.press("G")
        assert s.rows()[-1] == "  1233"
        assert s.bar.startswith("following")


async def test_the_wheel_pauses_too_and_reaching_the_end_does_not_follow(shown: Any, logs: Any) -> None:
    async with shown(logs.FakeLog(logs.texts(100))) as s:
        s.pane.scroll_to(y=s.pane.scroll_y - 3, animate=False)
        await s.pilot.pause()
        assert not s.pane.following
        assert s.rows()[-1] == "  line 97 of a training"
        await s.press("space")
        await s.write("new")
        assert not s.pane.following
        assert "1 new line," in s.bar
        await s.press("p")
        assert s.pane.following


async def test_a_window_of_another_size_stays_at_the_end(shown: Any, logs: Any) -> None:
    async with shown(logs.FakeLog(logs.texts(100))) as s:
        await s.pilot.resize_terminal(60, 15)
        await s.pilot.pause()
        assert s.pane.following
        assert s.rows()[-1] == "  line 100 of a training"
        await s.pilot.resize_terminal(90, 40)
        await s.pilot.pause()
        assert s.pane.following
        assert s.rows()[-1] == "  line 100 of a training"


async def test_nothing_is_drawn_while_nothing_changes(shown: Any, logs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with shown(logs.FakeLog(logs.texts(100))) as s:
        await s.press("k")
        drawn: list[int] = []
        draw = LogPane.render_line

        def watched(pane: LogPane, y: int) -> Strip:
            drawn.append(y)
            return draw(pane, y)

        monkeypatch.setattr(LogPane, "render_line", watched)
        for _ in range(3):
            await s.tick()
        assert not drawn
        await s.write("beneath what is shown")
        assert not drawn, "what is on the screen is the same"
        await s.press("G")
        assert drawn


async def test_a_last_line_that_grows_is_drawn_again(shown: Any, logs: Any) -> None:
    lines = [*logs.texts(3), logs.Line(4, "Epoch 1/5 ", partial=True)]
    async with shown(logs.FakeLog(lines)) as s:
        await s.press("p")
        s.log.replace_last(logs.Line(4, "Epoch 1/5 done"))
        await s.tick()
        assert s.rows()[3] == "  Epoch 1/5 done"


async def test_what_came_before_is_found_without_a_jump(shown: Any, logs: Any) -> None:
    log = logs.FakeLog(logs.texts(2_000), hidden=1_900, step=100)
    log.held = True
    async with shown(log) as s:
        assert "reading what came before" in s.bar
        await s.press("k", "k")
        before = s.rows()
        log.held = False
        await s.tick()
        assert s.rows() == before
        assert log.complete
        assert s.bar.startswith("paused, G follows · line 1,977 of 2,000 ")


async def test_the_beginning_stays_the_beginning_while_more_of_it_is_found(shown: Any, logs: Any) -> None:
    log = logs.FakeLog(logs.texts(2_000), hidden=1_900, step=100)
    log.held = True
    async with shown(log) as s:
        await s.press("g")
        assert s.rows()[0] == "  line 1,901 of a training"
        log.held = False
        await s.tick()
        assert s.rows()[0] == "  line 1 of a training"


async def test_a_log_written_anew_is_shown_anew(shown: Any, logs: Any) -> None:
    async with shown(logs.FakeLog(logs.texts(100))) as s:
        await s.press("k")
        s.log.all = logs.texts(1)
        await s.tick()
        assert s.rows()[:2] == ["  line 1 of a training", ""]


async def test_without_a_line_it_says_what_is_waited_for(shown: Any, logs: Any) -> None:
    async with shown(logs.FakeLog([])) as s:
        assert s.rows()[1] == " Nothing has been printed yet."
        await s.press("k", "j", "g", "G", "n", "e", "y", "h", "l", "w")
        assert "there is no line yet" not in s.rows()[0]
        await s.write("first")
        assert s.rows()[0] == "  first"


async def test_lines_of_stderr_have_a_mark(shown: Any, logs: Any, golden: Any) -> None:
    async with shown(logs.FakeLog(logs.mixed())) as s:
        golden("log-80x24", s.text())


async def test_wrapped_lines_go_on_beneath(shown: Any, logs: Any, golden: Any) -> None:
    async with shown(logs.FakeLog(logs.mixed())) as s:
        await s.press("w")
        golden("log-wrapped-80x24", s.text())
        top = s.rows()
        await s.press("k")
        assert s.rows()[1:] == top[:-1], "it moves by rows"
        await s.press("j")
        assert s.rows() == top
        await s.press("w", "G")
        assert s.rows()[-1].startswith("  last")


async def test_plain_screens_are_ascii_and_have_no_colour(
    shown: Any, logs: Any, golden: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with shown(logs.FakeLog(logs.mixed()), ascii_only=True) as s:
        await s.ask("slash", "loss")
        await s.press("w")
        golden("log-plain", s.text())
        own = s.text().replace("語", "")
        assert own.isascii()
        segments = [segment for strip in s.app.screen._compositor.render_strips() for segment in strip]
        assert not [segment for segment in segments if _is_coloured(segment.style)]
        marked = [segment for segment in segments if segment.text == "loss"]
        assert marked
        assert all(segment.style.reverse for segment in marked)


def _is_coloured(style: Any) -> bool:
    colors = (style.color, style.bgcolor) if style is not None else ()
    return any(color is not None and not color.is_default for color in colors)


# Long lines


async def test_long_lines_are_scrolled_sideways_and_the_mark_stays(shown: Any, logs: Any) -> None:
    long = "".join(f"{number:>8}" for number in range(1, 2_001))
    async with shown(logs.FakeLog([logs.Line(1, long, stream="err"), logs.Line(2, "語" * 60)])) as s:
        assert s.rows()[0].endswith("→")
        await s.press("l")
        assert s.rows()[0].startswith("!        2")
        assert s.rows()[1].startswith("  語")
        await s.press(*["h"] * 3)
        assert s.rows()[0].startswith("!        1")


async def test_a_line_of_megabytes_says_what_is_left_out(shown: Any, logs: Any) -> None:
    async with shown(logs.FakeLog([logs.Line(1, "x" * 1_000, cut_bytes=99_999_000)])) as s:
        await s.press("w")
        assert "… and 100 MB more" in s.text()


# Searching


async def test_a_search_goes_on_and_round_the_end(shown: Any, logs: Any) -> None:
    lines = logs.texts(5_000)
    for number in (10, 2_500, 4_990):
        lines[number - 1] = logs.Line(number, "val_loss: 0.5")
    async with shown(logs.FakeLog(lines)) as s:
        await s.press("n")
        assert s.bar.startswith("nothing to search for yet")
        await s.ask("slash", "VAL_loss")
        assert s.bar.startswith("line 4,990 of 5,000 holds 'VAL_loss', n next, N previous")
        assert not s.pane.following
        await s.press("n")
        assert s.bar.startswith("line 10 of 5,000 holds 'VAL_loss' (from the beginning)")
        assert " ▸val_loss: 0.5" in s.rows()
        await s.press("n")
        assert s.bar.startswith("line 2,500 of")
        await s.press("N", "N")
        assert s.bar.startswith("line 4,990 of 5,000 holds 'VAL_loss' (from the end)")
        await s.ask("slash", "nowhere")
        assert s.bar.startswith("no line contains 'nowhere'")


async def test_every_match_on_the_screen_is_highlighted(shown: Any, logs: Any) -> None:
    spans = ((0, 8, "bold green"),)
    async with shown(logs.FakeLog([logs.Line(1, "a.b a.b axb", spans), logs.Line(2, "A.B")])) as s:
        await s.ask("slash", "a.b")
        texts = [
            segment.text
            for strip in s.app.screen._compositor.render_strips()
            for segment in strip
            if segment.style and segment.style.reverse
        ]
        assert texts[:3] == ["a.b", "a.b", "A.B"]
        await s.press("escape")
        assert not s.app.view.check_action("clear", ())


async def test_a_match_beyond_the_edge_is_scrolled_to(shown: Any, logs: Any) -> None:
    async with shown(logs.FakeLog([logs.Line(1, "x" * 300 + "needle" + "x" * 300)])) as s:
        await s.ask("slash", "needle")
        assert "needle" in s.rows()[0]


async def test_a_search_that_takes_long_leaves_the_keys_alone_and_can_be_given_up(
    shown: Any, logs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_log_finding, "_SLICE", 0.0)
    log = logs.FakeLog(logs.texts(100))
    log.find = lambda text, start, forward, budget: logs.Found(None, start)
    async with shown(log) as s:
        view = s.app.view
        view.search("x", 1)
        await until(lambda: view._busy)
        view.action_pause()
        assert not s.pane.following
        assert view.check_action("clear", ())
        view.action_clear()
        await until(lambda: not view._busy)
        assert s.bar.startswith("given up")


async def until(condition: Callable[[], bool], seconds: float = 8.0) -> None:
    """Wait for `condition`, at most `seconds`."""
    for _ in range(int(seconds / 0.01)):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("that did not happen in time")


async def test_the_first_error_is_gone_to(shown: Any, logs: Any) -> None:
    async with shown(logs.FakeLog(logs.texts(200))) as s:
        await s.press("e")
        assert s.bar.startswith("no line of the log looks like an error")
        assert s.pane.following
        await s.write("Traceback (most recent call last):", "  File", *map(str, range(100)), stream="err")
        await s.press("e")
        assert s.rows()[2] == "!▸Traceback (most recent call last):"
        assert s.bar.startswith("line 201 is the first")


async def test_the_first_error_is_looked_for_in_the_whole_log(shown: Any, logs: Any) -> None:
    lines = logs.texts(200)
    for number in (7, 190):
        lines[number - 1] = logs.Line(number, f"Traceback {number}")
    log = logs.FakeLog(lines, hidden=150, step=1)
    log.held = True
    async with shown(log) as s:
        log.held = False
        await s.press("e")
        assert " ▸Traceback 7" in s.rows()
        assert s.bar.startswith("line 7 is the first that looks like an error")


async def test_the_first_error_is_looked_for_beyond_the_filter(shown: Any, logs: Any) -> None:
    async with shown(logs.FakeLog(logs.texts(40))) as s:
        await s.ask("ampersand", "line 3")
        await s.press("e")
        assert s.bar.startswith("no line of the log looks like an error, nor one that the filter hides")
        await s.write("Traceback (most recent call last):", stream="err")
        await s.press("e")
        assert s.bar.startswith("line 41 is the first that looks like an error; all lines are shown again")
        assert "  line 29 of a training" in s.rows()


# Filtering


async def test_a_filter_shows_the_lines_that_hold_a_text(shown: Any, logs: Any) -> None:
    async with shown(logs.FakeLog(logs.texts(500))) as s:
        await s.ask("ampersand", "LINE 4")
        assert s.rows()[0] == "  line 478 of a training"
        assert s.bar.startswith("following · 111 of 500 lines with 'LINE 4'")
        await s.press("g")
        assert s.rows()[:2] == ["  line 4 of a training", "  line 40 of a training"]
        await s.press("space", "space")
        assert s.rows()[0] == "  line 433 of a training"
        await s.press("escape")
        assert s.rows()[0] == "  line 433 of a training", "it stays at its line"
        assert not s.pane.following


async def test_a_filter_that_nothing_passes_says_so(shown: Any, logs: Any) -> None:
    async with shown(logs.FakeLog(logs.texts(5))) as s:
        await s.ask("ampersand", "nowhere")
        assert s.rows()[1] == " No line holds 'nowhere'."
        await s.ask("ampersand", "")
        assert s.rows()[0] == "  line 1 of a training"


# Copying and saving


async def test_a_line_is_copied(shown: Any, logs: Any) -> None:
    async with shown(logs.FakeLog(logs.texts(100))) as s:
        await s.press("y")
        assert s.app.copied == ["line 100 of a training"]
        await s.press("g", "y")
        assert s.app.copied[-1] == "line 1 of a training"
        assert s.bar.startswith("asked the terminal (OSC 52) to copy line 1 of the log")
        await s.pilot.click(LogPane, offset=(5, 3))
        await s.press("y")
        assert s.app.copied[-1] == "line 4 of a training"


async def test_the_log_is_copied_unless_it_is_too_long(shown: Any, logs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with shown(logs.FakeLog(logs.texts(1_200))) as s:
        await s.press("Y")
        assert s.app.copied[-1].split("\n") == [*(line.text for line in logs.texts(1_200)), ""]
        monkeypatch.setattr(log_view_module, "_COPY_MOST", 1_000)
        await s.press("Y")
        assert len(s.app.copied) == 1
        assert "S saves it" in s.bar


async def test_the_log_is_saved_and_no_file_is_overwritten(shown: Any, logs: Any, tmp_path: Path) -> None:
    path = tmp_path / "kept.log"
    log = logs.FakeLog(logs.texts(1_200), hidden=1_100)
    log.held = True
    async with shown(log, save_as=path) as s:
        log.held = False
        await s.press("S", "enter")
        assert path.read_text().split("\n") == [*(line.text for line in logs.texts(1_200)), ""]
        assert s.bar.startswith("saved 1,200 lines, ")
        path.write_text("mine")
        await s.press("S", "enter")
        assert path.read_text() == "mine"
        await s.ask("S", str(tmp_path / "nowhere" / "x.log"))
        assert "could not be written: No such file or directory" in s.app.query_one(LogBar).state.said
        await s.ask("ampersand", "line 1,1")
        await s.ask("S", str(tmp_path / "some.log"))
        assert len((tmp_path / "some.log").read_text().splitlines()) == 100


# A real file


async def test_a_run_s_log_is_followed_from_its_file(shown: Any, tmp_path: Path) -> None:
    path = tmp_path / "output.log"
    first = b"".join(b"line %d of many\n" % number for number in range(1, 60_001))
    error = b"\x1b[1;31mwarning\x1b[0m of TensorFlow\x1b]52;c;aGVsbG8=\x07\n"
    bars = b"Epoch 1\r 1/10\r 10/10 done"
    path.write_bytes(first + error + bars)
    (tmp_path / "output.streams").write_text(f"{len(first)} {len(error)}\n")
    async with shown(LogFile(tmp_path)) as s:
        assert s.rows()[-3:] == ["  line 60000 of many", "! warning of TensorFlow", "   10/10 done"]
        await until(lambda: s.log.complete)
        await s.tick()
        assert s.bar.startswith("following · 60,002 lines")
        with path.open("ab") as file:
            file.write(b"\nTraceback (most recent call last):\n")
        await s.tick()
        assert s.rows()[-1] == "  Traceback (most recent call last):"
        await s.press("g", "e")
        assert s.bar.startswith("line 60,003 is the first that looks like an error")
        await s.ask("ampersand", "000 of")
        await until(lambda: s.app.view._lines.complete)
        await s.tick()
        await s.press("g")
        assert s.rows()[:2] == ["  line 1000 of many", "  line 2000 of many"]
        await s.ask("slash", "59000 of")
        assert s.bar.startswith("line 59 of 60 holds")
        await s.press("escape", "escape")
        assert s.rows()[1:4] == ["  line 58999 of many", " ▸line 59000 of many", "  line 59001 of many"]
        path.write_bytes(b"written anew\n")
        await s.tick()
        await s.press("G")
        assert s.rows()[:2] == ["  written anew", ""]


async def test_every_key_of_the_log_is_listed_once(shown: Any, logs: Any) -> None:
    async with shown(logs.FakeLog(logs.texts(5))) as s:
        active = s.app.screen.active_bindings
        for key in ("G", "slash", "n", "N", "ampersand", "e", "w", "y", "Y", "S", "p"):
            assert active[key].binding.id.startswith("log."), key
        assert active["j"].binding.id == "move.down"
        assert len({binding.binding.id for binding in active.values() if binding.binding.show}) <= 7
