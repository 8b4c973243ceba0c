"""What a multiply job is asked to do: which files, how often, into which files."""

from __future__ import annotations

import os
import re
from pathlib import Path

import msgspec

from atlasod_tui.errors import UsageError
from atlasod_tui.jobs.tasks.output_folder import refuse_existing, refuse_unwritable
from atlasod_tui.samples import folder_manifest, naming
from atlasod_tui.samples.find import parse_name
from atlasod_tui.samples.listing import list_files

_DID = re.compile(r"[A-Za-z0-9_.-]+:[^/:\s]+|[A-Za-z0-9_.-]+:/[^/\s]+(/[^/\s]+)*")


class Source(msgspec.Struct, frozen=True):
    """A file as it was when the job was made; a job does not go on with inputs that changed."""

    path: str
    size: int
    mtime_ns: int


class Output(msgspec.Struct, frozen=True):
    """A file to be written."""

    name: str
    """Its path relative to the folder of the outputs."""
    parts: list[int]
    """Numbers of the sources whose events it has ``factor`` times, in order."""


class MultiplySpec(msgspec.Struct, frozen=True):
    """All that is needed to do a multiply job again; paths are absolute."""

    to: str
    """Folder of the outputs."""
    factor: int
    sources: list[Source]
    outputs: list[Output]
    virtual: bool = False
    merged: bool = False
    """Whether all sources go into one sample: none may be left out then."""
    force: bool = False
    skip: list[str] = []
    """Sources to leave out: those on which an earlier run of the job died."""
    ignored: list[str] = []
    """ROOT files of the folders given whose names are those of no sample."""
    unreadable: list[str] = []
    """Folders that could not be listed: files may be missing."""

    def paths(self, output: Output) -> list[Path]:
        """Return the sources of an output."""
        return [Path(self.sources[number].path) for number in output.parts]

    def target(self, output: Output) -> Path:
        """Return where an output goes."""
        return Path(self.to) / output.name


def plan(  # noqa: PLR0913 - one for each option of the command
    given: list[str],
    *,
    factor: int | None,
    files: int = 1,
    merge: str | None = None,
    virtual: bool = False,
    to: Path,
    force: bool = False,
    dry_run: bool = False,
) -> MultiplySpec:
    """Find the files and say what a job would write; nothing is opened.

    Args:
        given: Files and folders; of a folder the files that are named like samples, whose sub-folders are kept.
        factor: Copies in each output; None for one, which only merging makes sense of.
        files: Outputs of each file.
        merge: Name of the one sample that all files are merged into; None to multiply each by itself.
        virtual: Whether the copies are to be entries of tables only.
        to: Folder of the outputs, absolute.
        force: Whether outputs that exist may be replaced.
        dry_run: Whether nothing is to be run, so that the folder need not be writable.

    Raises:
        UsageError: If a file is missing or given twice, there is none, outputs exist, are inputs or have one name, or
            the folder cannot be written.
    """
    if factor is None and merge is None:
        raise UsageError("it is not said how many copies there are to be", "Give --factor N, or --merge NAME.")
    found = _Found()
    for name in given:
        found.add(name)
    if not found.files:
        raise found.nothing()
    times = factor or 1
    most = times * max(naming.parse(file.name).factor for file in found.files)
    if most > naming.MAX_FACTOR:
        raise UsageError(f"a file with {most} copies is too much", f"At most {naming.MAX_FACTOR} are possible.")
    if merge is not None:
        names = naming.merged(_merged_name(merge), times, files=files, virtual=virtual)
        outputs = [Output(name, list(range(len(found.files)))) for name in names]
    else:
        outputs = [
            Output(os.path.join(os.path.dirname(text), name), [number])  # noqa: PTH118, PTH120 - relative texts
            for number, text in enumerate(found.files.values())
            for name in naming.multiplied(os.path.basename(text), times, files=files, virtual=virtual)  # noqa: PTH119
        ]
    spec = MultiplySpec(
        to=str(to),
        factor=times,
        sources=[_source(path) for path in found.files],
        outputs=outputs,
        virtual=virtual,
        merged=merge is not None,
        force=force,
        ignored=sorted(found.ignored),
        unreadable=sorted(found.unreadable),
    )
    _refuse_clashes(spec)
    if not dry_run:
        refuse_unwritable(to, "--to")
    return spec


