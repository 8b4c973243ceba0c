"""The exercise of the README, word for word: browse, multiply, write back, analyse, plot, upload, list, remove."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lake.conftest import sandbox_environment, started  # noqa: F401 - a fixture

README = Path(__file__).resolve().parents[2] / "README.md"


def the_exercise() -> str:
    """Return the script that begins by refusing to go on after a mistake."""
    (script,) = re.findall(r"```sh\n(set -eu\n.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    return str(script)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder for PATH in which ``atlasod-tui`` is this checkout's."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "atlasod-tui").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m atlasod_tui "$@"\n')
    (folder / "atlasod-tui").chmod(0o755)
    return folder


@pytest.mark.slow
def test_the_exercise_of_the_readme_works_word_for_word(
    sandbox_environment: Path,  # noqa: F811 - the fixture
    program: Path,
    tmp_path: Path,
) -> None:
    with started(tmp_path / "data", sandbox_environment) as sandbox:
        environment = os.environ | {
            "PATH": f"{program}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(README.parent),
            "XDG_DATA_HOME": str(sandbox.data),
            "TMPDIR": str(tmp_path),
        }
        done = subprocess.run(
            ["bash", "-c", the_exercise()], env=environment, capture_output=True, text=True, timeout=240, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        listed, plots = done.stdout.split("DID  ", 1)[1].split("\nrule ", 1)
        assert "user.student:exercise.x3 " in listed
        assert "user.student:exercise.HZZ" in listed
        assert "INFN_NAPOLI-DCACHE" in plots
        names = plots.splitlines()
        assert sum(name.endswith(".png") for name in names) == sum(name.endswith(".pdf") for name in names) > 10
        assert "user.student:exercise.HZZ ends now, with 1 rule" in done.stderr
        assert "user.student:exercise.x3 ends now, with 2 rules" in done.stderr
