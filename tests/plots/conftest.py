"""Results to plot: those of the twelve analyses on the reference inputs, made once in a run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def own_results(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that ``analyse all`` makes of the reference inputs."""
    folder = tmp_path_factory.mktemp("own_results")
    (folder / "run").mkdir(mode=0o700)
    home = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "STATE", "DATA")}
    inputs = shared / "data" / "synthetic-13tev" / "inputs"
    command = ["analyse", "all", "--input", str(inputs), "--output", str(folder / "out"), "--quiet"]
    subprocess.run(
        [sys.executable, "-m", "atlasod_tui", *command],
        env={**os.environ, **home, "XDG_RUNTIME_DIR": str(folder / "run")},
        stdin=subprocess.DEVNULL,
        check=True,
        timeout=250,
    )
    return folder / "out"
