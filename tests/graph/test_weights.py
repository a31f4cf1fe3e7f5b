"""Weights and saved files in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kerascope.graph import (
    READ_AS_DATA,
    EngineInfo,
    FileInfo,
    Inspection,
    Model,
    Params,
    Source,
    SourceKind,
    Weight,
    WeightStats,
    draw_histogram,
    file_facts,
    format_bytes,
    format_number,
    format_share,
    format_totals,
    how_it_was_read,
    no_architecture,
    weight_group,
    weight_state,
    weight_totals,
    written_by,
)

KERNEL = Weight(path="a/0", name="dense/kernel", shape=(4, 32), dtype="float32", size=512, layer="dense")
BIAS = Weight(path="a/1", name="dense/bias", shape=(32,), dtype="float32", size=128, layer="dense")
STEP = Weight(path="b/0", name="optimizer/iteration", shape=(), dtype="int64", size=8, group="optimizer")
STATS = WeightStats(count=4, minimum=0.0, maximum=1.0, mean=0.5, std=0.1, zeros=1, nans=0, infs=0)


def inspection(total: int | None = 160, **file: object) -> Inspection:
    params = None if total is None else Params(total=total, trainable=total, non_trainable=0)
    return Inspection(
        source=Source(path="m.keras", kind=SourceKind.KERAS, executed=False),
        models=(Model(name="net", class_name="Sequential", built=True, layers=(), params=params),),
        file=replace(FileInfo(format="Keras archive (.keras)", size=2_000), **file),  # type: ignore[arg-type]
        weights=(KERNEL, BIAS, STEP),
    )


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (36_864, "36.9 kB"),
        (99_949, "99.9 kB"),
        (99_950, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (269_467_135, "269 MB"),
        (61_000_000_000 * 4, "244 GB"),
        (10**30, "1,000,000,000,000 EB"),
    ],
)
def test_sizes(size: int, text: str) -> None:
    assert format_bytes(size) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (-0.0, "0"), (1.0, "1"), (-0.031254, "-0.03125"), (1.2e-5, "1.2e-05"), (3.4e38, "3.4e+38")],
)
def test_statistics_have_four_digits(value: float | None, text: str) -> None:
    assert format_number(value) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 0, ""), (0, 9, "0 %"), (9, 9, "100 %"), (1, 8, "12.5 %"), (1, 10**6, "<0.1 %"), (10**6 - 1, 10**6, ">99.9 %")],
)
def test_a_share_is_never_rounded_to_nothing_or_all(part: int, whole: int, text: str) -> None:
    assert format_share(part, whole) == text


def test_a_histogram_shows_whatever_is_not_empty() -> None:
    assert draw_histogram((), 10) == ""
    assert draw_histogram((0, 0), 10) == "  "
    assert draw_histogram((1, 0, 10**9), 10) == "▁ █"
    assert draw_histogram((1, 0, 10**9), 10, ascii_only=True) == "_ #"


def test_a_histogram_of_even_bins_stays_even_at_any_width() -> None:
    for width in range(1, 40):
        assert set(draw_histogram((7,) * 32, width)) == {"█"}
        assert len(draw_histogram((7,) * 32, width)) == min(width, 32)


def test_totals_leave_out_the_optimizer_and_stand_beside_the_config() -> None:
    totals = weight_totals(inspection())
    assert (totals.arrays, totals.numbers, totals.size, totals.others) == (2, 160, 640, (("optimizer", 1),))
    assert format_totals(totals) == "2 weights, 160 parameters, 640 B; 160 by the config: equal; optimizer: 1 number"
    assert "≠ 200 by the config: 40 fewer here" in format_totals(weight_totals(inspection(200)))
    assert "≠ 100 by the config: 60 more here" in format_totals(weight_totals(inspection(100)))


def test_totals_without_a_config_say_nothing_of_it() -> None:
    unknown = format_totals(weight_totals(inspection(None)))
    assert "by the config unknown: not every layer's parameters are known" in unknown
    assert "config" not in format_totals(weight_totals(inspection(None, architecture=False)))


def test_weights_are_grouped_by_layer_and_place() -> None:
    assert weight_group(KERNEL) == "dense"
    assert weight_group(STEP) == "optimizer"
    assert weight_group(replace(STEP, name="adam/m/0")) == "optimizer adam/m"
    assert weight_group(replace(KERNEL, layer=None, name="a/b/kernel")) == "a/b"


def test_states_of_numbers() -> None:
    assert weight_state(KERNEL, None) == ""
    assert weight_state(KERNEL, None, "why") == "? not read"
    assert weight_state(replace(KERNEL, unreadable="why"), None) == "? not read"
    assert weight_state(KERNEL, STATS) == "finite"
    assert weight_state(KERNEL, replace(STATS, nans=1)) == "✗ NaN"
    assert weight_state(KERNEL, replace(STATS, nans=1, infs=2)) == "✗ NaN, Inf"
    assert weight_state(KERNEL, replace(STATS, count=0)) == "empty"


def test_what_was_done_is_said_as_it_was() -> None:
    made = inspection()
    assert how_it_was_read(made) == READ_AS_DATA == "read as data; nothing in this file was executed"
    engine = EngineInfo(keras="3.15.1", generation=3, tensorflow=None, python="python")
    resolved = how_it_was_read(replace(made, engine=engine))
    assert "nothing in this file was executed" not in resolved
    assert "rebuilt by Keras 3.15.1" in resolved
    trusted = replace(made, engine=engine, source=replace(made.source, executed=True))
    assert how_it_was_read(trusted).endswith("code in this file may have been executed")


def test_who_wrote_a_file() -> None:
    file = FileInfo(format="HDF5 model", size=1)
    assert written_by(file) == ""
    assert written_by(replace(file, generation=2)) == "Keras 2"
    assert written_by(replace(file, generation=2, keras_version="2.15.0")) == "Keras 2.15.0"


def test_facts_begin_with_how_the_file_was_read() -> None:
    facts = file_facts(inspection(declares=True, saved="today"))
    assert facts[0] == ("read", READ_AS_DATA)
    assert dict(facts)["declarations"] == "recorded by this format"
    assert dict(file_facts(inspection()))["declarations"] == "not recorded by this format"
    assert "declarations" not in dict(file_facts(inspection(architecture=False)))


def test_a_file_without_architecture_says_what_it_has() -> None:
    assert no_architecture(inspection()) == ""
    assert no_architecture(inspection(architecture=False)).startswith("This file holds weights and has no architecture")
    bare = replace(inspection(architecture=False), weights=())
    assert no_architecture(bare).startswith("This file has no architecture")
