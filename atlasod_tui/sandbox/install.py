"""The private environment of Rucio's server: made by virtualenv and pip, complete or made anew."""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import shutil
import sys
from pathlib import Path

import msgspec

from atlasod_tui.errors import LakeError
from atlasod_tui.sandbox import children, disk, layout
from atlasod_tui.sandbox.children import Progress

PACKAGES = ("rucio==41.5.1", "waitress")
CONSTRAINTS = layout.SERVER / "constraints.txt"

_BROKEN, _LACKING = "connection broken by", "no matching distributions available"
_NOTHING_FOUND = ("No matching distribution", "ResolutionImpossible", "Max retries exceeded")
"""How pip tells of an index that cannot be reached."""
_ROOM = 350_000_000
"""Bytes of the environment, and of what pip unpacks meanwhile."""


class _Stamp(msgspec.Struct, frozen=True):
    """What a complete environment was made of; written last."""

    python: str
    constraints: str


def python() -> Path:
    """Return the interpreter of the environment."""
    return layout.environment() / "bin" / "python"


def complete() -> bool:
    """Return whether the environment is there, was finished, and was made for this program and this Python."""
    try:
        stamp = msgspec.json.decode((layout.environment() / "complete.json").read_bytes(), type=_Stamp)
    except (OSError, msgspec.MsgspecError):
        return False
    return stamp == _wanted() and os.access(python(), os.X_OK)


def install(progress: Progress, lock: int | None = None) -> None:
    """Make the environment, unless it is complete; what an interrupted installation left is removed.

    Args:
        progress: Called while it goes on.
        lock: What ``layout.alone()`` gave.

    Raises:
        LakeError: If there is no room for it, or virtualenv or pip fails; the hint names the log.
    """
    if complete():
        return
    folder = layout.environment()
    progress("making a private Python environment", 0, 0)
    try:
        shutil.rmtree(folder, ignore_errors=True)
        disk.need(layout.home(), _ROOM, "Rucio's server")
        with layout.install_log().open("wb") as log:
            virtualenv = [sys.executable, "-P", "-m", "virtualenv", "--quiet", "--no-download", str(folder)]
            if children.run(virtualenv, log.fileno(), lock=lock):
                raise failed("no private Python environment can be made")
            _pip(log.fileno(), progress, lock)
        layout.write_private(folder / "complete.json", msgspec.json.encode(_wanted()))
    except OSError as error:
        raise LakeError(f"the sandbox cannot be installed in {folder}: {error.strerror}") from error


def _wanted() -> _Stamp:
    digest = hashlib.sha256(CONSTRAINTS.read_bytes() + " ".join(PACKAGES).encode()).hexdigest()
    return _Stamp(python=f"{sys.version_info.major}.{sys.version_info.minor}", constraints=digest)


def _pip(log: int, progress: Progress, lock: int | None) -> None:
    total = sum(1 for line in CONSTRAINTS.read_text(encoding="utf-8").splitlines() if "==" in line)
    command = [str(python()), "-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    command += ["--progress-bar", "off", "--constraint", str(CONSTRAINTS), *PACKAGES]
    # pip's own settings (an index of the site, certificates) are the user's and are kept, but for where it installs.
    environment = {**os.environ, "PIP_USER": "0"}
    for name in ("PIP_REQUIRE_VIRTUALENV", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT"):
        environment.pop(name, None)
    collected = 0

    def show(line: str) -> None:
        nonlocal collected
        words = line.split()
        if words[:1] in (["Collecting"], ["Processing"]) and len(words) > 1:
            collected += 1
            progress(f"fetching {_package(words[1])}", min(collected, total), total)
        elif words[:2] == ["Installing", "collected"]:
            progress("installing", 0, 0)

    if children.run(command, log, lock=lock, line=show, environment=environment):
        raise failed("Rucio's server cannot be installed")


def _package(requirement: str) -> str:
    """Return the name in a requirement or the path of a wheel, as pip prints them."""
    return re.split(r"[<>=!~;\[]|-\d", requirement.rpartition("/")[2], maxsplit=1)[0]


def failed(sentence: str, hint: str = "It needs the Python package index once") -> LakeError:
    """Return the error to raise, with the reason that the log ends with."""
    log = layout.install_log()
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return LakeError(f"{sentence}: {_reason(lines)}", f"{hint}; the log is {log}.")


def _reason(lines: list[str]) -> str:
    """Return why pip gave up; where it did not reach the index it ends with versions that do not fit together."""
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    if not errors:
        return (lines or ["no reason was given"])[-1].strip()
    if any(_BROKEN in line for line in lines) and any(words in errors[-1] for words in _NOTHING_FOUND):
        return "the Python package index cannot be reached"
    missing = next((at for at, line in enumerate(lines) if _LACKING in line), None)
    if missing is not None:
        names = itertools.takewhile(bool, map(str.strip, lines[missing + 1 :]))
        return f"the Python package index cannot be reached, or lacks {', '.join(names)}"
    return errors[-1]
