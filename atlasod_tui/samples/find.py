"""Which files of a folder, or of any list, belong to which sample, by their names, in the layouts people have.

The release's own ``<skim>/Data`` and ``<skim>/MC``, everything in one folder, and the portal's ``1lep``
(``MC-1-1lep/tmp1`` and the like) are the same to the search: only a file's name counts. Not taken are hidden files and
folders, editor leftovers (``*.root~``) and unfinished files (``*.part``).
"""

from __future__ import annotations

import os
import re
from fnmatch import translate
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from atlasod_tui import shown
from atlasod_tui.errors import UsageError
from atlasod_tui.samples import naming
from atlasod_tui.samples.catalogue import SKIMS, all_samples, sample
from atlasod_tui.samples.listing import Listing, list_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

# data_A.GamGam.root, mc_345060.ggH125_ZZ4lep.4lep.root; multiplied: data_A.GamGam.x10.root, data_A.GamGam.x10.003.root,
# data_A.GamGam.x10.virtual.root, data_A.GamGam.x10.virtual.003.root; in a lake: jane.run0123abcd.data_A.GamGam.root
_NAME = re.compile(
    rf"(?:{naming.RUN})*"
    r"(?P<stem>data_(?P<period>[A-D])|mc_(?P<dsid>[0-9]{6})\.[A-Za-z0-9_+-]+)"
    rf"\.(?P<skim>{'|'.join(SKIMS)})"
    r"(?:\.x(?P<factor>[1-9][0-9]{0,8})(?P<virtual>\.virtual)?(?:\.(?P<part>[0-9]{3,9}))?)?"
    r"\.root"
)


class CountedTwiceError(UsageError):
    """Two files of a sample hold the same events: the original and its copies, or copies in two folders."""


class FileName(msgspec.Struct, frozen=True):
    """What the name of a file of the release says; either ``period`` or ``dsid`` is set.

    The run that uploaded a file, which stands before its name in a lake, is no part of ``stem``.
    """

    stem: str
    skim: str
    period: str | None = None
    dsid: int | None = None
    factor: int = 1
    """How many copies of each event the file holds."""
    part: int | None = None
    """The number of the part, where a multiplied sample was written as several files."""
    virtual: bool = False
    """Whether the copies are entries of the tables only, all of which point at the same bytes."""


class SampleFile(msgspec.Struct, frozen=True):
    """A file of a sample."""

    path: Path
    """As in the listing: of a file that is not on disk, whatever it goes by there."""
    skim: str
    factor: int = 1
    part: int | None = None


class Found(msgspec.Struct, frozen=True):
    """The files of the samples that an analysis wants."""

    files: dict[str, tuple[SampleFile, ...]]
    """Option name to its files, by part and path; in the order in which they were wanted."""
    absent: tuple[str, ...]
    """Wanted samples without any file."""
    left_out: tuple[str, ...]
    """Wanted samples whose files are there but were not chosen."""
    dead: dict[str, tuple[SampleFile, ...]]
    """Option name to links to nothing that have the name of a file of it."""
    ignored: tuple[Path, ...]
    """ROOT files whose names are those of no sample, and pipes."""
    unreadable: tuple[Path, ...]
    """Folders that could not be listed."""

    def factor(self, name: str) -> int:
        """Return how often each event of a found sample is counted: the sum over its files; 1 for an original."""
        return sum(file.factor for file in self.files[name])


def parse_name(filename: str) -> FileName | None:
    """Return what a file's name (no folder) says, or None if it is not a name of the release."""
    match = _NAME.fullmatch(filename)
    if match is None:
        return None
    dsid, factor, part = match["dsid"], match["factor"], match["part"]
    return FileName(
        stem=match["stem"],
        skim=match["skim"],
        period=match["period"],
        dsid=int(dsid) if dsid else None,
        factor=int(factor) if factor else 1,
        part=int(part) if part else None,
        virtual=match["virtual"] is not None,
    )


