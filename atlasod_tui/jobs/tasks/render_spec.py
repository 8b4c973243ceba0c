"""What a render job is asked to do: which plots of a result go into which files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import msgspec

from atlasod_tui.errors import UsageError
from atlasod_tui.jobs.tasks.output_folder import refuse_existing, refuse_full_disk, refuse_unwritable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Format = Literal["png", "pdf", "svg", "json"]
FORMATS: tuple[Format, ...] = ("png", "pdf", "svg", "json")
_BYTES: dict[Format, int] = {"png": 80_000, "pdf": 60_000, "svg": 150_000, "json": 20_000}  # about, for a look ahead
_OTHER = re.compile(r"[^\w.+-]")


class RenderSpec(msgspec.Struct, frozen=True):
    """All that is needed to do a render job again; ``result`` and ``to`` are absolute."""

    result: str
    """Folder of the results."""
    to: str
    plots: dict[str, list[str]]
    """Names of the histograms by framework name of the analysis."""
    formats: list[Format]
    luminosity_pb: float | None = None
    """What the simulation is scaled to, in 1/pb; None for the luminosity of the data."""
    palette: str = "light"
    force: bool = False

    @property
    def number(self) -> int:
        """How many plots there are."""
        return sum(map(len, self.plots.values()))

    @property
    def files(self) -> list[str]:
        """The files in ``to``, in order."""
        return [
            file_name(analysis, name, suffix)
            for analysis, names in self.plots.items()
            for name in names
            for suffix in self.formats
        ]

    @property
    def bytes(self) -> int:
        """About how many bytes that will be."""
        return self.number * sum(_BYTES[suffix] for suffix in self.formats)


def file_name(analysis: str, histogram: str, suffix: str) -> str:
    """Return the file of a plot, ``<framework name>/<histogram>.<suffix>``; the names are known to make paths."""
    return f"{analysis}/{_OTHER.sub('_', histogram)}.{suffix}"


def plan(  # noqa: PLR0913 - one for each option of the command
    result: Path,
    to: Path,
    plots: Mapping[str, Sequence[str]],
    *,
    luminosity_pb: float | None = None,
    formats: Sequence[str] = ("png",),
    palette: str = "light",
    force: bool = False,
    dry_run: bool = False,
) -> RenderSpec:
    """Say what a job would draw.

    Args:
        result: Folder of the results, absolute.
        to: Folder of the files, absolute.
        plots: Names of the histograms by framework name of the analysis, as `plots.choose` found them.
        luminosity_pb: What the simulation is scaled to, in 1/pb; None for the luminosity of the data.
        formats: Some of `FORMATS`.
        palette: Name of a palette of `plots.palette`.
        force: Whether files that exist may be replaced.
        dry_run: Whether nothing is to be run, so that the folder need not be writable.

    Raises:
        UsageError: If there is no such format or palette, a file exists, or the folder cannot be written.
        AtlasodError: If the disk has no room.
    """
    from atlasod_tui.plots.palette import NAMES  # noqa: PLC0415 - the runner has no use for it

    for name in formats:
        if name not in FORMATS:
            raise UsageError(f"{name!r} is no format of plots", f"Choose of {', '.join(FORMATS)}.")
    if palette not in NAMES:
        raise UsageError(f"there is no palette {palette!r}", f"Choose of {', '.join(NAMES)}.")
    spec = RenderSpec(
        str(result),
        str(to),
        {analysis: list(names) for analysis, names in plots.items()},
        [name for name in FORMATS if name in formats],
        luminosity_pb,
        palette,
        force,
    )
    for file in spec.files:
        refuse_existing(to / file, force=force)
    if not dry_run:
        refuse_unwritable(to, "--to")
    refuse_full_disk({to / "plots": spec.bytes}, "choice of --format")
    return spec
