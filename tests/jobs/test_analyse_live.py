"""Partial histograms while a job runs: for who watches, and only then."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from atlasod_tui.engine.program import collect
from atlasod_tui.engine.registry import analysis
from atlasod_tui.jobs.context import JobContext
from atlasod_tui.jobs.folder import JobFolder, Spec, create
from atlasod_tui.jobs.tasks import analyse
from atlasod_tui.jobs.tasks.analyse_spec import plan


def run(output: Path, *, watched: bool) -> JobFolder:
    options = {"only": None, "samples": None, "variant": "framework"}
    flags = {"force": False, "fill_missing": False, "interpreted": False}
    arguments = msgspec.to_builtins(plan(["HZZ"], input=None, output=output, **options, **flags))  # type: ignore[arg-type]
    job = create(Spec(task="atlasod_tui.jobs.tasks.analyse:run", title="live", arguments=arguments))
    if watched:
        job.touch_watch()
    assert analyse.run(arguments, JobContext(job)).exit_code == 0
    return job


def test_partial_sums_are_published_while_someone_watches(tmp_path: Path) -> None:
    job = run(tmp_path / "out", watched=True)
    layout = collect(analysis("HZZ")).layout
    with np.load(job.live_file, allow_pickle=False) as live:
        assert live["HZZ.data.sums"].size == layout.sums_size
        counts = live["HZZ.data.counts"]
        assert counts.size == layout.counts_size
        assert 0 < counts[2 * layout.named["mass_four_lep"].index] <= 39
    other = run(tmp_path / "other", watched=False)
    assert not other.live_file.exists()
