"""A log that is read from its file, from the end, while it grows."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from kerascope.runs import LogFile, _log, _log_index
from kerascope.runs._log_errors import find_error
from kerascope.runs._streams import Streams

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kerascope.runs import FilteredLog, LogLine

BLOCK = 64


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So small that a few lines reach over many."""
    monkeypatch.setattr(_log, "BLOCK", BLOCK)
    monkeypatch.setattr(_log_index, "BLOCK", BLOCK)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "output.log"


def advance(*logs: LogFile | FilteredLog, budget: int) -> bool:
    """Advance all; whether anything has changed."""
    changed = [log.advance(budget) for log in logs]
    return any(changed)


def settle(*logs: LogFile | FilteredLog, budget: int = 1 << 20) -> int:
    """Advance until nothing changes; how many steps that took."""
    steps = 1
    while advance(*logs, budget=budget):
        steps += 1
    return steps


def opened(path: Path) -> LogFile:
    log = LogFile(path.parent)
    settle(log)
    return log


def texts(log: LogFile | FilteredLog) -> list[str]:
    return [line.text for line in log.lines(0, log.count)]


def every(log: LogFile | FilteredLog, text: str, *, forward: bool = True, budget: int = 1 << 20) -> Iterator[int]:
    """Places of all lines that a search finds."""
    at: int | None = 0 if forward else log.count - 1
    while at is not None and 0 <= at < log.count:
        found = log.find(text, at, forward, budget)
        if found.line is not None:
            yield found.line
            at = found.line + (1 if forward else -1)
        else:
            at = found.next


class TestLines:
    @pytest.mark.parametrize("data", [b"", b"one", b"one\n", b"\n", b"\n\n", b"one\ntwo", b"one\n\nthree\n"])
    def test_lines_are_what_the_file_holds(self, path: Path, data: bytes) -> None:
        path.write_bytes(data)
        log = opened(path)
        expected = data.decode().split("\n")
        if not expected[-1]:
            expected.pop()
        assert texts(log) == expected
        assert log.complete
        assert [line.number for line in log.lines(0, 9)] == list(range(1, len(expected) + 1))
        assert [line.partial for line in log.lines(0, 9)][-1:] == [not data.endswith(b"\n")][: len(expected)]

    @pytest.mark.usefixtures("small_blocks")
    def test_any_file_in_any_steps(self, path: Path) -> None:
        chance = random.Random(3)
        for _ in range(150):
            lines = [b"x" * chance.choice([0, 1, 5, 20, 63, 64, 65, 200]) for _ in range(chance.randrange(40))]
            data = b"\n".join(lines)
            path.write_bytes(data)
            log = LogFile(path.parent)
            expected = data.decode().split("\n")
            if not expected[-1]:
                expected.pop()
            while log.advance(chance.choice([1, 64, 300])):
                # As many of the last lines as are known, at every moment.
                assert texts(log) == expected[len(expected) - log.count :]
            assert texts(log) == expected

    @pytest.mark.usefixtures("small_blocks")
    def test_places_move_by_what_is_found_before(self, path: Path) -> None:
        path.write_text("".join(f"line {number}\n" for number in range(200)))
        log = LogFile(path.parent)
        while not log.count:
            assert log.advance(BLOCK)
        place, before = log.count - 1, log.before
        (last,) = log.lines(place, place + 1)
        assert last.text == "line 199"
        steps = 0
        while log.advance(BLOCK):
            steps += 1
            (line,) = log.lines(place + log.before - before, place + log.before - before + 1)
            assert line.text == "line 199"
        assert steps > 10
        assert log.count == 200

    def test_the_last_page_is_there_at_once(self, path: Path) -> None:
        path.write_text("".join(f"line {number:>20}\n" for number in range(100_000)))
        log = LogFile(path.parent)
        log.advance(256 * 1024)
        log.advance(256 * 1024)
        assert 5_000 < log.count < 20_000
        assert log.lines(log.count - 1, log.count)[0].text.endswith(" 99999")
        assert not log.complete
        settle(log)
        assert log.count == 100_000
        assert log.lines(0, 1)[0].text.endswith(" 0")

    def test_places_out_of_the_log_are_empty(self, path: Path) -> None:
        path.write_bytes(b"one\ntwo\n")
        log = opened(path)
        assert [line.text for line in log.lines(-5, 1)] == ["one"]
        assert log.lines(2, 9) == []
        assert log.lines(1, 0) == []

    def test_lines_are_folded_and_coloured(self, path: Path) -> None:
        path.write_bytes(b"10%\r\x1b[32m100%\x1b[0m\n\xff\x00\x1b]52;c;eA==\x07\n")
        bar, garbage = opened(path).lines(0, 2)
        assert (bar.text, bar.spans) == ("100%", ((0, 4, "green"),))
        assert garbage.text == "\N{REPLACEMENT CHARACTER}" * 2


