"""Files beyond 2 and 4 GB, written and read: ``-m slow``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from atlasod_tui.rootfile import merge
from atlasod_tui.rootfile.adler import adler32
from atlasod_tui.rootfile.columns import ColumnReader
from atlasod_tui.rootfile.tree import open_tree
from atlasod_tui.rootfile.tree_writer import BranchSpec, Jagged, TreeWriter
from atlasod_tui.rootfile.workspace import Workspace
from tests.rootfile.reference import DATA

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
ENTRIES, CLUSTER = 3_000_000, 200_000
ROOM = 6_000_000_000
FILL = """
import sys, ROOT
name = sys.argv[1]
file = ROOT.TFile(name, "UPDATE")
file.mkdir("more").cd()
ROOT.TH1F("h", "", 2, 0, 1).Write()
file.cd()
tree = file.Get("mini")
last = tree.GetEntries() - 1
tree.GetEntry(last)
for _ in range(3):
    tree.Fill()
tree.Write("", ROOT.TObject.kOverwrite)
file.Close()
file = ROOT.TFile(name)
tree = file.Get("mini")
got = []
for entry in (last, last + 1, last + 3, 1):
    tree.GetEntry(entry)
    got.append((tree.x0, tree.x5, tree.n, list(tree.many)))
print(tree.GetEntries(), file.TestBit(ROOT.TFile.kRecovered), got[0] == got[1] == got[2], got[0] != got[3])
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Write a file of about 160 MB that cannot be compressed."""
    folder = tmp_path_factory.mktemp("big")
    if shutil.disk_usage(folder).free < ROOM:
        pytest.skip(f"there are no {ROOM} bytes left in {folder}")
    rng = np.random.default_rng(1)
    branches = [
        BranchSpec("n", "u4"),
        *(BranchSpec(f"x{k}", "f8") for k in range(6)),
        BranchSpec("many", "f4", "vector"),
    ]
    with TreeWriter(folder / "in.root", "mini", "big", branches, cluster_entries=CLUSTER) as writer:
        for _ in range(0, ENTRIES, CLUSTER):
            counts = rng.integers(0, 3, CLUSTER).astype(np.uint32)
            offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
            arrays = {f"x{k}": rng.random(CLUSTER) for k in range(6)}
            many = Jagged(rng.random(offsets[-1]).astype(np.float32), offsets)
            writer.fill({"n": counts, **arrays, "many": many})
        writer.close()
    yield folder / "in.root"
    shutil.rmtree(folder)


def _adler32(path: Path) -> int:
    value = 1
    with path.open("rb") as file:
        while data := file.read(1 << 24):
            value = adler32(data, value)
    return value


@pytest.mark.parametrize("least", [2_000_000_001, 4_300_000_000])
def test_beyond(least: int, source: Path, tmp_path: Path) -> None:
    times = least // source.stat().st_size + 1
    target = tmp_path / "out.root"
    copied = merge.copy(merge.plan([merge.read_source(source)] * times, "out.root"), target)
    try:
        assert target.stat().st_size == copied.size > least
        assert _adler32(target) == copied.adler32
        with open_tree(source) as one, open_tree(target) as tree:
            for name in ("n", "x5", "many"):
                reader, expected = ColumnReader(tree, name, Workspace()), ColumnReader(one, name, Workspace())
                whole = expected.read(0, ENTRIES)
                for start in range(0, times * ENTRIES, ENTRIES):
                    column = reader.read(start, start + ENTRIES)
                    assert np.array_equal(column.values, whole.values)
                    if column.offsets is not None and whole.offsets is not None:
                        assert np.array_equal(column.offsets, whole.offsets)
    finally:
        target.unlink()


@pytest.mark.root
def test_root_fills_what_is_beyond(source: Path, root_python: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.root"
    merge.copy(merge.plan([merge.read_source(source)] * 28, "out.root"), target)
    try:
        done = subprocess.run(
            [root_python, "-W", "ignore", "-c", FILL, target], capture_output=True, text=True, check=False
        )
        assert (done.stdout, done.stderr) == (f"{28 * ENTRIES + 3} False True True\n", "")
    finally:
        target.unlink()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_memory(source: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from atlasod_tui.rootfile import merge; "
        "merge.copy(merge.plan([merge.read_source(Path(sys.argv[1]))] * 28, 'o'), Path('out.root')); "
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    environment = os.environ | {"PYTHONPATH": str(DATA.parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", code, source], capture_output=True, text=True, check=True, cwd=tmp_path, env=environment
    )
    (tmp_path / "out.root").unlink()
    assert int(done.stdout) < 80 * 1024
