"""The small synthetic sample that `analyse` runs on where none is given: generated at first use, kept in the cache."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from atlasod_tui import paths
from atlasod_tui.errors import UsageError
from atlasod_tui.samples import groups
from atlasod_tui.samples.catalogue import sample
from atlasod_tui.samples.find import parse_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from atlasod_tui.samples.generate import FilePlan

LABEL = "built-in synthetic sample: generated, not recorded by ATLAS"

EVENTS = 2000
"""About so many data events of each skim."""
SEED = 1
LEAST, RARE = 40, 2
"""A simulated sample with no more events, of which data have fewer than the second, is left out: each file costs time
whenever it is read. Data have some of these, one per cent all in all, which is less than what chance does."""
RARE_IN = {"4lep": 20}
"""The same where selections leave next to nothing of rare processes, as of single tops with four leptons; and HZZ is
what everybody runs first."""
SIGNALS = frozenset({groups.HIGGS_ZZ[0], groups.HIGGS_WW[0], *groups.HIGGS_YY, *groups.SLEPTONS, *groups.ZPRIME})
"""What analyses look for, which is kept however small."""

INDEX = "index.json"


def folder() -> Path:
    """Return the folder of the sample, laid out as ``<skim>/Data`` and ``<skim>/MC``; of another generator, another."""
    return paths.cache_dir() / "samples" / _version()


@cache
def _version() -> str:
    digest = hashlib.sha256(f"{EVENTS} {SEED} {LEAST} {RARE} {RARE_IN} {sorted(SIGNALS)}".encode())
    here = Path(__file__).parent
    for source in [here / "release_2020.json", *sorted((here / "generate").glob("*.py"))]:
        digest.update(source.name.encode() + source.read_bytes())
    return digest.hexdigest()[:16]


def chosen(files: Iterable[FilePlan], least: int = LEAST, rare: float = RARE) -> list[FilePlan]:
    """Return those of the generator's files that belong to a small sample, without those of rare processes."""
    from atlasod_tui.samples.generate.plan_2020 import truth  # noqa: PLC0415 - only where it is generated
    from atlasod_tui.samples.generate.skims import SKIMS  # noqa: PLC0415

    files = list(files)
    luminosity = dict.fromkeys(SKIMS, 0.0)
    for file in files:
        luminosity[file.skim] += file.luminosity_pb or 0
    return [
        file
        for file in files
        if file.is_data
        or file.events > least
        or file.sample in SIGNALS
        or truth(SKIMS[file.skim]).get(file.sample, 0) * luminosity[file.skim] >= max(rare, RARE_IN.get(file.skim, 0))
    ]


def write_index(where: Path, names: list[str]) -> None:
    """Record which files the whole sample has, relative to its folder, so that nobody has to ask the generator."""
    part = where / f"{INDEX}.part"
    part.write_bytes(msgspec.json.encode(names))
    part.replace(where / INDEX)


def files(where: Path, wanted: Collection[tuple[str, str]]) -> list[str] | None:
    """Return the files of the wanted samples (option name and skim), there or not; None where that is not known yet."""
    try:
        names = msgspec.json.decode((where / INDEX).read_bytes(), type=list[str])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return select(names, wanted)


def select(names: list[str], wanted: Collection[tuple[str, str]]) -> list[str]:
    """Return those of the files that are of the wanted samples."""
    keys: set[tuple[str | int, str]] = set()
    for option, skim in wanted:
        with suppress(UsageError):  # an analysis of the user's may ask for anything
            entry = sample(option)
            keys.add((entry.period or entry.dsid, skim))
    found = []
    for name in names:
        known = parse_name(name.rpartition("/")[2])
        if known is not None and (known.period or known.dsid, known.skim) in keys:
            found.append(name)
    return found


def is_complete(where: Path, wanted: Collection[tuple[str, str]]) -> bool:
    """Return whether all files of the wanted samples have been generated."""
    names = files(where, wanted)
    return names is not None and all((where / name).is_file() for name in names)