class TestGrowth:
    def test_what_is_written_comes(self, path: Path) -> None:
        log = LogFile(path.parent)
        assert not log.advance(1000)
        assert (log.count, log.lines(0, 5), log.first_error()) == (0, [], None)
        path.write_bytes(b"one\n")
        settle(log)
        with path.open("ab") as file:
            file.write(b"two\nthr")
        settle(log)
        assert texts(log) == ["one", "two", "thr"]
        assert [line.partial for line in log.lines(0, 3)] == [False, False, True]
        with path.open("ab") as file:
            file.write(b"ee\n")
        settle(log)
        assert texts(log) == ["one", "two", "three"]
        assert not log.lines(2, 3)[0].partial
        assert not log.advance(1000)

    def test_a_bar_without_an_end_is_its_last_state(self, path: Path) -> None:
        path.write_bytes(b"1/3")
        log = opened(path)
        for step in (2, 3):
            with path.open("ab") as file:
                file.write(b"\r%d/3" % step)
            assert log.advance(1000)
            assert texts(log) == [f"{step}/3"]

    @pytest.mark.usefixtures("small_blocks")
    def test_grows_while_its_beginning_is_looked_for(self, path: Path) -> None:
        chance = random.Random(11)
        path.write_bytes(b"".join(b"%d\n" % number for number in range(300)))
        log = LogFile(path.parent)
        number = 300
        while log.advance(BLOCK):
            assert texts(log) == [str(each) for each in range(number - log.count, number)]
            if number < 400:
                with path.open("ab") as file:
                    for _ in range(chance.randrange(3)):
                        file.write(b"%d\n" % number)
                        number += 1
        assert texts(log) == [str(each) for each in range(number)]

    @pytest.mark.parametrize("how", ["cut", "replaced", "written over"])
    def test_another_file_is_read_anew(self, path: Path, how: str) -> None:
        path.write_bytes(b"old line\n" * 50)
        log = opened(path)
        before = log.before
        if how == "cut":
            path.write_bytes(b"new\n")
        elif how == "replaced":
            aside = path.with_name("aside")
            aside.write_bytes(b"new\n" * 200)
            aside.rename(path)
        else:
            path.write_bytes(b"new one\n" * 100)
        settle(log)
        assert {text[:3] for text in texts(log)} == {"new"}
        assert log.generation == 1
        assert log.before != before

    def test_what_is_deleted_stays_readable(self, path: Path) -> None:
        path.write_bytes(b"one\ntwo\n")
        log = opened(path)
        path.unlink()
        assert not log.advance(1000)
        assert texts(log) == ["one", "two"]
        path.write_bytes(b"another\n")
        settle(log)
        assert texts(log) == ["another"]

    def test_a_file_cut_short_under_our_hands_gives_no_lines(self, path: Path) -> None:
        path.write_bytes(b"line\n" * 50_000)
        log = opened(path)
        os.truncate(path, 0)
        assert {line.text for line in log.lines(0, 10)} <= {"", "line"}
        assert {line.text for line in log.lines(40_000, 40_010)} <= {"", "line"}
        assert log.find("line", 100, True, 1000).line is None
        settle(log)
        assert log.count == 0

    def test_what_is_no_file_has_no_lines(self, path: Path) -> None:
        path.mkdir()
        assert opened(path).count == 0
        path.rmdir()
        os.mkfifo(path)
        assert opened(path).count == 0

    def test_can_be_looked_at_again_once_closed(self, path: Path) -> None:
        path.write_bytes(b"one\n")
        log = opened(path)
        log.close()
        log.close()
        with path.open("ab") as file:
            file.write(b"two\n")
        settle(log)
        assert texts(log) == ["one", "two"]
        assert log.generation == 0


