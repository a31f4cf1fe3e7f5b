"""The keeper of a run: what is written of a training, and how it ended."""

from __future__ import annotations

import hashlib
import os
import signal
from typing import TYPE_CHECKING

import pytest
from tests.probe_training.keeper.kept import is_alive, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.probe_training.keeper.kept import Kept

    Keep = Callable[[str], tuple[Kept, int]]


def test_what_a_training_says_and_tells_is_kept(keep: Keep) -> None:
    kept, keeper = keep(
        """
        def train(reporter):
            print("first")
            time.sleep(0.2)
            print("wrong", file=sys.stderr)
            time.sleep(0.2)
            os.write(1, b"\\xff\\x00 raw\\n")
            print("lone \\udcff")
            reporter.tell({"kind": "engine", "engine": {"keras": "3"}, "device": "CPU"})
            reporter.tell({"kind": "progress", "epochs_done": 2, "metrics": {"loss": float("nan"), "mae": 0.5}})
            wait()
            reporter.tell({"kind": "end", "status": "stopped", "error": None, "epochs_done": 3})
            return 0
        """
    )
    running = until(lambda: kept.facts["status"] == "running" and kept.facts)
    assert running["keeper"]["pid"] == keeper
    assert running["process"]["start"] > running["keeper"]["start"] - 1
    assert running["boot_id"]
    assert until(lambda: kept.facts["epochs_done"] == 2 and kept.facts)["metrics"] == {"loss": "NaN", "mae": 0.5}
    kept.go()
    facts = kept.ended(keeper)
    assert (facts["status"], facts["exit"], facts["error"], facts["epochs_done"]) == ("stopped", 0, None, 3)
    assert kept.log == b"first\nwrong\n\xff\x00 raw\nlone \\udcff\n"
    assert kept.by_error == b"wrong\n"
    # Its training wrote no record of its end, so that the keeper did.
    assert [(event["event"], event["status"]) for event in kept.events] == [("end", "stopped")]


def test_the_training_is_like_a_program_that_a_shell_has_started(keep: Keep) -> None:
    kept, keeper = keep(
        """
        import signal
        def train(reporter):
            assert sys.stdin.read() == ""
            assert os.getpgrp() == os.getpid() != os.getsid(0)
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
            assert signal.getsignal(signal.SIGINT) == signal.default_int_handler
            try:
                os.open("/dev/tty", os.O_RDWR)
            except OSError:
                print("no terminal")
            sys.stdout.write("a bar\\r")
            wait()
            import atexit, threading
            atexit.register(print, "at exit")
            threading.Thread(target=lambda: (time.sleep(0.2), print("thread"))).start()
            if os.fork() == 0:
                reporter.tell({"kind": "end", "status": "failed", "error": {"sentence": "a copy"}})
                return 7
            os.wait()
            return 0
        """
    )
    # A bar is there before its line is whole.
    kept.says(b"no terminal\na bar\r")
    kept.go()
    facts = kept.ended(keeper)
    assert (facts["status"], facts["exit"]) == ("finished", 0), kept.log
    assert kept.log.endswith(b"thread\nat exit\n")


@pytest.mark.parametrize(
    ("body", "status", "code", "sentence"),
    [
        ("os._exit(0)", "finished", 0, None),
        ("return 4", "failed", 4, "the process ended with exit status 4 before the training was over"),
        ("sys.exit('no such file')", "failed", 1, "the process ended with exit status 1 before the training was over"),
        ("raise ValueError('of 3 rows')", "failed", 1, "ValueError: of 3 rows"),
        ("os.kill(os.getpid(), 15); time.sleep(9)", "killed", -15, "killed by signal 15 (SIGTERM)"),
        (
            "import faulthandler; faulthandler._sigsegv()",
            "killed",
            -11,
            "killed by signal 11 (SIGSEGV); the end of its log says where Python was",
        ),
    ],
)
def test_every_end_has_its_word(keep: Keep, body: str, status: str, code: int, sentence: str | None) -> None:
    kept, keeper = keep(f"def train(reporter): {body}")
    facts = kept.ended(keeper)
    assert (facts["status"], facts["exit"]) == (status, code)
    assert (facts["error"]["sentence"] if facts.get("error") else None) == sentence
    assert facts["ended"] > 0
    (end,) = kept.events
    assert (end["event"], end["status"], end["exit"]) == ("end", status, code)
    if code == -signal.SIGSEGV:
        assert b"Fatal Python error: Segmentation fault" in kept.log
        assert b"in train" in kept.by_error


def test_a_setup_error_is_a_sentence_without_a_traceback(keep: Keep) -> None:
    kept, keeper = keep(
        """
        def train(reporter):
            from importlib import import_module
            raise import_module("_kerascope_probe.training.errors").SetupError("there is no GPU 3; use --device cpu")
        """
    )
    facts = kept.ended(keeper)
    assert (facts["status"], facts["exit"]) == ("failed", 1)
    assert facts["error"]["sentence"] == "there is no GPU 3; use --device cpu"
    assert facts["error"]["traceback"] is None
    assert kept.log == b"kerascope: there is no GPU 3; use --device cpu\n"


def test_a_hang_up_reaches_nobody(keep: Keep) -> None:
    kept, keeper = keep("def train(reporter): print('up'); wait(); print('on'); return 0")
    kept.says(b"up")
    for pid in (keeper, kept.pid("process")):
        os.kill(pid, signal.SIGHUP)
    os.kill(keeper, signal.SIGINT)
    kept.go()
    assert kept.ended(keeper)["status"] == "finished"
    assert kept.log == b"up\non\n"


