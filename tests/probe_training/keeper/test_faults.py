"""What befalls a run from outside: terminals that hang up, disks that are full, directories that are deleted."""

from __future__ import annotations

import json
import os
import pty
import resource
import shutil
from typing import TYPE_CHECKING

import pytest
from tests.probe_training.keeper.kept import ENVIRONMENT, is_alive, until

from kerascope.probe.training.killer import oom_evidence, read_counters

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.probe_training.keeper.kept import Kept

    Keep = Callable[[str], tuple[Kept, int]]


def test_a_terminal_that_is_gone_takes_nothing_with_it(prepare: Callable[[str], Kept]) -> None:
    kept = prepare("def train(reporter): print('up'); wait(); print('on'); return 0")
    shell, terminal = pty.fork()
    if shell == 0:
        os.execve("/bin/sh", ["sh", "-c", '"$@"; echo started; sleep 600', "sh", *kept.command], ENVIRONMENT)
    seen = b""
    while b"started" not in seen:
        seen += os.read(terminal, 4096)
    keeper = json.loads(seen.splitlines()[0])["pid"]
    kept.says(b"up")
    os.close(terminal)
    os.waitpid(shell, 0)
    kept.go()
    assert kept.ended(keeper)["status"] == "finished"
    assert kept.log == b"up\non\n"


def test_a_full_disk_for_the_log_keeps_nobody_waiting(prepare: Callable[[str], Kept]) -> None:
    kept = prepare("def train(reporter): print('x' * 10_000_000); print('end', file=sys.stderr); return 0")
    (kept.directory / "output.log").symlink_to("/dev/full")
    facts = kept.ended(kept.start()["pid"])
    assert facts["status"] == "finished"
    assert kept.events[1]["event"] == "warning"
    assert kept.events[1]["message"] == (
        "output.log could not be written: 10,000,005 bytes of the training's output are lost"
    )


def test_a_disk_that_is_full_for_a_while_costs_what_memory_cannot_hold(keep: Keep) -> None:
    kept, keeper = keep(
        """
        def train(reporter):
            print("up")
            wait()
            print("x" * 10_000_000 + "last", file=sys.stderr)
            print("done", file=sys.stderr)
            os.rename(sys.argv[1] + ".go", sys.argv[1] + ".written")
            wait()
            print("on")
            return 0
        """
    )
    kept.says(b"up")
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    # Files of the keeper's cannot become larger than this: to it, a full disk.
    resource.prlimit(keeper, resource.RLIMIT_FSIZE, (5000, hard))
    kept.go()
    until(kept.directory.with_name(f"{kept.directory.name}.written").exists)
    assert len(kept.log) == 5000
    resource.prlimit(keeper, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, hard))
    kept.says(b"done")
    kept.go()
    assert kept.ended(keeper)["status"] == "finished"
    head, notice, tail = kept.log.split(b"\n[kerascope: ")[0], *kept.log.split(b"\n[kerascope: ")[1].split(b"]\n", 1)
    # What was cut off in the middle is written whole first.
    assert head.startswith(b"up\n" + b"x" * 4997)
    missing = int(notice.split()[0].replace(b",", b""))
    assert notice.endswith(b"bytes of output are missing here: File too large")
    assert tail.replace(b"x", b"") == b"last\ndone\non\n"
    assert missing + len(head) + len(tail) == len(b"up\nlast\ndone\non\n") + 10_000_000
    assert kept.by_error == head[3:] + tail[:-3]
    (warning,) = [event for event in kept.events if event["event"] == "warning"]
    assert f"{missing:,} bytes" in warning["message"]


def test_a_deleted_directory_is_made_again_with_all_that_was_in_the_log(keep: Keep) -> None:
    kept, keeper = keep(
        """
        def train(reporter):
            print("before")
            wait()
            print("after", file=sys.stderr)
            reporter.tell({"kind": "progress", "epochs_done": 5})
            return 0
        """
    )
    kept.says(b"before")
    shutil.rmtree(kept.directory)
    kept.go()
    until(lambda: not is_alive(keeper))
    assert (kept.facts["status"], kept.facts["epochs_done"]) == ("finished", 5)
    assert kept.log == b"before\nafter\n"
    assert kept.by_error == b"after\n"
    assert sorted(path.name for path in kept.directory.iterdir()) == [
        "events.jsonl",
        "output.log",
        "output.streams",
        "run.json",
    ]