class TestLongLines:
    def test_one_line_of_100_mb(self, path: Path) -> None:
        with path.open("wb") as file:
            file.write(b"first\nbegin ")
            file.seek(100_000_000)
            file.write(b"end\nlast\n")
        log = opened(path)
        first, long, last = log.lines(0, 3)
        assert (first.text, last.text) == ("first", "last")
        assert long.text.startswith("begin ")
        assert len(long.text) == _log.HEAD
        assert long.cut_bytes + _log.HEAD == 100_000_003 - 6
        assert list(every(log, "LAST")) == [2]
        assert list(every(log, "begin", forward=False)) == [1]

    def test_it_is_not_there_until_its_beginning_is_known(self, path: Path) -> None:
        path.write_bytes(b"before\n" + b"x" * 500_000)
        log = LogFile(path.parent)
        log.advance(65_536)
        log.advance(65_536)
        assert (log.count, log.complete) == (0, False)
        settle(log)
        assert [line.cut_bytes > 0 for line in log.lines(0, 2)] == [False, True]

    def test_a_long_bar_is_its_last_state(self, path: Path) -> None:
        states = b"\r".join(b"step %05d of many" % step for step in range(20_000))
        path.write_bytes(states + b"\nnext\n")
        line, _ = opened(path).lines(0, 2)
        assert (line.text, line.cut_bytes) == ("step 19999 of many", 0)

    def test_characters_are_not_cut_in_two(self, path: Path) -> None:
        path.write_bytes(b"x" + "語".encode() * 50_000)
        (line,) = opened(path).lines(0, 1)
        assert set(line.text) == {"x", "語"}
        assert len(line.text.encode()) + line.cut_bytes == 150_001


class TestSearch:
    @pytest.mark.usefixtures("small_blocks")
    @pytest.mark.parametrize("budget", [1, 100, 1 << 20])
    def test_finds_what_a_plain_look_finds(self, path: Path, budget: int) -> None:
        chance = random.Random(2)
        lines = [
            chance.choice(["plain", "a Needle here", "x" * 150, "\x1b[1mnee\x1b[0mdle", "1%\rneedle", ""])
            for _ in range(300)
        ]
        path.write_text("\n".join(lines))
        log = opened(path)
        expected = [place for place, text in enumerate(texts(log)) if "needle" in text.lower()]
        assert len(expected) > 50
        assert list(every(log, "nEEdle", budget=budget)) == expected
        assert list(every(log, "needle", forward=False, budget=budget)) == expected[::-1]
        assert list(every(log, "absent", budget=budget)) == []

    def test_is_text_not_a_pattern(self, path: Path) -> None:
        path.write_text("a.b\naxb\n(((\n")
        log = opened(path)
        assert list(every(log, "a.b")) == [0]
        assert list(every(log, "(((")) == [2]

    def test_what_was_written_over_is_not_found(self, path: Path) -> None:
        path.write_bytes(b"loss: 9\rloss: 1\n")
        log = opened(path)
        assert list(every(log, "loss: 9")) == []
        assert list(every(log, "loss: 1")) == [0]

    def test_out_of_the_log_is_its_end(self, path: Path) -> None:
        path.write_bytes(b"one\n")
        found = opened(path).find("one", 5, True, 1000)
        assert (found.line, found.next) == (None, None)