class _Found:
    """The files given, and what they are called below the folder of the outputs."""

    def __init__(self) -> None:
        self.files: dict[Path, str] = {}
        self.ignored: set[str] = set()
        self.unreadable: set[str] = set()
        self._given: list[str] = []
        self._known: dict[str, str] = {}

    def add(self, given: str) -> None:
        """Add a file, or the samples below a folder."""
        self._given.append(given)
        # Links stay as they are: people know their files by the names they gave.
        path = Path(os.path.abspath(given))  # noqa: PTH100
        if not os.path.lexists(path) and _DID.fullmatch(given):
            raise UsageError(
                f"{given!r} is no file; if it is a DID, multiplying from a lake is not possible yet",
                "Give files or folders.",
            )
        listing = list_files(path)
        self.unreadable.update(map(str, listing.unreadable))
        is_folder = os.path.isdir(path)  # noqa: PTH112 - no errors
        self.ignored.update(str(dead) for dead in listing.dead)
        for file, text in listing.files.items():
            if is_folder and parse_name(file.name) is None:
                self.ignored.add(str(file))
            else:
                self._add(file, text if is_folder else file.name)

    def _add(self, file: Path, text: str) -> None:
        other = self._known.setdefault(os.path.realpath(file), str(file))
        if other != str(file) or file in self.files:
            also = f", also as {other!r}" if other != str(file) else ""
            raise UsageError(f"{str(file)!r} is given twice{also}", "Give it once; --factor says how many copies.")
        self.files[file] = text

    def nothing(self) -> UsageError:
        """Say that there is nothing to multiply."""
        places = ", ".join(map(repr, self._given))
        if self.ignored:
            example = min(self.ignored)
            return UsageError(
                f"no ROOT file in {places} has the name of a sample ({example!r} is one of {len(self.ignored)})",
                "Give such files by their names.",
            )
        return UsageError(f"there is no ROOT file in {places}", "Give ROOT files, or folders of samples.")


def _merged_name(name: str) -> str:
    plain = os.path.basename(name) == name and name.isprintable() and not name.startswith(".")  # noqa: PTH119
    if not plain or not name.removesuffix(".root"):
        raise UsageError(f"{name!r} cannot be the name of a file", "Give a name without folder; --to has the folder.")
    known = naming.parse(name)
    if known.factor > 1 or known.part is not None or known.virtual:
        raise UsageError(f"the ending of {name!r} would tell a factor", f"Give {known.base!r}; --factor adds the rest.")
    return name


def _source(path: Path) -> Source:
    try:
        status = path.stat()
    except OSError as error:
        raise UsageError(f"{str(path)!r} cannot be read: {error.strerror}", "Check its permissions.") from error
    return Source(str(path), status.st_size, status.st_mtime_ns)


def _refuse_clashes(spec: MultiplySpec) -> None:
    by_name: dict[str, Output] = {}
    for output in spec.outputs:
        other = by_name.setdefault(output.name, output)
        if other is not output:
            first, second = (spec.sources[item.parts[0]].path for item in (other, output))
            raise UsageError(
                f"{first!r} and {second!r} would both become {output.name!r}", "Multiply them one after the other."
            )
    inputs = {os.path.realpath(source.path) for source in spec.sources}
    for output in spec.outputs:
        target = spec.target(output)
        if os.path.realpath(target) in inputs:
            raise UsageError(f"{str(target)!r} is to be read: it cannot be written as well", "Choose another --to.")
        refuse_existing(target, force=spec.force)
    folder_manifest.read(Path(spec.to))
