"""What an analysis file is written with: its declaration, its histograms, `f32`."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

Variant = Literal["framework", "fixed"]
Hue = Literal["red", "rose", "pink", "indigo", "blue", "azure", "green", "orange", "grey"]
"""Colours of the groups of a plot, by name: a palette says how each looks, and which hatch and letter goes with it."""

_FLOAT32_BEYOND = 3.4028235677973366e38  # halfway between the largest float32 and the next power of two


def f32(x: float) -> float:
    """Round to float32 and back, where the C++ framework stores a value in a ``float``."""
    if x != x or abs(x) >= _FLOAT32_BEYOND:  # noqa: PLR0124 - NaN
        return x if x != x else x * float("inf")  # noqa: PLR0124
    return struct.unpack("f", struct.pack("f", x))[0]  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Histogram:
    """A histogram with equal bins, as it is booked; with ``channels``, one per channel (``name_channel``).

    Attributes:
        name: The framework's name; ``hist.<name>.fill(x, w)`` fills it, ``hist.<name>[i].fill(x, w)`` channel ``i``.
        nbins: Number of bins between ``lo`` and ``hi``, in the unit of the x title (GeV throughout).
        channels: Suffixes of a family of equal histograms, or nothing.
    """

    name: str
    nbins: int
    lo: float
    hi: float
    title: str
    xtitle: str
    ytitle: str = "Events / bin"
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quirk:
    """Something the framework does that one would not expect; a named flag that the selection asks as ``quirk.<name>``.

    Attributes:
        what: What the framework does, one sentence.
        touches: Globs of the histograms it changes; their plots carry a dagger wherever it is kept.
        fixed: What variant ``fixed`` does instead; empty where that keeps it as well.
    """

    name: str
    what: str
    touches: tuple[str, ...] = ()
    fixed: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """How a group of samples is drawn.

    Attributes:
        label: Its name in the legend, in TLatex.
        hue: Its colour.
        signal: Whether it is what the analysis looks for: the table of yields has sums with and without it.
        normalised: For overlays: drawn scaled to the total prediction, which the legend then says.
        histograms: For overlays: globs of the histograms where it is drawn.
    """

    label: str
    hue: Hue
    signal: bool = False
    normalised: bool = False
    histograms: tuple[str, ...] = ("*",)


@dataclass(frozen=True, slots=True)
class Scale:
    """The y axis of some histograms; of several scales of an analysis the first that matches counts.

    Attributes:
        histograms: Globs of their names.
        log: Whether it is logarithmic.
        lo: Its lower end in events per bin at the full luminosity of 10 064 /pb; None: chosen by what is drawn.
        hi: Its upper end likewise.
    """

    histograms: tuple[str, ...] = ("*",)
    log: bool = False
    lo: float | None = None
    hi: float | None = None


@dataclass(frozen=True, slots=True)
class PeakFit:
    """A Gaussian of known shape and size on a free cubic, fitted to the data of a histogram.

    Attributes:
        histogram: Its name.
        height: Of the Gaussian, in events per bin at the full luminosity of 10 064 /pb; fixed in the fit.
        mean: Its place on the x axis (GeV); fixed.
        width: Its standard deviation (GeV); fixed.
        lo: Lower end of the panel of data minus background, in events per bin at full luminosity.
        hi: Its upper end.
    """

    histogram: str
    height: float
    mean: float
    width: float
    lo: float
    hi: float


@dataclass(frozen=True)
class Analysis:
    """The declaration of an analysis.

    Attributes:
        name: Short name (``HZZ``); the framework's is ``HZZAnalysis``.
        title: One line for lists.
        skim: The collection of ntuples it runs on (``4lep``).
        table: The normalisation table (``HZZ``), see `samples.catalogue`.
        groups: Stack groups from bottom to top: group name to sample names.
        histograms: What is booked; written even if never filled, as the framework does.
        main: The histogram whose entries count as selected events.
        look_for: What to look for in the main plot.
        scale_factors: ``scaleFactor_*`` suffixes; their product with ``mcWeight``, from left to right in float32, is
            ``event.weight``.
        data: ``chain``: the data periods are one sample ``data``; ``periods``: ``dataA`` to ``dataD`` and their sum.
        single_rule: Samples named ``single...`` take only the sign of ``mcWeight``.
        other_skims: Samples that are read from another skim: skim to sample names.
        overlays: Samples drawn over the stack, not in it: group name to sample names.
        group_factors: Hand-made factors of the framework's plots: group name to factor.
        factor_exceptions: Globs of histograms that such a factor leaves alone, by group name.
        quirks: See `Quirk`.
        label: The process as the framework's plots name it, in TLatex.
        looks: How groups and overlays are drawn, by name; one without an entry gets its name and a colour of its own.
        scales: The y axes; without one it is linear.
        fits: Histograms whose data are fitted; their groups are lines over the data, not a stack.
        unplotted: Globs of histograms that are drawn only if asked for by name.
    """

    name: str
    title: str
    skim: str
    table: str
    groups: Mapping[str, tuple[str, ...]]
    histograms: tuple[Histogram, ...]
    main: str
    look_for: str
    scale_factors: tuple[str, ...] = ("ELE", "MUON", "LepTRIGGER", "PILEUP")
    data: Literal["chain", "periods"] = "chain"
    single_rule: bool = True
    other_skims: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    overlays: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    group_factors: Mapping[str, float] = field(default_factory=dict)
    factor_exceptions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    quirks: tuple[Quirk, ...] = ()
    label: str = ""
    looks: Mapping[str, Look] = field(default_factory=dict)
    scales: tuple[Scale, ...] = ()
    fits: tuple[PeakFit, ...] = ()
    unplotted: tuple[str, ...] = ()
    tree: str = "mini"
    # Filled in by the registry:
    description: str = ""
    path: Path = Path()
    select: Callable[..., None] | None = None

    @property
    def framework_name(self) -> str:
        """The name of the analysis and its output folder in the C++ framework."""
        return f"{self.name}Analysis"

    def samples(self) -> tuple[str, ...]:
        """Return the names of all simulated samples, stack first, in order."""
        groups = (*self.groups.values(), *self.overlays.values())
        return tuple(dict.fromkeys(name for group in groups for name in group))

    def skim_of(self, sample: str) -> str:
        """Return the skim a sample is read from."""
        return next((skim for skim, names in self.other_skims.items() if sample in names), self.skim)

    def factor(self, group: str, histogram: str) -> float:
        """Return the hand-made factor of a group in a histogram: 1 where there is none, or the histogram is excepted.

        It scales real simulation to what was measured; samples that this program generated are as they should be.
        """
        if any(fnmatchcase(histogram, glob) for glob in self.factor_exceptions.get(group, ())):
            return 1.0
        return self.group_factors.get(group, 1.0)


Event = Any
"""The event of a selection: ``event.<branch>``, ``event.weight``, ``event.gauss(name, k)``; made by the engine."""