class TestFilter:
    @pytest.mark.usefixtures("small_blocks")
    @pytest.mark.parametrize("budget", [1, 100, 1 << 20])
    def test_holds_what_a_plain_look_finds(self, path: Path, budget: int) -> None:
        chance = random.Random(4)
        words = ["nothing", "an Epoch", "epoch" + "x" * 150, "", "1%\r2% epoch"]
        path.write_text("".join(chance.choice(words) + f" {number}\n" for number in range(100)))
        log = LogFile(path.parent)
        log.advance(BLOCK)
        log.advance(BLOCK)
        held = log.filtered("EPOCH")
        number = 100
        while advance(log, held, budget=budget):
            if number < 160:
                with path.open("a") as file:
                    file.write(chance.choice(words) + f" {number}\n")
                number += 1
        assert held.complete
        assert texts(held) == [text for text in texts(log) if "epoch" in text.lower()]
        assert [line.number for line in held.lines(0, held.count)] == [
            place + 1 for place, text in enumerate(texts(log)) if "epoch" in text.lower()
        ]
        assert all(log.place_of(line.number) == line.number - 1 for line in held.lines(0, held.count))

    @pytest.mark.usefixtures("small_blocks")
    def test_its_places_move_as_the_logs_do(self, path: Path) -> None:
        path.write_text("".join(f"{'even' if number % 2 == 0 else 'odd'} {number}\n" for number in range(200)))
        log = LogFile(path.parent)
        held = log.filtered("even")
        while not held.count:
            log.advance(BLOCK)
            held.advance(BLOCK)
        place, before = held.count - 1, held.before
        assert held.lines(place, place + 1)[0].text == "even 198"
        settle(log, held, budget=BLOCK)
        assert held.before > before
        assert held.lines(place + held.before - before, place + held.before - before + 1)[0].text == "even 198"
        assert held.count == 100

    def test_a_line_that_grows_comes_and_goes(self, path: Path) -> None:
        path.write_bytes(b"a match\nloading")
        log = opened(path)
        held = log.filtered("match")
        settle(held)
        assert texts(held) == ["a match"]
        for added, expected in ((b"\rmatch 1", 2), (b"\rnothing", 1), (b"\rmatch 2\n", 2), (b"matching\n", 3)):
            with path.open("ab") as file:
                file.write(added)
            settle(log, held)
            assert held.count == expected
        assert texts(held) == ["a match", "match 2", "matching"]

    def test_is_searched_in_turn(self, path: Path) -> None:
        path.write_text("".join(f"keep {number}\nleave {number}\n" for number in range(500)))
        log = opened(path)
        held = log.filtered("keep")
        settle(held)
        assert list(every(held, " 49")) == [49, *range(490, 500)]
        assert list(every(held, " 49", forward=False)) == [*range(499, 489, -1), 49]

    def test_begins_again_with_the_log(self, path: Path) -> None:
        path.write_bytes(b"keep\nleave\n" * 10)
        log = opened(path)
        held = log.filtered("keep")
        settle(held)
        path.write_bytes(b"keep new\n")
        log.advance(1000)
        assert held.lines(0, 5) == []
        settle(log, held)
        assert texts(held) == ["keep new"]


