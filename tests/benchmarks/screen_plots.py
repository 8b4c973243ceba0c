"""A job that seems to run: its histograms grow, and are replaced once a second, by this process."""

from __future__ import annotations

import io
import shutil
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from atlasod_tui.engine.author import Analysis as Declared
from atlasod_tui.engine.histograms import Layout
from atlasod_tui.engine.registry import analysis
from atlasod_tui.engine.sums import Sums
from atlasod_tui.jobs.folder import write_atomic
from atlasod_tui.plots import live
from atlasod_tui.samples.catalogue import LUMINOSITY_PB
from tests.benchmarks.screen_jobs import NAMES, made

PERIOD = 1.0
SECONDS = 25
"""Until all has been read."""
EVENTS = 800
"""Of the data in a histogram, in the end."""


@contextmanager
def filling(jobs: Path, name: str) -> Iterator[None]:
    """Let a job run an analysis meanwhile, which reads the same part of every sample in each second."""
    jobs.mkdir(parents=True, exist_ok=True)
    item = analysis(name)
    job = made(jobs, NAMES.index(name), analyses=[{"framework_name": item.framework_name}], output="/nowhere")
    ended = threading.Event()

    def go_on() -> None:
        for second in range(2, SECONDS + 1):
            if ended.wait(PERIOD):
                return
            _publish(job.live_file, item, second)

    _publish(job.live_file, item, 1)
    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        shutil.rmtree(job.path)


def _publish(file: Path, item: Declared, second: int) -> None:
    layout, names = Layout.of(item.histograms), item.samples()
    samples: dict[str, live.Sample] = {}
    arrays: dict[str, Any] = {}
    for number, name in enumerate(["dataA", *names]):
        read = live.File(name, total=SECONDS, done=second, luminosity_pb=None if number else LUMINOSITY_PB)
        samples[name] = live.Sample([read], xsec_pb=1.0, sum_of_weights=LUMINOSITY_PB)
        sums = _sums(layout, zlib.crc32(name.encode()), EVENTS / len(names) if number else EVENTS, second)
        arrays |= {f"{item.name}.{name}.sums": sums.sums, f"{item.name}.{name}.counts": sums.counts}
    state = live.State([live.Analysis(item.name, "framework", samples, [])])
    arrays[live.STATE] = np.frombuffer(msgspec.json.encode(state), np.uint8)
    content = io.BytesIO()
    np.savez(content, **arrays)
    write_atomic(file, content.getvalue())


def _sums(layout: Layout, seed: int, events: float, second: int) -> Sums:
    """Return what was counted by a second: a slope with a peak on it, of each sample another."""
    made, random = Sums.zero(layout), np.random.default_rng(seed)
    for booked in layout.booked:
        x = np.linspace(0, 1, len(made.contents(booked)))
        peak, slope = np.exp(-(((x - random.uniform(0.2, 0.6)) / 0.06) ** 2)), np.exp(-4 * x)
        shape = slope / slope.sum() + random.uniform(0, 1) * peak / peak.sum()
        counted = random.poisson(events * shape / shape.sum() / SECONDS, (SECONDS, len(x)))[:second].sum(axis=0)
        made.contents(booked)[:] = counted
        made.squares(booked)[:] = counted
    return made
