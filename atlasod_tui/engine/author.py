"""What an analysis file is written with: its declaration, its histograms, `f32`."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Variant = Literal["framework", "fixed"]

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
        touches: Globs of the histograms it changes; their plots carry a dagger in variant ``framework``.
        fixed: What variant ``fixed`` does instead; empty where it is kept as well.
    """

    name: str
    what: str
    touches: tuple[str, ...] = ()
    fixed: str = ""


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


Event = Any
"""The event of a selection: ``event.<branch>``, ``event.weight``, ``event.gauss(name, k)``; made by the engine."""
