"""Compiled kernels are kept: nothing changes, nothing is compiled; something changes, it is compiled again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]

ANALYSIS = """
from atlasod_tui.engine.author import Analysis, Histogram
from helper import LIMIT, passes

ANALYSIS = Analysis(
    name="Mine", title="", skim="4lep", table="base", groups={}, main="h", look_for="",
    histograms=(Histogram("h", 10, 0, 10, "", ""),),
)

def select(event, hist):
    if passes(event.x) and event.x < LIMIT:
        hist.h.fill(event.x, 1.0)
"""

HELPER = "from constants import LIMIT\n\ndef passes(x):\n    return x > 0.0\n"

RUN = """
import sys
from pathlib import Path
import numpy as np
from atlasod_tui.engine.kernel import CompiledKernel
from atlasod_tui.engine.program import collect
from atlasod_tui.engine.registry import load
from atlasod_tui.engine.sums import SampleKind, Sums
from atlasod_tui.rootfile.columns import Column
program = collect(load(Path("mine.py")))
kernel = CompiledKernel(program, {"x": sys.argv[1]}, corrected=False)
sums = Sums.zero(program.layout)
kernel.run({"x": Column(np.arange(-5, 15).astype(sys.argv[1]), None)}, 20, SampleKind("mc", is_data=False), sums)
stats = kernel._run.stats
print(sum(stats.cache_misses.values()), sum(stats.cache_hits.values()), sums.entries(program.layout.first["h"]))
"""


@pytest.fixture
def author(tmp_path: Path) -> Path:
    (tmp_path / "mine.py").write_text(ANALYSIS)
    (tmp_path / "helper.py").write_text(HELPER)
    (tmp_path / "constants.py").write_text("LIMIT = 8.0\n")
    return tmp_path


def start(author: Path, dtype: str = "f4") -> subprocess.Popen[str]:
    environment = os.environ | {
        "XDG_CACHE_HOME": str(author / "cache"),
        "PYTHONPATH": os.pathsep.join([str(author), str(CHECKOUT)]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-c", RUN, dtype], cwd=author, env=environment, stdout=subprocess.PIPE, text=True
    )


def run(author: Path, dtype: str = "f4") -> tuple[int, int, int]:
    """Return how many kernels were compiled, how many taken from the cache, and the entries of the histogram."""
    with start(author, dtype) as process:
        output, _ = process.communicate()
    assert process.returncode == 0
    compiled, cached, entries = (int(word) for word in output.split())
    return compiled, cached, entries


def test_nothing_edited_nothing_compiled(author: Path) -> None:
    assert run(author) == (1, 0, 7)
    assert run(author) == (0, 1, 7)


def test_an_edited_helper_analysis_or_constant_is_compiled_again(author: Path) -> None:
    assert run(author) == (1, 0, 7)
    (author / "helper.py").write_text(HELPER.replace("x > 0.0", "x > 2.0"))
    assert run(author) == (1, 0, 5)
    (author / "constants.py").write_text("LIMIT = 7.0\n")
    assert run(author) == (1, 0, 4)
    (author / "mine.py").write_text(ANALYSIS.replace("event.x < LIMIT", "event.x <= LIMIT"))
    assert run(author) == (1, 0, 5)
    assert run(author) == (0, 1, 5)


def test_another_type_of_branch_is_another_kernel(author: Path) -> None:
    assert run(author) == (1, 0, 7)
    assert run(author, "f8") == (1, 0, 7)
    assert run(author, "f4") == (0, 1, 7)


def test_two_at_once_do_not_disturb_each_other(author: Path) -> None:
    processes = [start(author) for _ in range(2)]
    outputs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert [output.split()[2] for output in outputs] == ["7", "7"]
    assert run(author) == (0, 1, 7)
