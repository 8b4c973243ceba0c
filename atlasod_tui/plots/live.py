"""Plots of an analysis that still runs: what its job publishes, scaled so that data and simulation compare.

Events are in a file in no order that matters, so a part of a file is a fair sample of the whole. Therefore

* data are shown as they were counted, and the luminosity of the plot is that of the data read so far: of each period
  as much as the part of its events that was read;
* simulation is scaled to that luminosity, each sample enlarged by the inverse of the part of its events that was read,
  and its statistical errors likewise: they shrink as the job goes on;
* as long as a sample of the job has not been begun the stack is too low by an unknown amount: there is no ratio.

When all has been read the plot is that of the result.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, replace
from math import isfinite, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from atlasod_tui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from atlasod_tui.engine.histograms import Layout
    from atlasod_tui.engine.sums import Sums
    from atlasod_tui.plots.model import Plot
    from atlasod_tui.plots.results import AnalysisResult
    from atlasod_tui.rootfile.histogram import Histogram1D

STATE = "state"
"""The name of the array in ``live.npz`` whose bytes are a `State` in JSON; the others are ``<analysis>.<sample>.sums``
and ``.counts``, see `engine.sums.Sums`."""

_DAMAGE = (OSError, EOFError, ValueError, TypeError, AttributeError, KeyError, StopIteration, zipfile.BadZipFile)


class File(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far a file is.

    ``sample`` is ``dataA`` for data of a period, ``factor`` how often it has each event, ``total`` its events, None
    until it is opened, ``luminosity_pb`` that of one copy of data that say so themselves.
    """

    sample: str
    factor: int = 1
    bytes: int = 0
    done: int = 0
    total: int | None = None
    luminosity_pb: float | None = None

    @property
    def read(self) -> float:
        """The part of its events that was read, 0 to 1."""
        if self.total is None:
            return 0.0
        return min(self.done / self.total, 1.0) if self.total > 0 else 1.0


class Sample(msgspec.Struct, frozen=True, omit_defaults=True):
    """The files of a sample, each a copy of all its events or several; of data one or more of each period."""

    files: list[File]
    xsec_pb: float | None = None
    sum_of_weights: float | None = None
    synthetic: bool = False

    @property
    def factor(self) -> int:
        """How often each event is there when all has been read."""
        return sum(file.factor for file in self.files)

    @property
    def copies(self) -> float:
        """How many copies of the events have been read."""
        return sum(file.factor * file.read for file in self.files)

    @property
    def seen(self) -> float:
        """The part of its distinct events that was read, 0 to 1: files are copies of each other."""
        return max((min(1.0, file.factor * file.read) for file in self.files), default=0.0)


class Analysis(msgspec.Struct, frozen=True):
    """How far an analysis of a job is; ``absent`` are the samples that it has no file of, or none that can be read."""

    name: str
    variant: Literal["framework", "fixed"]
    samples: dict[str, Sample]
    absent: list[str]

    @property
    def files(self) -> list[File]:
        """The files of all samples."""
        return [file for sample in self.samples.values() for file in sample.files]

    @property
    def events(self) -> tuple[int, int]:
        """Events read, and in all; those of files that are not opened yet estimated by their bytes."""
        opened = [file for file in self.files if file.total is not None]
        total = sum(file.total or 0 for file in opened)
        size, rest = sum(file.bytes for file in opened), sum(file.bytes for file in self.files if file.total is None)
        return sum(file.done for file in opened), total + (round(total * rest / size) if size else 0)


class State(msgspec.Struct, frozen=True):
    """What is published beside the sums."""

    analyses: list[Analysis]


