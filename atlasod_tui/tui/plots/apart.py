"""What tells results of one analysis apart: their folders, variants, luminosities, whether there are data and MC."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from atlasod_tui.errors import AtlasodError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlasod_tui.tui.plots.sources import Source

_PER_FB = 1000


class Told(NamedTuple):
    """What a result says of itself, each in a word or two; empty where nothing is known."""

    variant: str = ""
    luminosity: str = ""
    events: str = ""

    @property
    def sentence(self) -> str:
        """All of it."""
        return ", ".join(filter(None, self))


def told(source: Source) -> Told:
    """Read what a result says of itself, for a thread; of one that is not there yet, or is damaged, nothing."""
    from atlasod_tui.plots import manifest  # noqa: PLC0415 - when it is asked for

    try:
        found = manifest.read(Path(source.folder)) if source.finished else None
    except AtlasodError:
        return Told()
    entry = found.analyses.get(source.analysis) if found is not None else None
    if entry is None:
        return Told()
    kinds = {"data" if name.startswith("data") else "MC" for name in entry.samples}
    size = entry.luminosity_pb if "data" in kinds else None
    return Told(entry.variant, luminosity(size) if size else "", " and ".join(sorted(kinds, reverse=True)))


def luminosity(inverse_pb: float) -> str:
    """Return a luminosity in three digits."""
    return f"{inverse_pb / _PER_FB:.3g} /fb" if inverse_pb >= _PER_FB else f"{inverse_pb:.3g} /pb"


def short(folders: Sequence[str]) -> list[str]:
    """Return the last parts of folders, as many as tell them apart."""
    parts = [Path(folder).parts for folder in folders]
    for last in range(1, max(map(len, parts))):
        if len({names[-last:] for names in parts}) == len(set(parts)):
            return [str(Path(*names[-last:])) for names in parts]
    return list(folders)
