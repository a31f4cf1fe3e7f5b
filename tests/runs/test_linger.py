"""What systemd ends when a user logs out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kerascope.runs._linger import Places, what_ends_at_logout

if TYPE_CHECKING:
    from pathlib import Path

SESSION = "0::/user.slice/user-1000.slice/session-3.scope\n"
MANAGER = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-7.scope\n"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A machine whose systemd keeps what users leave running."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "linger").mkdir()
    (tmp_path / "cgroup").write_text(SESSION)
    (tmp_path / "etc" / "logind.conf").write_text("[Login]\n#KillUserProcesses=no\n")
    return Places(
        cgroup=tmp_path / "cgroup", configs=(tmp_path / "etc", tmp_path / "usr"), lingering=tmp_path / "linger"
    )


def drop_in(directory: Path, name: str, text: str) -> None:
    """A drop-in of logind.conf."""
    (directory / "logind.conf.d").mkdir(parents=True, exist_ok=True)
    (directory / "logind.conf.d" / name).write_text(text)


def test_session_is_left_alone_by_default(places: Places) -> None:
    assert what_ends_at_logout("ann", places) is None


def test_session_that_is_ended_needs_a_scope_of_its_own_even_with_linger(places: Places) -> None:
    (places.configs[0] / "logind.conf").write_text("[Login]\nKillUserProcesses=yes\n")
    sentence = what_ends_at_logout("ann", places)
    assert sentence is not None
    assert "enable-linger" in sentence
    assert "systemd-run --user --scope" in sentence
    (places.lingering / "ann").touch()
    sentence = what_ends_at_logout("ann", places)
    assert sentence is not None
    assert "enable-linger" not in sentence


def test_users_can_be_left_out(places: Places) -> None:
    conf = places.configs[0] / "logind.conf"
    conf.write_text("[Login]\nKillUserProcesses=yes\nKillExcludeUsers=root ann\n")
    assert what_ends_at_logout("ann", places) is None
    assert what_ends_at_logout("bob", places) is not None
    conf.write_text("[Login]\nKillUserProcesses=yes\nKillOnlyUsers=bob\n")
    assert what_ends_at_logout("ann", places) is None
    assert what_ends_at_logout("bob", places) is not None


def test_drop_ins_overrule_by_name_and_directory(places: Places) -> None:
    etc, usr = places.configs
    drop_in(usr, "10-kill.conf", "[Login]\nKillUserProcesses=yes\n")
    assert what_ends_at_logout("ann", places) is not None
    drop_in(etc, "10-kill.conf", "[Login]\n")
    assert what_ends_at_logout("ann", places) is None
    drop_in(usr, "20-kill.conf", "[Login]\nKillUserProcesses=yes\n")
    assert what_ends_at_logout("ann", places) is not None


def test_user_manager_ends_with_the_last_session_unless_it_lingers(places: Places) -> None:
    places.cgroup.write_text(MANAGER)
    sentence = what_ends_at_logout("ann", places)
    assert sentence is not None
    assert "loginctl enable-linger" in sentence
    (places.lingering / "ann").touch()
    assert what_ends_at_logout("ann", places) is None


@pytest.mark.parametrize("groups", ["", "0::/\n", "0::/system.slice/cron.service\n", "garbage\n"])
def test_elsewhere_nothing_is_ended(places: Places, groups: str) -> None:
    (places.configs[0] / "logind.conf").write_text("[Login]\nKillUserProcesses=yes\n")
    places.cgroup.write_text(groups)
    assert what_ends_at_logout("ann", places) is None


def test_older_control_groups_have_systemd_by_name(places: Places) -> None:
    (places.configs[0] / "logind.conf").write_text("[Login]\nKillUserProcesses=yes\n")
    places.cgroup.write_text(
        f"4:cpu,cpuacct:/\n1:name=systemd:{SESSION.removeprefix('0::')}".replace("0::/user", "/user")
    )
    assert what_ends_at_logout("ann", places) is not None