@dataclass(frozen=True, eq=False)
class LiveResult:
    """An analysis of a running job at one moment.

    Attributes:
        result: What plots are built of; its luminosity is that of the data read so far, its folder nowhere.
        waiting: Samples of the job of which nothing has been read.
        done: Events read.
        total: Events in all, those of files that are not opened yet estimated.
    """

    result: AnalysisResult
    waiting: tuple[str, ...]
    done: int
    total: int
    _layout: Layout
    _sums: Mapping[str, Sums]
    _samples: Mapping[str, Sample]

    @property
    def percent(self) -> int:
        """The part of the events that was read: 100 only if it is all of them."""
        return 100 * self.done // self.total if self.total else 0

    def contents(self, histogram: str) -> dict[str, Histogram1D]:
        """Return a histogram by sample: data as counted, simulation enlarged to all of its events."""
        from atlasod_tui.engine.results import histogram as made  # noqa: PLC0415 - numpy

        booked = self._layout.named[histogram]
        found: dict[str, Histogram1D] = {}
        for name, sums in self._sums.items():
            one = made(booked, sums)
            if name != "data":
                sample = self._samples[name]
                by = sample.factor / sample.copies
                squares = sums.squares(booked) * (by / sample.seen)
                one = replace(one, contents=one.contents * by, sumw2=squares)
            found[name] = one
        return found

    def plot(self, histogram: str, word: str = "live") -> Plot:
        """Return a plot of what was read so far, which says so.

        Args:
            histogram: Its name.
            word: What begins the sentence in large letters: ``live``, or how the job ended.
        """
        from atlasod_tui.plots.build import build  # noqa: PLC0415 - numpy

        plot = build(self.result, histogram, self.contents(histogram))
        banner = f"{word}: {self.percent} % of the events"
        plot = replace(plot, banners=(banner, *plot.banners))
        if not self.waiting or plot.prediction is None or plot.data is None:
            return plot
        of = len(self.waiting), len(self.waiting) + sum(name != "data" for name in self._sums)
        note = f"no ratio yet: {of[0]} of {of[1]} samples are not begun"
        rows = tuple(replace(row, value=nan, error=nan) if row.kind == "ratio" else row for row in plot.yields)
        return replace(plot, panel=None, yields=rows, notes=(note, *plot.notes))


def read(path: Path, name: str) -> LiveResult:
    """Return an analysis of a running job from its ``live.npz``.

    Args:
        path: The file, which is replaced about once a second.
        name: Of the analysis.

    Raises:
        UsageError: If the file is not there, is damaged, or is of another version of the analysis.
    """
    import numpy as np  # noqa: PLC0415 - not for the runner, nor for the first screen

    from atlasod_tui.engine.histograms import Layout  # noqa: PLC0415
    from atlasod_tui.engine.registry import analysis  # noqa: PLC0415
    from atlasod_tui.engine.sums import Sums  # noqa: PLC0415

    item = analysis(name)
    layout = Layout.of(item.histograms)
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            state = msgspec.json.decode(arrays[STATE].tobytes(), type=State)
            mine = next(each for each in state.analyses if each.name == item.name)
            sums = {
                sample: Sums(arrays[f"{item.name}.{sample}.sums"], arrays[f"{item.name}.{sample}.counts"])
                for sample in mine.samples
                if f"{item.name}.{sample}.sums" in arrays
            }
    except FileNotFoundError as error:
        raise UsageError("no events have been read yet", "The plot comes with the first ones.") from error
    except (*_DAMAGE, msgspec.MsgspecError) as error:
        raise UsageError(f"what the running job tells of {name} cannot be read: {error}", "Try again.") from error
    for one in sums.values():
        if one.sums.shape != (layout.sums_size,) or one.counts.shape != (layout.counts_size,):
            message = f"the analysis {name} was changed while its job runs: its histograms are other ones now"
            raise UsageError(message, "Wait for the result, or cancel the job and start it anew.")
    return of_state(item, mine, sums)