class TestStreams:
    def test_lines_tell_by_which_stream_they_came(self, path: Path) -> None:
        path.write_bytes(b"out 1\nerr 1\nout 2\n42/42 barTraceback\n\nerr 2")
        path.with_name("output.streams").write_text("6 6\n27 10\n38 5\n")
        lines: list[LogLine] = list(opened(path).lines(0, 9))
        assert [line.stream for line in lines] == ["out", "err", "out", "err", "out", "err"]

    def test_without_a_list_everything_is_stdout(self, path: Path) -> None:
        path.write_bytes(b"one\n")
        assert opened(path).lines(0, 1)[0].stream == "out"

    def test_finds_ranges_in_a_long_list(self, tmp_path: Path) -> None:
        ranges = [(start, start + 7) for start in range(0, 1_000_000, 20)]
        path = tmp_path / "output.streams"
        path.write_text("".join(f"{start} {end - start}\n" for start, end in ranges) + "1000000 ")
        streams = Streams(path)
        chance = random.Random(1)
        for _ in range(200):
            start = chance.randrange(1_000_100)
            end = start + chance.choice([0, 1, 30, 100, 20_000])
            assert streams.errors(start, end) == [each for each in ranges if each[1] > start and each[0] < end]

    @pytest.mark.parametrize("data", [b"\x00\xff\n5 x\n3\n\n 4 4\n-1 5\n" * 1000, b"9" * 100_000])
    def test_garbage_in_the_list_is_passed_over(self, tmp_path: Path, data: bytes) -> None:
        path = tmp_path / "output.streams"
        path.write_bytes(data)
        assert Streams(path).errors(0, 1000) == []


class TestFirstError:
    @pytest.mark.parametrize(
        "line",
        [
            b"Traceback (most recent call last):",
            b"5/9 [=====....] - loss: 0.5Traceback (most recent call last):",
            b"ValueError: Input 0 of layer dense is incompatible",
            b"tensorflow.python.framework.errors_impl.ResourceExhaustedError: OOM when allocating",
            b"\x1b[31mRuntimeError: broken\x1b[0m",
            b"error: cannot open the file",
            b"ERROR:root:it broke",
            b"ERROR - it broke",
            b"[ERROR] it broke",
            b"2026-01-01 10:00:00,123 - train - ERROR - it broke",
            b"CRITICAL:root:it broke",
            b"2026-01-01 10:00:00.123456: F tensorflow/core/x.cc:5] Check failed",
            b"F0101 10:00:00.123456 x.cc:5] Check failed",
            b"Fatal Python error: Segmentation fault",
            b"terminate called after throwing an instance of 'std::bad_alloc'",
        ],
    )
    def test_looks_like_one(self, line: bytes) -> None:
        assert find_error(b"Epoch 1/2\n" + line + b"\nmore\n") == 10

    @pytest.mark.parametrize(
        "line",
        [
            b"error: 0.25 - loss: 1",
            b"Error: nan",
            b"mean_absolute_error: 0.5",
            b"MeanSquaredError: 0.5",
            b"94/94 - 1s - loss: 0.3 - mean_squared_error: 0.1",
            b"errors: none",
            b"no error so far",
            b"ErrorLayer (None, 3)",
            b"    raise ValueError('x')",
            b"2026-01-01 10:00:00.1: E external/local_xla/cuda_dnn.cc:9261] Unable to register cuDNN factory",
            b"2026-01-01 10:00:00.1: W tensorflow/x.cc] FatalError is not one here",
            b"Killed 3 workers",
            b"Found 3 errors in the CSV file",
        ],
    )
    def test_looks_like_none(self, line: bytes) -> None:
        assert find_error(b"Epoch 1/2\n" + line + b"\nmore\n") is None

    @pytest.mark.usefixtures("small_blocks")
    @pytest.mark.parametrize("budget", [1, 200, 1 << 20])
    def test_the_first_one_counts_wherever_it_stands(self, path: Path, budget: int) -> None:
        error = "ValueError: wrong\n"
        filler = [f"loss: {'0' * width}\n" for width in range(1, 40)]
        for place in range(40):
            lines = [*filler[:place], error, *filler[place:], error]
            path.write_text("".join(lines))
            log = LogFile(path.parent)
            settle(log, budget=budget)
            assert log.first_error() == place
            path.unlink()

    def test_comes_with_what_is_written(self, path: Path) -> None:
        path.write_bytes(b"fine\nerror: ")
        log = opened(path)
        assert log.first_error() is None
        with path.open("ab") as file:
            file.write(b"0.5\nKeyErr")
        settle(log)
        assert log.first_error() is None
        with path.open("ab") as file:
            file.write(b"or: 'x'\n")
        settle(log)
        assert log.first_error() == 2
