"""Whether what runs in the background goes on after a logout, as systemd-logind has it."""

from __future__ import annotations

import getpass
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from atlasod_tui.doctor.finding import Finding, note, ok

_YES = {"yes", "true", "1", "on", "y"}
_PATIENCE_S = 3
_SETTING = re.compile(r"^\s*KillUserProcesses\s*=\s*(\S+)", re.MULTILINE)
_LINGER = "Have your jobs outlive you: loginctl enable-linger"
_SCOPE = "Start long jobs with: systemd-run --user --scope atlasod-tui ... (and once: loginctl enable-linger)"


def look(root: Path = Path("/")) -> Iterator[Finding]:
    """Yield what is found of this session.

    Args:
        root: Where the files of the system are looked for.
    """
    group = _group(root)
    facts = {"cgroup": group, "kill_user_processes": None, "linger": _lingers(root)}
    if not (root / "run/systemd/seats").is_dir():
        yield ok("session", "nothing here is known to end jobs at logout (no systemd-logind)", **facts)
        return
    if re.search(r"/user@[0-9]+\.service(/|$)", group):
        # The user's own service manager, which a desktop's terminals run under, ends with the last session.
        if facts["linger"]:
            yield ok("session", "jobs go on after a logout: this user lingers", **facts)
        else:
            yield note("session", "jobs started here end at your last logout", _LINGER, **facts)
        return
    if not re.search(r"/session-[^/]+\.scope(/|$)", group):
        yield ok("session", "jobs do not belong to a login session that could end them", **facts)
        return
    facts["kill_user_processes"] = kills = _asked() if root == Path("/") else None
    if kills is None:
        facts["kill_user_processes"] = kills = _configured(root)
    if kills:
        yield note(
            "session", "jobs end at logout: this machine ends all of a session (KillUserProcesses)", _SCOPE, **facts
        )
    else:
        yield ok("session", "jobs go on after a logout", **facts)


def _group(root: Path) -> str:
    """Return the cgroup by which systemd knows this process (version 2, or its own hierarchy in version 1)."""
    lines = [line.split(":", 2) for line in _text(root / "proc/self/cgroup").splitlines()]
    found = {parts[1]: parts[2] for parts in lines if len(parts) == 3}  # noqa: PLR2004 - number, controllers, path
    return found.get("name=systemd") or found.get("", "")


def _lingers(root: Path) -> bool:
    try:
        return (root / "var/lib/systemd/linger" / getpass.getuser()).exists()
    except (OSError, KeyError):
        return False


def _asked() -> bool | None:
    """Return what logind says of itself; ``None`` if it cannot be asked."""
    place = ("org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager")
    try:
        done = subprocess.run(  # noqa: S603 - nothing from outside in it
            ["busctl", "get-property", *place, "KillUserProcesses"],  # noqa: S607 - wherever it is installed
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=_PATIENCE_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return {"b true": True, "b false": False}.get(done.stdout.strip())


def _configured(root: Path) -> bool:
    """Return what the files of settings say, the later before the earlier (logind.conf(5)); systemd's default is no."""
    folders = [root / name / "systemd" for name in ("usr/lib", "usr/local/lib", "run", "etc")]
    main = [folder / "logind.conf" for folder in folders]
    parts: dict[str, Path] = {}
    for folder in folders:
        parts |= {path.name: path for path in (folder / "logind.conf.d").glob("*.conf")}
    said = [
        found for path in (*main, *(parts[name] for name in sorted(parts))) for found in _SETTING.findall(_text(path))
    ]
    return bool(said) and said[-1].lower() in _YES


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
