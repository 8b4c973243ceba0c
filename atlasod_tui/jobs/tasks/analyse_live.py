"""What is published beside the sums of an analysis job that runs: how far its files are, and what scales them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from atlasod_tui.jobs.tasks.analyse_normalisation import of_sample
from atlasod_tui.plots import live

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt

    from atlasod_tui.engine.author import Variant
    from atlasod_tui.jobs.tasks.analyse_normalisation import FileRecord
    from atlasod_tui.jobs.tasks.analyse_running import Running
    from atlasod_tui.jobs.tasks.analyse_tally import Progress


def live_state(running: Iterable[Running], progress: Progress, variant: Variant) -> dict[str, npt.NDArray[Any]]:
    """Return how far the files of some analyses are, as one array of bytes under its name in ``live.npz``."""
    state = live.State([_analysis(item, progress, variant) for item in running])
    return {live.STATE: np.frombuffer(msgspec.json.encode(state), np.uint8)}


def _analysis(item: Running, progress: Progress, variant: Variant) -> live.Analysis:
    by_sample: dict[str, list[tuple[FileRecord, tuple[int, int] | None]]] = {}
    for key, record in list(item.records.items()):  # a thread may open files meanwhile
        if not record.skipped:
            by_sample.setdefault(key[0], []).append((record, progress.get((item.name, *key))))
    samples = {name: _sample(item, name, files, variant) for name, files in by_sample.items()}
    skipped = dict.fromkeys(name for name, _ in item.records if name not in samples)
    return live.Analysis(item.name, variant, samples, [*item.input.absent, *skipped])


def _sample(
    item: Running, name: str, files: list[tuple[FileRecord, tuple[int, int] | None]], variant: Variant
) -> live.Sample:
    opened = [record for record, so_far in files if so_far is not None]
    known: Mapping[str, Any] = of_sample(item.analysis, name, opened, variant)
    return live.Sample(
        files=[_file(*file) for file in files],
        xsec_pb=known.get("xsec_pb"),
        sum_of_weights=known.get("sum_of_weights"),
        synthetic=any(record.synthetic for record in opened),
    )


def _file(record: FileRecord, so_far: tuple[int, int] | None) -> live.File:
    done, total = so_far or (0, None)
    about = record.about
    own = None if about is None else about.luminosity_pb
    return live.File(record.file.sample, record.factor, record.file.size, done, total, own)
