"""What a multiply job is asked to do: which files, how often, into which files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from atlasod_tui.errors import UsageError
from atlasod_tui.jobs.folder import printable
from atlasod_tui.jobs.here import absolute
from atlasod_tui.jobs.tasks.given import Catalogue, kind
from atlasod_tui.jobs.tasks.output_folder import refuse_existing, refuse_unwritable
from atlasod_tui.jobs.tasks.places import file_name, is_elsewhere
from atlasod_tui.samples import folder_manifest, naming
from atlasod_tui.samples.find import parse_name
from atlasod_tui.samples.listing import list_files


class Source(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file as it was when the job was made; a job does not go on with inputs that changed."""

    path: str
    """Of a file of a lake its DID."""
    size: int
    mtime_ns: int
    did: str = ""
    """Of a file of the job's lake."""
    adler32: str = ""

    @property
    def elsewhere(self) -> bool:
        """Whether it is not, or need not be, on this machine."""
        return is_elsewhere(self)

    @property
    def name(self) -> str:
        """Its name, without folder and scope."""
        return file_name(self)


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
    """ROOT files of the folders given whose names are those of no sample, as people may see them."""
    unreadable: list[str] = []
    """Folders that could not be listed, as people may see them: files may be missing."""
    lake: str = ""
    """What opens the lake of the DIDs, as with ``--lake``."""
    upload: dict[str, Any] | None = None
    """Where the outputs go as well: a `lake.uploading.target.Target`, which the lake's own modules know."""
    given: list[str] = []
    """Files, folders and DIDs that were named; paths are absolute."""

    @property
    def estimate(self) -> int:
        """About how many bytes the outputs will have in all, going by the sources' sizes."""
        return sum(self.estimate_of(output) for output in self.outputs)

    def estimate_of(self, output: Output) -> int:
        """Return about how many bytes an output will have; virtual copies need next to none."""
        size = sum(self.sources[number].size for number in output.parts)
        return size if self.virtual else self.factor * size

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
    lake: str | None = None,
    dry_run: bool = False,
) -> MultiplySpec:
    """Find the files and say what a job would write; nothing is opened.

    Args:
        given: Files, folders and DIDs; of a folder or a dataset the files that are named like samples. The sub-folders
            of a folder are kept.
        factor: Copies in each output; None for one, which only merging makes sense of.
        files: Outputs of each file.
        merge: Name of the one sample that all files are merged into; None to multiply each by itself.
        virtual: Whether the copies are to be entries of tables only.
        to: Folder of the outputs, absolute.
        force: Whether outputs that exist may be replaced.
        lake: Name of the lake that DIDs are of; None for the default.
        dry_run: Whether nothing is to be run, so that the folder need not be writable.

    Raises:
        UsageError: If a file is missing or given twice, there is none, outputs exist, are inputs or have one name, or
            the folder cannot be written.
        LakeError: If the lake is away, refuses, or does not know a DID.
    """
    if factor is None and merge is None:
        raise UsageError("it is not said how many copies there are to be", "Give --factor N, or --merge NAME.")
    found = _Found(lake, given)
    for name in given:
        found.add(name)
    found.close()
    if not found.sources:
        raise found.nothing()
    times = factor or 1
    most = times * max(naming.parse(source.name).factor for source, _ in found.sources)
    if most > naming.MAX_FACTOR:
        raise UsageError(f"a file with {most} copies is too much", f"At most {naming.MAX_FACTOR} are possible.")
    if merge is not None:
        names = naming.merged(_merged_name(merge), times, files=files, virtual=virtual)
        outputs = [Output(name, list(range(len(found.sources)))) for name in names]
    else:
        outputs = [
            Output(os.path.join(folder, name), [number])  # noqa: PTH118 - relative texts
            for number, (source, folder) in enumerate(found.sources)
            for name in naming.multiplied(naming.without_run(source.name), times, files=files, virtual=virtual)
        ]
    spec = MultiplySpec(
        to=str(to),
        factor=times,
        sources=[source for source, _ in found.sources],
        outputs=outputs,
        virtual=virtual,
        merged=merge is not None,
        force=force,
        ignored=sorted(map(printable, found.ignored)),
        unreadable=sorted(map(printable, found.unreadable)),
        lake=found.lake,
        given=[name if kind(name) == "did" else str(absolute(name)) for name in given],
    )
    _refuse_clashes(spec)
    if not dry_run:
        refuse_unwritable(to, "--to")
    return spec


class _Found:
    """The files given, each with its folder below that of the outputs."""

    def __init__(self, lake: str | None, given: Sequence[str]) -> None:
        self.sources: list[tuple[Source, str]] = []
        self.ignored: set[str] = set()
        self.unreadable: set[str] = set()
        self._given: list[str] = []
        self._files: set[Path] = set()
        self._dids: set[str] = set()
        self._known: dict[str, str] = {}
        self._lake, self._all = lake, given
        self._catalogue: Catalogue | None = None

    @property
    def lake(self) -> str:
        """What opens the lake of the DIDs."""
        return self._catalogue.reference if self._catalogue else ""

    def close(self) -> None:
        """Let the connections to the lake go."""
        if self._catalogue is not None:
            self._catalogue.close()

    def add(self, given: str) -> None:
        """Add a file, the samples below a folder, or the files of a DID."""
        self._given.append(given)
        match kind(given):
            case "address":
                raise UsageError(f"{given!r} cannot be multiplied where it is", "Fetch it first, or give its DID.")
            case "did":
                self._add_did(given)
            case _:
                self._add_path(given)

    def _add_path(self, given: str) -> None:
        path = absolute(given)
        listing = list_files(path)
        self.unreadable.update(map(str, listing.unreadable))
        is_folder = os.path.isdir(path)  # noqa: PTH112 - no errors
        self.ignored.update(str(dead) for dead in listing.dead)
        for file, text in listing.files.items():
            if is_folder and parse_name(file.name) is None:
                self.ignored.add(str(file))
            else:
                self._add_file(file, os.path.dirname(text) if is_folder else "")  # noqa: PTH120 - relative text

    def _add_did(self, given: str) -> None:
        self._catalogue = self._catalogue or Catalogue(self._lake, self._all)
        paths, origins = self._catalogue.files(given)
        for path in paths:  # the lake is a folder
            if len(paths) > 1 and parse_name(path.name) is None:
                self.ignored.add(str(path))
            else:
                self._add_file(path, "")
        for origin in origins:
            source = Source(origin.path, origin.size, origin.mtime_ns, origin.did, origin.adler32)
            if origin.did != given and parse_name(source.name) is None:
                self.ignored.add(origin.did)
            elif origin.did not in self._dids:  # several datasets may have it
                _refuse_name(source)
                self._dids.add(origin.did)
                self.sources.append((source, ""))

    def _add_file(self, file: Path, folder: str) -> None:
        other = self._known.setdefault(os.path.realpath(file), str(file))
        if other != str(file) or file in self._files:
            also = f", also as {other!r}" if other != str(file) else ""
            raise UsageError(f"{str(file)!r} is given twice{also}", "Give it once; --factor says how many copies.")
        self._files.add(file)
        self.sources.append((_source(file), folder))

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


def _refuse_name(source: Source) -> None:
    """Refuse a file of a lake whose name no file can have here."""
    from atlasod_tui.lake.fetching.wanted import target  # noqa: PLC0415 - only where there is a lake

    target(Path(), source.name)


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
