"""The manifest of a result folder, as far as plots need it; checked before any of it is used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from atlasod_tui.errors import UsageError

NAME = "manifest.json"
UNFINISHED = f".{NAME}.unfinished"
"""Beside results while they are written: without their manifest, which comes last, they look like the framework's."""

# The names of analyses and samples become paths.
_Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_+-]*\Z")]
_Copies = Annotated[int, msgspec.Meta(ge=1, le=10**15)]
_Luminosity = Annotated[float, msgspec.Meta(ge=0, lt=1e30)]


class File(msgspec.Struct, frozen=True):
    """An input file."""

    name: str = ""


class Sample(msgspec.Struct, frozen=True):
    """A sample that was read; see `plots.results.SampleResult`."""

    factor: _Copies | None = 1
    xsec_pb: float | None = None
    sum_of_weights: float | None = None
    synthetic: bool = False
    files: tuple[File, ...] = ()


class Entry(msgspec.Struct, frozen=True):
    """The result of one analysis."""

    samples: dict[_Name, Sample]
    data_periods: tuple[Literal["A", "B", "C", "D"], ...] = ()
    luminosity_pb: _Luminosity | None = None
    variant: Literal["framework", "fixed"] = "framework"


class Skipped(msgspec.Struct, frozen=True):
    """An input file that could not be read."""

    path: str
    reason: str = ""
    analysis: str = ""


class Manifest(msgspec.Struct, frozen=True):
    """What `analyse` says of a result folder."""

    analyses: dict[_Name, Entry]
    notes: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()


def read(folder: Path) -> Manifest | None:
    """Return the manifest of a folder; None if it has none, or that of a folder of samples.

    Raises:
        UsageError: If it cannot be read, or is damaged.
    """
    path = folder / NAME
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"{str(path)!r} cannot be read: {error.strerror}", "Name another folder.") from error
    try:
        if msgspec.json.decode(content, type=_Kind).kind:
            return None
        return msgspec.json.decode(content, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(
            f"{str(path)!r} is damaged, or no manifest of results: {error}",
            "Run the analysis again, or remove the manifest: then the files are read as the C++ framework's.",
        ) from error


class _Kind(msgspec.Struct, frozen=True):
    kind: str = ""