def of_state(item: Any, state: Analysis, sums: Mapping[str, Sums]) -> LiveResult:
    """Return an analysis at one moment.

    Args:
        item: Its declaration, an `engine.author.Analysis`.
        state: How far its files are.
        sums: Of the samples of which events were read, data by period or together.
    """
    from atlasod_tui.engine.histograms import Layout  # noqa: PLC0415 - not for the runner
    from atlasod_tui.plots.results import AnalysisResult, SampleResult  # noqa: PLC0415

    layout = Layout.of(item.histograms)
    simulated = {name: sample for name, sample in state.samples.items() if not name.startswith("data")}
    begun = {name: sums[name] for name, sample in simulated.items() if name in sums and sample.copies > 0}
    periods = [sample for name, sample in state.samples.items() if name not in simulated]
    data = _sum(layout, [one for name, one in sums.items() if name.startswith("data")])
    luminosity, source = _luminosity([file for sample in periods for file in sample.files])
    known = {
        name: SampleResult(name, *_scaled(sample), synthetic=sample.synthetic)
        for name, sample in simulated.items()
        if name in begun
    }
    if data is not None:
        synthetic = any(sample.synthetic for sample in periods)
        known = {"data": SampleResult("data", _factor(periods), synthetic=synthetic)} | known
        begun = {"data": data} | begun
    absent = tuple(name for name in item.samples() if name not in known)
    notes = _notes(state, has_data=data is not None)
    result = AnalysisResult(item, Path(), known, absent, luminosity, source, state.variant, notes)
    waiting = tuple(name for name in simulated if name not in begun)
    return LiveResult(result, waiting, *state.events, layout, begun, state.samples)


def _sum(layout: Layout, parts: list[Sums]) -> Sums | None:
    from atlasod_tui.engine.sums import Sums  # noqa: PLC0415 - numpy

    if not parts:
        return None
    total = Sums.zero(layout)
    for one in parts:
        total.add(one)
    return total


def _scaled(sample: Sample) -> tuple[int, float | None, float | None]:
    """Return the copies of a sample, its cross-section and its sum of weights; None for both where one is of no use."""
    xsec, weights = sample.xsec_pb, sample.sum_of_weights
    if xsec is None or not weights or not isfinite(xsec) or not isfinite(weights):
        return sample.factor, None, None
    return sample.factor, xsec, weights


def _factor(periods: list[Sample]) -> int | None:
    """Return how often each event of the data is there in the end; None where the periods differ."""
    found: dict[str, int] = {}
    for sample in periods:
        for file in sample.files:
            found[file.sample] = found.get(file.sample, 0) + file.factor
    factors = set(found.values())
    return factors.pop() if len(factors) == 1 else None


def _luminosity(files: Collection[File]) -> tuple[float, str]:
    """Return the luminosity of the data read so far in 1/pb, and where it comes from; without any that of all data."""
    from atlasod_tui.samples.catalogue import LUMINOSITY_PB, luminosity_pb  # noqa: PLC0415 - not for the runner
    from atlasod_tui.samples.groups import DATA  # noqa: PLC0415

    total, begun = 0.0, []
    for name in DATA:
        period = Sample([file for file in files if file.sample == name])
        if not period.copies:
            continue
        own = next((file.luminosity_pb for file in period.files if file.luminosity_pb is not None), None)
        whole = luminosity_pb([name.removeprefix("data")]) if own is None else own
        total += whole * period.copies / period.factor
        begun.append(name.removeprefix("data"))
    if not total:
        return LUMINOSITY_PB, "no data read yet: that of all four periods" if files else "no data: all four periods"
    so_far = " so far" if any(file.read < 1 for file in files) else ""
    return total, f"data period{'s' if len(begun) > 1 else ''} {', '.join(begun)}{so_far}"


def _notes(state: Analysis, *, has_data: bool) -> tuple[str, ...]:
    """Return how it is scaled, in a sentence that fits below a plot on a narrow terminal."""
    if all(file.read == 1 for file in state.files):
        return ()
    return (f"{'data so far; ' if has_data else ''}simulation scaled up from what was read",)
