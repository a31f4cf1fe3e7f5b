"""Lines of a program's output, as a terminal shows them in the end."""

from __future__ import annotations

import random

import pytest

from kerascope.runs._fold import Folded, fold, plain_lines

BAR = "━" * 10


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b"", ""),
        (b"Epoch 1/3", "Epoch 1/3"),
        (b"windows\r", "windows"),
        (b"10%\r20%\r100%", "100%"),
        (b"longer text\rshort", "shortr text"),
        (b"longer text\r\x1b[Kshort", "short"),
        (b"1/9\b\b\b2/9", "2/9"),
        (b"\b\b\bx", "x"),
        (b"a\tb\t\tc", "a       b               c"),
        (b"done\r    \r", ""),
        (b"abcdef\x1b[3D\x1b[1K", "    ef"),
        (b"abc\x1b[2K", ""),
        (b"abc\x1b[5Gd", "abc d"),
        (b"abc\x1b[1Gd", "dbc"),
        (b"ab\x1b[2Cc", "ab  c"),
        (b"\x1b[A\x1b[2Jup", "up"),
        (b"\x1b]0;title\x07x", "x"),
        (b"\x1b]52;c;ZXZpbA==\x1b\\x", "x"),
        (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        (b"\x1bPpayload\x1b\\x", "x"),
        (b"\x1b]never ended", ""),
        (b"\x1bc\x1b(Bx\x1b", "x"),
        (b"bell\x07", "bell"),
        (b"\xff\xfe", "\N{REPLACEMENT CHARACTER}" * 2),
        (b"a\x00b\x7f", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}"),
        ("a\u202eb\x9bc".encode(), "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"),
        ("語 é".encode(), "語 é"),
    ],
)
def test_what_is_left_of_a_line(line: bytes, text: str) -> None:
    assert fold(line).text == text


@pytest.mark.parametrize(
    ("line", "spans"),
    [
        (b"\x1b[31mred\x1b[0m no", ((0, 3, "red"),)),
        (b"\x1b[1;92mok\x1b[39m bold", ((0, 2, "bold bright_green"), (2, 7, "bold"))),
        (b"\x1b[38;5;208mx\x1b[mx", ((0, 1, "color(208)"),)),
        (b"\x1b[48;2;1;2;255mx", ((0, 1, "on #0102ff"),)),
        (b"\x1b[41;97mx", ((0, 1, "bright_white on red"),)),
        (b"\x1b[4;3;9;7;2mx\x1b[22;23;24;27;29mx", ((0, 1, "dim italic reverse strike underline"),)),
        (b"\x1b[5;8mno blinking, nothing hidden", ()),
        (b"\x1b[38;5;999mx", ()),
        (b"\x1b[38;2;1mx", ()),
        (b"\x1b[99999999999999999999mx", ()),
        (b"\x1b[31mred\r\x1b[32mgr", ((0, 2, "green"), (2, 3, "red"))),
    ],
)
def test_colours_are_kept_apart_from_the_text(line: bytes, spans: tuple[tuple[int, int, str], ...]) -> None:
    assert fold(line).spans == spans


def test_a_progress_bar_of_keras_3() -> None:
    line = (
        f"\x1b[1m 1/94\x1b[0m \x1b[37m{BAR}\x1b[0m \x1b[1m3s\x1b[0m 40ms/step - loss: 2.3"
        f"\r\x1b[1m94/94\x1b[0m \x1b[32m{BAR}\x1b[0m\x1b[37m\x1b[0m \x1b[1m1s\x1b[0m 9ms/step - loss: 0.12345"
    )
    folded = fold(line)
    assert folded.text == f"94/94 {BAR} 1s 9ms/step - loss: 0.12345"
    assert folded.spans == ((0, 5, "bold"), (6, 16, "green"), (17, 19, "bold"))


def test_a_progress_bar_of_keras_2() -> None:
    states = [f"{step}/3 [{'=' * step}{'.' * (3 - step)}] - loss: 0.{step}" for step in (1, 2, 3)]
    line = "".join(f"{state}" + "\b" * len(state) for state in states)
    assert fold(line).text == states[-1]


def test_an_endless_jump_makes_no_endless_line() -> None:
    assert len(fold(b"\x1b[99999C" * 1000 + b"x").text) < 10_000


def test_any_bytes_end_in_printable_text() -> None:
    chance = random.Random(7)
    pieces = [
        b"\x1b[",
        b"\x1b]",
        b"\x1bP",
        b"\r",
        b"\b",
        b"\t",
        b"\x07",
        b"m",
        b"31",
        b";",
        b"K",
        b"text",
        b"\xe2\x94",
        b"\x9b",
    ]
    for _ in range(2000):
        data = b"".join(chance.choice(pieces) + bytes([chance.randrange(256)]) for _ in range(12)).replace(b"\n", b"")
        text, spans = fold(data)
        assert all(character.isprintable() or character == "\xa0" for character in text), data
        assert all(0 <= begin < end <= len(text) for begin, end, _ in spans)


def test_a_plain_line_has_no_colours() -> None:
    assert fold("Epoch 1/3") == Folded("Epoch 1/3", ())


def test_lines_for_a_search_are_as_they_are_shown() -> None:
    lines = [b"plain", b"crlf\r", b"\x1b[31mred\x1b[0m", b"10%\r\x1b[1m20%\x1b[0m", b"1/9\b\b\b2/9", b"", b"\xff"]
    assert plain_lines(b"\n".join(lines)).split("\n") == [fold(line).text for line in lines]