def test_an_end_that_cannot_be_written_yet_is_written_later(keep: Keep) -> None:
    kept, keeper = keep("def train(reporter): print('up'); wait(); return 3")
    kept.says(b"up")
    process, record = kept.pid("process"), kept.directory / "run.json"
    record.unlink()
    (record / "in the way").mkdir(parents=True)
    kept.go()
    until(lambda: not is_alive(process))
    assert is_alive(keeper)
    shutil.rmtree(record)
    facts = kept.ended(keeper)
    assert (facts["status"], facts["exit"]) == ("failed", 3)
    assert not list(kept.directory.glob(".run.json.*"))


def test_without_a_record_nothing_is_started(prepare: Callable[[str], Kept]) -> None:
    kept = prepare("def train(reporter): open(sys.argv[1] + '.trained', 'w')")
    (kept.directory / "run.json").write_text("[")
    answer = kept.start()
    assert answer["event"] == "failed"
    assert answer["message"].startswith(f"the run cannot be started: {kept.directory}/run.json: ")
    (kept.directory / "run.json").unlink()
    assert kept.start()["message"].endswith("run.json: No such file or directory")
    assert not kept.directory.with_name(f"{kept.directory.name}.trained").exists()


def test_a_run_that_goes_on_is_not_started_again(keep: Keep) -> None:
    kept, keeper = keep("def train(reporter): print('trained'); wait(); return 0")
    kept.says(b"trained")
    again = kept.start()
    assert again["event"] == "failed"
    assert "goes on already" in again["message"]
    assert kept.pid("keeper") == keeper
    kept.go()
    assert kept.ended(keeper)["status"] == "finished"
    assert kept.log == b"trained\n"


def test_a_keeper_that_comes_late_starts_nothing_that_was_given_up(prepare: Callable[[str], Kept]) -> None:
    kept = prepare("def train(reporter): open(sys.argv[1] + '.trained', 'w')")
    facts = kept.facts
    (kept.directory / "run.json").write_text(json.dumps({**facts, "status": "failed"}))
    answer = kept.start()
    assert answer["event"] == "failed"
    assert answer["message"].endswith("it says failed, expected starting: whoever asked for the run has given it up")
    assert kept.facts == {**facts, "status": "failed"}
    assert not kept.directory.with_name(f"{kept.directory.name}.trained").exists()


@pytest.mark.parametrize(
    ("before", "after", "evidence"),
    [
        ({"oom_kill in /cg": 1, "oom_kill in /proc/vmstat": 4}, {"oom_kill in /cg": 1}, None),
        ({}, {"oom_kill in /cg": 1}, None),
        (
            {"oom_kill in /cg": 1, "oom_kill in /proc/vmstat": 4},
            {"oom_kill in /cg": 2, "oom_kill in /proc/vmstat": 5},
            "the kernel's out-of-memory killer ended a process of this run's cgroup just then "
            "(oom_kill in /cg: 1 to 2)",
        ),
        (
            {"oom_kill in /cg": 1, "oom_kill in /proc/vmstat": 4},
            {"oom_kill in /cg": 1, "oom_kill in /proc/vmstat": 7},
            "the kernel's out-of-memory killer ended 3 processes on this machine just then "
            "(oom_kill in /proc/vmstat: 4 to 7)",
        ),
    ],
)
def test_only_a_counter_that_moved_speaks_for_a_lack_of_memory(
    before: dict[str, int], after: dict[str, int], evidence: str | None
) -> None:
    assert oom_evidence(before, after) == evidence


def test_this_kernel_counts_what_it_kills_for_memory() -> None:
    assert all(count >= 0 for count in read_counters().values())
    assert "oom_kill in /proc/vmstat" in read_counters()
