"""The private environment of Rucio's server: made by virtualenv and pip, complete or made anew."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from atlasod_tui.errors import LakeError
from atlasod_tui.sandbox import layout

PACKAGES = ("rucio==41.5.1", "waitress")
CONSTRAINTS = layout.SERVER / "constraints.txt"

Progress = Callable[[str, int, int], None]
"""Called with a sentence, what is done and what there is to do, in packages; 0 to do is not known yet."""


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


def install(progress: Progress) -> None:
    """Make the environment, unless it is complete; what an interrupted installation left is removed.

    The caller holds ``layout.alone()``.

    Raises:
        LakeError: If virtualenv or pip fails; the hint names the log.
    """
    if complete():
        return
    folder = layout.environment()
    progress("making a private Python environment", 0, 0)
    try:
        shutil.rmtree(folder, ignore_errors=True)
        with layout.install_log().open("wb") as log:
            _run([sys.executable, "-P", "-m", "virtualenv", "--quiet", "--no-download", str(folder)], log.fileno())
            _pip(log.fileno(), progress)
        layout.write_private(folder / "complete.json", msgspec.json.encode(_wanted()))
    except OSError as error:
        raise LakeError(f"the sandbox cannot be installed in {folder}: {error.strerror}") from error
    progress("installed", 1, 1)


def _wanted() -> _Stamp:
    digest = hashlib.sha256(CONSTRAINTS.read_bytes() + " ".join(PACKAGES).encode()).hexdigest()
    return _Stamp(python=f"{sys.version_info.major}.{sys.version_info.minor}", constraints=digest)


def _run(command: list[str], log: int) -> None:
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False)  # noqa: S603
    if result.returncode:
        raise _failed("no private Python environment can be made")


def _pip(log: int, progress: Progress) -> None:
    total = sum(1 for line in CONSTRAINTS.read_text(encoding="utf-8").splitlines() if "==" in line)
    command = [str(python()), "-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    command += ["--progress-bar", "off", "--constraint", str(CONSTRAINTS), *PACKAGES]
    # pip's own settings (an index of the site, certificates) are the user's and are kept, but for where it installs.
    environment = {**os.environ, "PIP_USER": "0"}
    for name in ("PIP_REQUIRE_VIRTUALENV", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT"):
        environment.pop(name, None)
    with subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=environment
    ) as process:
        collected = 0
        for line in process.stdout or ():
            os.write(log, line)
            words = line.decode("utf-8", "replace").split()
            if words[:1] in (["Collecting"], ["Processing"]) and len(words) > 1:
                collected += 1
                progress(f"fetching {_package(words[1])}", min(collected, total), total)
            elif words[:2] == ["Installing", "collected"]:
                progress("installing", total, total)
    if process.returncode:
        raise _failed("Rucio's server cannot be installed")


def _package(requirement: str) -> str:
    """Return the name in a requirement or the path of a wheel, as pip prints them."""
    return re.split(r"[<>=!~;\[]|-\d", requirement.rpartition("/")[2], maxsplit=1)[0]


def _failed(sentence: str) -> LakeError:
    log = layout.install_log()
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    reasons = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    last = reasons[-1] if reasons else (lines or ["no reason was given"])[-1].strip()
    return LakeError(f"{sentence}: {last}", f"It needs the Python package index once; the log is {log}.")
