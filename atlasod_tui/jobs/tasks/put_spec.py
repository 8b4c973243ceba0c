"""What an upload job is asked to do: which files, called what, to where."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from atlasod_tui.errors import UsageError
from atlasod_tui.jobs.tasks.write_back import source_of
from atlasod_tui.lake import names
from atlasod_tui.lake.uploading.target import Target

_MANIFEST = "manifest.json"
_PNG = b"\x89PNG\r\n\x1a\n"


class PutFile(msgspec.Struct, frozen=True):
    """A file as it was when the job was made."""

    path: str
    size: int
    mtime_ns: int
    metadata: dict[str, Any] = {}


class PutSpec(msgspec.Struct, frozen=True):
    """All that is needed to do an upload job again; paths are absolute."""

    files: list[PutFile]
    target: Target
    skip: list[str] = []
    """Files to leave out: those on which an earlier run of the job died."""
    given: list[str] = []
    """Files and folders of results that were named; absolute."""

    @property
    def bytes(self) -> int:
        """Bytes in all."""
        return sum(file.size for file in self.files)

    @property
    def told(self) -> Target:
        """The target, whose dataset tells the factor that all files have."""
        factors = {file.metadata.get("factor") for file in self.files}
        common = {"factor": factors.pop()} if len(factors) == 1 and None not in factors else {}
        return msgspec.structs.replace(self.target, metadata=common | self.target.metadata)


def title(given: str, files: list[PutFile]) -> str:
    """Return what to call the dataset of some files, the first of which was ``given``: as none of them is called."""
    found = Path(given).name.removesuffix(".root") or "files"
    while names.slug(found) in {Path(file.path).name for file in files}:
        found = f"files.{found}"
    return found


class _Sample(msgspec.Struct):
    factor: int | None = 1
    """None where parts of the data are copied unequally."""


class _Analysis(msgspec.Struct):
    samples: dict[str, _Sample] = {}


class _Manifest(msgspec.Struct):
    input: str = ""
    analyses: dict[str, _Analysis] = {}


def plan(given: list[str], *, force: bool = False) -> list[PutFile]:
    """Return the files to be uploaded.

    Args:
        given: Files, and result folders of ``analyse``, which stand for their bundles.
        force: Whether images may be among them.

    Raises:
        UsageError: If one is missing, a folder of something else, an image, or cannot be called in a lake what it is;
            or two have one name.
    """
    found: dict[str, PutFile] = {}
    for text in given:
        path = Path(os.path.abspath(text))  # noqa: PTH100 - links stay as they are
        chosen = _bundles(path) if os.path.isdir(path) else {path: _told(path)}  # noqa: PTH112 - no errors
        for file, metadata in chosen.items():
            one = _file(file, metadata, force=force)
            other = found.setdefault(file.name, one)
            if other is not one:
                also = "is given twice" if other.path == one.path else f"has the name of {other.path!r}"
                raise UsageError(f"{one.path!r} {also}", "Upload them one after the other, or rename one.")
    return list(found.values())


def _bundles(folder: Path) -> dict[Path, dict[str, Any]]:
    """Return the bundles of a result of analyses, each with what it was made of, as its metadata are to tell."""
    try:
        manifest = msgspec.json.decode((folder / _MANIFEST).read_bytes(), type=_Manifest)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        manifest = _Manifest()
    if not manifest.analyses:
        raise UsageError(
            f"{str(folder)!r} is a folder, and not the complete result of an analysis", "Name the files to upload."
        )
    source = source_of(manifest.input.split(", ")) if manifest.input else ""
    bundles = {}
    for name, analysis in manifest.analyses.items():
        factors = {sample.factor for sample in analysis.samples.values()}
        common = {"factor": factors.pop()} if len(factors) == 1 and None not in factors else {}
        if "/" not in name:
            bundles[folder / f"{name}.root"] = {"source": source or folder.name, **common}
    if not bundles:
        raise UsageError(f"{str(folder / _MANIFEST)!r} names no analysis", "Name the files to upload.")
    return bundles


def _told(path: Path) -> dict[str, Any]:
    """Return what the metadata of a file are to tell: of the bundle of a result, what that was made of."""
    with suppress(UsageError):  # other files are not beside a result's manifest
        known = _bundles(path.parent).get(path)
        if known is not None:
            return known
    return {"source": path.name, "factor": _factor(path)}


def _file(path: Path, metadata: dict[str, Any], *, force: bool) -> PutFile:
    names.check_name(path.name, "file")
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for, a device never ends
            raise UsageError(f"{str(path)!r} is no file")
        with path.open("rb") as file:
            is_image = file.read(len(_PNG)) == _PNG or path.suffix.lower() == ".png"
            status = os.fstat(file.fileno())
    except OSError as error:
        raise UsageError(f"{str(path)!r} cannot be read: {error.strerror}") from error
    if is_image and not force:
        raise UsageError(
            f"{str(path)!r} is an image, which anybody can draw again from the result",
            "Upload the result, or insist with --force.",
        )
    return PutFile(str(path), status.st_size, status.st_mtime_ns, metadata)


def _factor(path: Path) -> int:
    """Return how often a sample holds each event, by its name; 1 for anything else."""
    from atlasod_tui.samples.find import parse_name  # noqa: PLC0415

    name = parse_name(path.name)
    return 1 if name is None else name.factor
