"""Partial histograms while a job runs: for who watches, and only then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from atlasod_tui.engine.loop import run_piece
from atlasod_tui.engine.program import collect
from atlasod_tui.engine.registry import analysis
from atlasod_tui.errors import BadFileError
from atlasod_tui.jobs.context import JobContext
from atlasod_tui.jobs.folder import JobFolder
from atlasod_tui.jobs.tasks import analyse
from atlasod_tui.jobs.tasks.analyse_spec import AnalyseSpec
from atlasod_tui.jobs.tasks.analyse_tally import Tally
from atlasod_tui.jobs.tasks.parts import Part
from atlasod_tui.plots import live
from atlasod_tui.plots.build import build
from atlasod_tui.plots.results import contents, find

from .analysing import job_of


def run(output: Path, *, watched: bool) -> JobFolder:
    job = job_of(["HZZ"], output)
    if watched:
        job.touch_watch()
    assert analyse.run(job.spec().arguments, JobContext(job)).exit_code == 0
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


def counts(job: analyse._Job) -> int:
    return int(sum(array.sum() for name, array in job._tally.snapshot().items() if name.endswith(".counts")))


def prepared(output: Path) -> tuple[analyse._Job, JobContext]:
    folder = job_of(["HZZ"], output, only="data")
    context = JobContext(folder)
    job = analyse._Job(msgspec.convert(folder.spec().arguments, AnalyseSpec), context)
    job.open()
    return job, context


def test_what_is_published_grows_into_the_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of one event: every moment of it is looked at."""
    monkeypatch.setattr("atlasod_tui.engine.loop.CHUNK", 1)
    monkeypatch.setattr("atlasod_tui.jobs.context._LIVE_EVERY", 0.0)
    folder = job_of(["HZZ"], tmp_path / "out", 2)
    folder.touch_watch()
    moments: list[live.LiveResult] = []

    def look(self: Tally, part: Part, events: int) -> None:
        advance(self, part, events)
        moments.append(live.read(folder.live_file, "HZZ"))

    advance = Tally.advance
    monkeypatch.setattr(Tally, "advance", look)
    assert analyse.run(folder.spec().arguments, JobContext(folder, 1)).exit_code == 0
    assert [moment.done for moment in moments] == sorted(moment.done for moment in moments)
    first, last = moments[0], moments[-1]
    assert 0 < first.done < last.done == last.total
    assert last.percent == 100
    assert first.waiting
    assert not last.waiting
    assert first.plot("mass_four_lep").panel is None
    (result,) = find(tmp_path / "out")
    for name in ("mass_four_lep", "hist_n_jets"):
        whole = build(result, name, contents(result, [name])[name])
        plot = last.plot(name)
        assert plot.luminosity_pb == pytest.approx(whole.luminosity_pb)
        assert (plot.notes, plot.missing, plot.banners[1:]) == (whole.notes, whole.missing, whole.banners)
        found, wanted = ([[row.value, row.error] for row in one.yields] for one in (plot, whole))
        np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_a_file_that_is_skipped_half_way_counts_neither_as_live_nor_as_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATLASOD_TUI_PIECE_EVENTS", "20")
    job, context = prepared(tmp_path / "out")

    def fail_at_last(*arguments: Any, **options: Any) -> None:
        run_piece(*arguments, **options)
        if arguments[0].path.name.startswith("data_B") and arguments[4][1] == arguments[0].entries:
            raise BadFileError("the file ends early")

    monkeypatch.setattr(analyse, "run_piece", fail_at_last)
    job.loop()
    assert (context.status.done, context.status.total) == (78, 78)
    assert context.status.skipped == 1
    good = sum(
        int(sums.counts.sum())
        for (_, number), parts in job._running[0].parts.items()
        for part in parts
        if number == 0 and (sums := job._parts.load(part, job._running[0].program.layout)) is not None
    )
    assert counts(job) == good > 0
    assert job.finish().exit_code == 4
    assert job._context.folder.in_hand() == []


def test_the_events_of_a_piece_are_live_while_it_is_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job, _ = prepared(tmp_path / "out")
    seen: list[int] = []

    def save(*_: object) -> None:
        seen.append(counts(job))

    monkeypatch.setattr("atlasod_tui.jobs.tasks.parts.Parts.save", save)
    job.loop()
    assert len(seen) == 2
    assert 0 < seen[0] < seen[1] == counts(job)