def find(where: Path | Iterable[Path], wanted: Mapping[str, str], choose: str | None = None) -> Found:
    """Find the files of the wanted samples below a folder, or among given files and folders; see `find_among`.

    Args:
        where: A folder, searched with all its subfolders (links are followed), or files and folders.
        wanted: Option name to skim.
        choose: A glob.

    Raises:
        UsageError: Also if a folder or file is missing.
    """
    place = repr(str(where)) if isinstance(where, Path) else "what was given"
    return find_among(list_files(where), place, wanted, choose)


def find_among(listing: Listing, place: str, wanted: Mapping[str, str], choose: str | None = None) -> Found:
    """Find the files of the wanted samples in a listing, of which nothing need be on disk.

    Args:
        listing: Files and their paths as text.
        place: What the listing is of, for sentences.
        wanted: Option name (``dataA``, ``ZqqZll``) to the skim it is wanted from. Simulation is recognised by its DSID,
            whatever text follows it.
        choose: A glob; only files are taken of which it matches the option name, the DSID, the file name or the path
            (as in the listing: relative to a folder; as given where several are).

    Raises:
        UsageError: If there is no wanted file, or none of the skim that most samples are wanted from (unless
            ``choose`` is given), or none chosen.
        CountedTwiceError: If a sample would be counted twice: original and multiplied copies together, two factors, or
            its file in two folders.
    """
    links = {path: text for path, text in listing.dead.items() if not os.path.exists(path)}  # noqa: PTH110 - no errors
    names = {path: parse_name(path.name) for path in (*listing.files, *links)}
    known = {entry.period or entry.dsid for entry in all_samples(every=True)}
    ignored = [path for path, name in names.items() if name is None or (name.period or name.dsid) not in known]
    ignored += [path for path in listing.dead if path not in links]
    options = _options_by_key(wanted)
    chosen = _chooser(choose)
    present: dict[str, list[SampleFile]] = {}
    taken: dict[str, list[SampleFile]] = {}
    dead: dict[str, list[SampleFile]] = {}
    texts = listing.files | links
    for path, name in names.items():
        option = options.get((name.period or name.dsid, name.skim)) if name else None
        if name is None or option is None:
            continue
        file = SampleFile(path, name.skim, name.factor, name.part)
        present.setdefault(option, []).append(file)
        if chosen((option, str(name.dsid or ""), path.name, texts[path])):
            (dead if path in links else taken).setdefault(option, []).append(file)
    needed = _main_skims(wanted)
    if not present or (choose is None and needed.isdisjoint(wanted[option] for option in present)):
        raise _nothing_there(place, wanted, needed, listing, [name for name in names.values() if name])
    if not taken and not dead:
        raise UsageError(f"no file matches --samples {choose!r}", f"There are files of {shown.some(sorted(present))}.")
    sets = {option: sorted(taken[option], key=_by_part) for option in wanted if option in taken}
    clashes = {option: pair for option, files in sets.items() if (pair := _clash(files))}
    if clashes:
        raise _counted_twice(clashes, listing)
    return Found(
        files={option: tuple({file.part: file for file in files}.values()) for option, files in sets.items()},
        absent=tuple(option for option in wanted if option not in present),
        left_out=tuple(option for option in wanted if option in present and option not in {*taken, *dead}),
        dead={option: tuple(dead[option]) for option in wanted if option in dead},
        ignored=tuple(sorted(ignored)),
        unreadable=listing.unreadable,
    )


def _options_by_key(wanted: Mapping[str, str]) -> dict[tuple[str | int | None, str], str]:
    """Return (period or DSID, skim) to option; two options of one key would count the same files twice."""
    options: dict[tuple[str | int | None, str], str] = {}
    for option, skim in wanted.items():
        entry = sample(option)
        other = options.setdefault((entry.period or entry.dsid, skim), option)
        if other != option:
            raise UsageError(
                f"the samples {other} and {option} are the same files of skim {skim}", "Ask for one of them."
            )
    return options


def _chooser(pattern: str | None) -> Callable[[tuple[str, ...]], bool]:
    if pattern is None:
        return lambda _: True
    matches = re.compile(translate(pattern)).match
    return lambda texts: any(matches(text) for text in texts)


