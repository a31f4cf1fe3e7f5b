"""What becomes of a run when its user logs out: systemd may end all that a session has started.

Facts from logind.conf(5) and user@.service(5). Processes of a session's scope are ended with it where KillUserProcesses
is on, lingering or not. Processes of the user's own manager, `user@UID.service`, are ended with that, which happens
after the last logout unless the user lingers.
"""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Places", "what_ends_at_logout"]


@dataclass(frozen=True, slots=True)
class Places:
    """Where systemd keeps what is asked here.

    Attributes:
        cgroup: The control groups of this process.
        configs: Directories of `logind.conf`, the first that has one counts; drop-ins count from all of them.
        lingering: Holds a file for each user that lingers.
    """

    cgroup: Path = Path("/proc/self/cgroup")
    configs: tuple[Path, ...] = (
        Path("/etc/systemd"),
        Path("/run/systemd"),
        Path("/usr/local/lib/systemd"),
        Path("/usr/lib/systemd"),
    )
    lingering: Path = Path("/var/lib/systemd/linger")


def what_ends_at_logout(user: str | None = None, places: Places | None = None) -> str | None:
    """Why a run that is started from here would be ended when its user logs out, and what to do.

    Args:
        user: Name of the user, `None` for the one we run as.
        places: Where to look.

    Returns:
        One sentence; `None` where nothing says that it would be ended.
    """
    places = places or Places()
    user = user or _user()
    group = _group(places.cgroup)
    lingers = user is not None and (places.lingering / user).exists()
    if "/session-" in group and _kills(user, places.configs):
        also = "" if lingers else "`loginctl enable-linger` once, and then "
        return (
            "systemd ends this run when you log out (KillUserProcesses is on in logind.conf); to keep it, "
            f"{also}start it as `systemd-run --user --scope kerascope train ...`"
        )
    if "/user@" in group and not lingers:
        return (
            "systemd ends this run when your last session ends, because your user manager does not linger; to keep it: "
            "`loginctl enable-linger`"
        )
    return None


def _user() -> str | None:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return None  # a container runs under a number that has no name


def _group(path: Path) -> str:
    """The control group that systemd knows this process by; empty where there is none."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    # `0::GROUP` where there is one hierarchy, `1:name=systemd:GROUP` where there are several (cgroups(7)).
    parts = [line.split(":", 2) for line in lines if line.count(":") >= 2]
    groups = {controllers: group for _, controllers, group in parts}
    return groups.get("", groups.get("name=systemd", ""))


def _kills(user: str | None, configs: tuple[Path, ...]) -> bool:
    """Whether `logind` ends a user's processes with the session."""
    settings = _settings(configs)
    if settings.get("KillUserProcesses", "").lower() not in ("yes", "true", "on", "1"):
        return False
    if user in settings.get("KillExcludeUsers", "root").split():
        return False
    only = settings.get("KillOnlyUsers", "").split()
    return not only or user in only


def _settings(configs: tuple[Path, ...]) -> dict[str, str]:
    """What `logind.conf` and its drop-ins say. The file as it is shipped has the built-in values as comments."""
    main = next((directory / "logind.conf" for directory in configs if (directory / "logind.conf").is_file()), None)
    drop_ins: dict[str, Path] = {}
    for directory in reversed(configs):
        # A drop-in of the same name in a directory that comes first takes the other's place.
        drop_ins.update({path.name: path for path in (directory / "logind.conf.d").glob("*.conf")})
    found: dict[str, str] = {}
    for path in ([main] if main else []) + [drop_ins[name] for name in sorted(drop_ins)]:
        found.update(_assignments(path, comments=path == main))
    return found


def _assignments(path: Path, *, comments: bool) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    plain = [line.strip() for line in lines]
    built_in = [line.lstrip("# ") for line in plain if comments and line.startswith("#")]
    said = [line for line in plain if not line.startswith(("#", ";", "["))]
    pairs = (line.partition("=") for line in (*built_in, *said) if "=" in line)
    return {name.strip(): value.strip() for name, _, value in pairs if " " not in name.strip()}
