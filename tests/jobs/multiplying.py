"""What the tests of the multiply task share: small inputs, jobs over them, and what came out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import uproot

from atlasod_tui.jobs import control, launch
from atlasod_tui.jobs.context import JobContext
from atlasod_tui.jobs.folder import JobFolder, Spec, create
from atlasod_tui.jobs.tasks import multiply
from atlasod_tui.jobs.tasks.multiply_spec import MultiplySpec, plan
from atlasod_tui.rootfile.columns import ColumnReader
from atlasod_tui.rootfile.container import RootFile
from atlasod_tui.rootfile.tree import open_tree
from atlasod_tui.rootfile.workspace import Workspace
from atlasod_tui.samples import about
from tests.analyses import INPUTS

if TYPE_CHECKING:
    from atlasod_tui.jobs.context import Outcome
    from atlasod_tui.jobs.status import Status
    from atlasod_tui.samples.about import About

TASK = "atlasod_tui.jobs.tasks.multiply:run"
LASTS = 60.0
DATA_A, DATA_B = (INPUTS / "4lep" / "Data" / f"data_{period}.4lep.root" for period in "AB")
LLLL = INPUTS / "4lep" / "MC" / "mc_363490.llll.4lep.root"


def spec_of(given: list[Path], to: Path, **options: Any) -> MultiplySpec:
    """Return the spec of a job; options are those of `plan`."""
    return plan([str(path) for path in given], to=to, **({"factor": 2} | options))


def job_of(spec: MultiplySpec, workers: int = 2) -> JobFolder:
    """Make a job without starting it."""
    return create(Spec(task=TASK, title="multiply", arguments=msgspec.to_builtins(spec), workers=workers))


def run_here(given: list[Path], to: Path, workers: int = 2, **options: Any) -> Outcome:
    """Do a job in this process."""
    job = job_of(spec_of(given, to, **options), workers)
    return multiply.run(job.spec().arguments, JobContext(job, workers))


def run_job(given: list[Path], to: Path, workers: int = 2, **options: Any) -> tuple[JobFolder, Status]:
    """Do a job in a runner and return how it ended."""
    job = job_of(spec_of(given, to, **options), workers)
    launch.start(job)
    return job, control.wait(job, LASTS)


def about_of(path: Path) -> About | None:
    """Return what a file says about itself."""
    with RootFile(path) as file:
        return about.read(file)


def files_in(folder: Path) -> list[str]:
    """Return the files below a folder, hidden and half-written ones too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def assert_copies(path: Path, sources: list[Path], factor: int = 1) -> None:
    """Compare every branch of a file with its sources', by uproot."""
    with uproot.open(path) as made:
        found = made["mini"].arrays(library="np")
        originals = []
        for source in sources:
            with uproot.open(source) as file:
                originals.append(file["mini"].arrays(library="np"))
    for name, values in found.items():
        expected = [item for _ in range(factor) for original in originals for item in original[name]]
        assert len(values) == len(expected), name
        assert all(np.array_equal(one, other) for one, other in zip(values, expected, strict=True)), name


def assert_virtual_copies(path: Path, source: Path, factor: int) -> None:
    """Compare every branch of a virtual file with its source's; uproot waits for ever for bytes it asked for twice."""
    with open_tree(path) as made, open_tree(source) as once:
        assert made.entries == factor * once.entries
        for name in once.names():
            found, expected = (ColumnReader(tree, name, Workspace()).read(0, tree.entries) for tree in (made, once))
            assert np.array_equal(found.values, np.tile(expected.values, factor)), name
            if found.offsets is not None and expected.offsets is not None:
                lengths = np.tile(np.diff(expected.offsets), factor)
                assert np.array_equal(np.diff(found.offsets), lengths), name