def test_whoever_ends_the_keeper_ends_the_run(keep: Keep) -> None:
    kept, keeper = keep("def train(reporter): print('up'); time.sleep(60)")
    kept.says(b"up")
    os.kill(keeper, signal.SIGTERM)
    facts = kept.ended(keeper)
    assert (facts["status"], facts["exit"]) == ("killed", -15)


def test_a_killed_training_leaves_its_end_and_its_last_words(keep: Keep) -> None:
    kept, keeper = keep("def train(reporter): print('x' * 100000, end=''); sys.stdout.flush(); time.sleep(60)")
    (kept.directory / "events.jsonl").write_bytes(b'{"time": 1, "event": "batch", "st')
    kept.says(b"x" * 100000)
    os.kill(kept.pid("process"), signal.SIGKILL)
    facts = kept.ended(keeper)
    assert (facts["status"], facts["exit"]) == ("killed", -9)
    assert facts["error"]["sentence"].startswith("killed by signal 9 (SIGKILL)")
    half, end = (kept.directory / "events.jsonl").read_text().splitlines()
    assert half == '{"time": 1, "event": "batch", "st'
    assert '"end"' in end


def test_a_killed_keeper_is_replaced_by_the_training(keep: Keep) -> None:
    kept, keeper = keep(
        """
        import subprocess
        def train(reporter):
            reporter.tell({"kind": "progress", "epochs_done": 1, "metrics": {}})
            print("up")
            wait()
            print("alone")
            print("wrong", file=sys.stderr)
            # More than the pipe holds, and from another process, too.
            print("y" * 3_000_000)
            subprocess.run([sys.executable, "-S", "-c", "print('child')"])
            reporter.tell({"kind": "progress", "epochs_done": 2})
            reporter.tell({"kind": "end", "status": "finished", "error": None})
            print("last")
            return 0
        """
    )
    kept.says(b"up")
    training = kept.pid("process")
    os.kill(keeper, signal.SIGKILL)
    until(lambda: kept.facts["keeper"] is None)
    assert kept.facts["process"]["pid"] == training
    kept.go()
    until(lambda: not is_alive(training))
    facts = kept.facts
    assert (facts["status"], facts["exit"], facts["epochs_done"]) == ("finished", 0, 2)
    assert facts["ended"]
    log = kept.log
    assert log.startswith(b"up\n")
    # What comes by two pipes in one moment has no order between them.
    assert log.replace(b"wrong\n", b"") == b"up\nalone\n" + b"y" * 3_000_000 + b"\nchild\nlast\n"
    assert kept.by_error == b"wrong\n"
    (warning,) = kept.events
    assert warning["event"] == "warning"
    assert f"({keeper}) has died" in warning["message"]


def test_what_the_training_left_running_is_ended(keep: Keep) -> None:
    kept, keeper = keep(
        """
        import subprocess
        DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
        def train(reporter):
            deaf = subprocess.Popen(
                [sys.executable, "-S", "-c", DEAF], start_new_session=True, stdout=subprocess.PIPE
            )
            deaf.stdout.readline()
            # A grandchild that nobody waits for, holding the log open.
            subprocess.run(["sh", "-c", "sleep 600 & echo $!"])
            print(deaf.pid)
            return 0
        """
    )
    facts = kept.ended(keeper)
    assert facts["status"] == "finished"
    pids = [int(line) for line in kept.log.split()]
    assert len(pids) == 2
    assert not any(is_alive(pid) for pid in pids)
    end, notice = kept.events
    assert (end["event"], notice["event"]) == ("end", "notice")
    assert notice["message"].startswith("2 processes that the training left running had to be ended: ")
    assert all(f"({pid})" in notice["message"] for pid in pids)


def test_garbage_and_a_line_of_100_megabytes_are_kept_as_they_are(keep: Keep) -> None:
    kept, keeper = keep(
        """
        import hashlib, random
        def train(reporter):
            random.seed(1)
            garbage = random.randbytes(1_000_000)
            sys.stdout.buffer.write(garbage)
            for _ in range(100):
                sys.stdout.buffer.write(b"z" * 1_000_000)
            sys.stdout.buffer.flush()
            reporter.tell({"kind": "end", "status": "finished", "hash": hashlib.sha256(garbage).hexdigest()})
            return 0
        """
    )
    facts = kept.ended(keeper)
    log = kept.log
    assert len(log) == 101_000_000
    assert hashlib.sha256(log[:1_000_000]).hexdigest() == facts["hash"]
    assert log.count(b"z", 1_000_000) == 100_000_000
    assert kept.by_error == b""


def test_closed_descriptors_cost_nothing_but_what_was_told(keep: Keep) -> None:
    kept, keeper = keep(
        """
        def train(reporter):
            os.closerange(3, 1000)
            files = [open(os.devnull, "w") for _ in range(20)]
            reporter.tell({"kind": "end", "status": "stopped"})
            print("still here")
            return 0
        """
    )
    facts = kept.ended(keeper)
    assert (facts["status"], facts["exit"]) == ("finished", 0)
    assert kept.log == b"still here\n"


def test_a_clock_that_jumps_changes_nothing(keep: Keep) -> None:
    kept, keeper = keep(
        """
        import itertools
        days = itertools.count()
        # In the keeper and in the training: the program is loaded before both.
        time.time = lambda: 1e9 + (-1) ** next(days) * 86400 * 365
        def train(reporter):
            for number in range(1, 4):
                reporter.tell({"kind": "progress", "epochs_done": number, "metrics": {}})
                time.sleep(0.02)
            print("up")
            wait()
            return 0
        """
    )
    kept.says(b"up")
    until(lambda: kept.facts["epochs_done"] == 3)
    kept.go()
    assert kept.ended(keeper)["status"] == "finished"