def _main_skims(wanted: Mapping[str, str]) -> set[str]:
    """Return the skim most samples are wanted from: 4lep for HZZ, which takes a few from 2lep; several on a tie."""
    counts: dict[str, int] = {}
    for skim in wanted.values():
        counts[skim] = counts.get(skim, 0) + 1
    return {skim for skim, count in counts.items() if count == max(counts.values())}


def _by_part(file: SampleFile) -> tuple[int, int, Path]:
    return file.factor, file.part or 0, file.path


def _clash(files: list[SampleFile]) -> tuple[SampleFile, SampleFile] | None:
    """Return two files of one sample that hold the same events, None if all together are one set of them.

    A set is the original, or one multiplied file, or the parts of one factor. A second link to a file is the same file.
    """
    first = files[0]
    parts: dict[int | None, SampleFile] = {}
    for file in files:
        if (file.factor, file.part is None) != (first.factor, first.part is None):
            return first, file
        same = parts.setdefault(file.part, file)
        if same is not file and not _is_same(same.path, file.path):
            return same, file
    return None


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # not on disk: each goes by one name only
        return False


def _counted_twice(clashes: Mapping[str, tuple[SampleFile, SampleFile]], listing: Listing) -> CountedTwiceError:
    import shlex  # noqa: PLC0415 - only for the message

    option, (one, two) = next(iter(clashes.items()))
    paths = [listing.files[file.path] for file in (one, two)]
    more = f" (so would {len(clashes) - 1} more)" if len(clashes) > 1 else ""
    if one.factor != two.factor:
        globs = [f"*.x{file.factor}.*" if file.factor > 1 else f"*{file.skim}.root" for file in (one, two)]
    elif (one.part is None) != (two.part is None):
        globs = [f"*.x{one.factor}.root" if one.factor > 1 else f"*{one.skim}.root", f"*.x{two.factor}.*.root"]
    else:
        globs = _telling_apart(*paths)
    examples = " or ".join(f"--samples {shlex.quote(pattern)}" for pattern in globs)
    return CountedTwiceError(
        f"{option} would be counted twice{more}: {paths[0]!r} and {paths[1]!r} hold the same events",
        f"Choose one set with {examples}.",
    )


def _telling_apart(one: str, two: str) -> list[str]:
    """Return globs that match one of two relative paths each, as far up as they differ: ``old/*`` and ``new/*``."""
    import glob  # noqa: PLC0415 - only for the message

    pieces = one.split("/"), two.split("/")
    depth = next(i for i, (a, b) in enumerate(zip(*pieces, strict=False)) if a != b) + 1
    starts = [glob.escape("/".join(piece[:depth])) + ("/*" if len(piece) > depth else "") for piece in pieces]
    folders = [start for start in starts if start.endswith("/*")]
    return folders or starts


def _nothing_there(
    place: str,
    wanted: Mapping[str, str],
    needed: set[str],
    listing: Listing,
    names: list[FileName],
) -> UsageError:
    """Say what was looked for, and the nearest thing that is there."""
    options = [option for option, skim in wanted.items() if skim in needed]
    looked_for = f"{' or '.join(sorted(needed))} ({shown.some(options)})"
    skims = {name.skim for name in names}
    if skims and skims.isdisjoint(needed):
        there = f"{place} has files of skim {' and '.join(sorted(skims))}, but {looked_for} is needed"
    elif names:
        stems = sorted({name.stem for name in names if name.skim in needed})
        there = f"{place} has {shown.some(stems)}, but none of the samples needed of skim {looked_for}"
    elif listing.files:
        example = min(path.name for path in listing.files)
        there = f"no ROOT file in {place} has the name of a sample ({example!r} is one); skim {looked_for} is needed"
    else:
        there = f"{place} has no ROOT file; skim {looked_for} is needed"
    if listing.unreadable:
        there += f"; not readable: {shown.some([repr(str(path)) for path in listing.unreadable])}"
    like = f"{sample(options[-1]).stem}.{wanted[options[-1]]}.root" if options else "data_A.4lep.root"
    return UsageError(there, f"Files are recognised by names like {like}.")
