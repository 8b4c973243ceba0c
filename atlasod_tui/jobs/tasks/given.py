"""What a user names as input: files and folders, DIDs of a lake, addresses; which files these are."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from atlasod_tui.errors import BadFileError, LakeAwayError, LakeError, UsageError
from atlasod_tui.jobs.here import absolute
from atlasod_tui.jobs.tasks.places import file_name, is_address, public
from atlasod_tui.samples.listing import Listing, list_files

if TYPE_CHECKING:
    from atlasod_tui.lake.face import Lake
    from atlasod_tui.lake.model import FileEntry

_DID = re.compile(r"[A-Za-z0-9_.-]+:(?!//).+", re.DOTALL)


class Origin(msgspec.Struct, frozen=True):
    """Where a file is that is not on disk; ``path`` is what it goes by: its DID, or its address."""

    path: str
    size: int
    """Bytes; 0 where a lake does not tell."""
    mtime_ns: int = 0
    did: str = ""
    adler32: str = ""


class Given(msgspec.Struct, frozen=True):
    """The files that were named.

    Those that are not on disk have a path in the listing that ends in their name, and is good for nothing else.
    """

    names: list[str]
    """What was given; paths are absolute."""
    place: str
    """The same for sentences."""
    listing: Listing
    origins: dict[Path, Origin]
    lake: str = ""
    """What opens the lake of the DIDs; empty if there are none."""

    def texts(self, paths: Iterable[Path]) -> list[str]:
        """Return what files of the listing go by."""
        return sorted(public(self.origins[path].path) if path in self.origins else str(path) for path in paths)


def kind(text: str) -> str:
    """Return ``path``, ``did`` or ``address``; what exists on disk is a path whatever it looks like."""
    if os.path.lexists(text):
        return "path"
    if is_address(text):
        return "address"
    return "did" if _DID.fullmatch(text) else "path"


def look(given: Sequence[str], lake: str | None = None) -> Given:
    """List files and folders, ask the lake for DIDs (files, datasets, containers), and the hosts of addresses.

    Args:
        given: As the user wrote them.
        lake: Name of the lake; None for the default.

    Raises:
        UsageError: If a file or folder does not exist, or an address cannot be read.
        LakeError: If the lake is away, refuses, or does not know a DID.
    """
    names, paths = [], []
    origins: dict[Path, Origin] = {}
    texts: dict[Path, str] = {}
    catalogue: Catalogue | None = None
    for text in given:
        found: list[Origin] = []
        match kind(text):
            case "path":
                paths.append(absolute(text))
                names.append(str(paths[-1]))
                continue
            case "address":
                found = [address(text)]
            case "did":
                catalogue = catalogue or Catalogue(lake, given)
                files, found = catalogue.files(text)
                paths += files
        names.append(text)
        for origin in found:
            path = key(origin)
            origins[path], texts[path] = origin, public(origin.path)
    listing = list_files(paths[0] if len(paths) == 1 and not origins else paths)
    if catalogue is not None:
        catalogue.close()
    place = repr(public(names[0])) if len(names) == 1 else "what was given"
    listing = msgspec.structs.replace(listing, files=listing.files | texts)
    return Given(names, place, listing, origins, catalogue.reference if catalogue else "")


class Catalogue:
    """The lake that DIDs are of, opened when the first one is met.

    Args:
        lake: Its name; None for the default.
        given: All that was named: the DIDs among it that are files are asked for together.

    Raises:
        LakeError: If there is none, or it is away.
        UsageError: If none has this name.
    """

    def __init__(self, lake: str | None, given: Iterable[str]) -> None:
        from atlasod_tui.lake.fetching.copies import reference  # noqa: PLC0415 - only where there is a lake
        from atlasod_tui.lake.fetching.named import named_files  # noqa: PLC0415
        from atlasod_tui.lake.model import DID  # noqa: PLC0415
        from atlasod_tui.lake.profiles import open_lake  # noqa: PLC0415

        self._lake: Lake = open_lake(lake)
        self.reference = reference(self._lake)
        dids = [DID.parse(text) for text in given if kind(text) == "did"]
        self._known = named_files(self._lake, dids)

    def files(self, text: str) -> tuple[list[Path], list[Origin]]:
        """Return the files of a DID, which are on disk if the lake is a folder; a dataset stands for its files.

        Raises:
            LakeError: If the lake is away, refuses, does not know it, or it has no files.
        """
        from atlasod_tui.lake.local import LocalLake  # noqa: PLC0415 - only where there is a lake
        from atlasod_tui.lake.model import DID  # noqa: PLC0415

        did = DID.parse(text)
        entries = [self._known[did]] if did in self._known else list(self._lake.files(did))
        if not entries:
            raise LakeError(f"{text} has no files", "`atlasod-tui ls SCOPE` tells what a scope has.")
        if isinstance(self._lake, LocalLake):
            return [self._lake.folder / entry.did.name for entry in entries], []
        return [], list(map(_origin, entries))

    def close(self) -> None:
        """Let the connections go."""
        from atlasod_tui.lake.rucio.connection import Connection  # noqa: PLC0415 - only where there is a lake

        if isinstance(self._lake, Connection):
            self._lake.close()


def _origin(entry: FileEntry) -> Origin:
    did = str(entry.did)
    return Origin(did, entry.bytes or 0, 0, did, entry.adler32 or "")


def address(text: str) -> Origin:
    """Return the file at an address.

    Raises:
        UsageError: If it cannot be read.
        LakeAwayError: If nobody answers there.
    """
    from atlasod_tui.jobs.tasks.open_input import stat_input  # noqa: PLC0415 - only where there are addresses
    from atlasod_tui.lake.remote import is_remote  # noqa: PLC0415

    if not is_remote(text):
        raise UsageError(f"{text!r} cannot be read", "Give an address that begins with https:// or root://.")
    try:
        public(text)
        size, mtime_ns = stat_input(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no address", "Check its host and port.") from error
    except BadFileError as error:
        from atlasod_tui.lake.transport.https import CutError  # noqa: PLC0415 - only where there are addresses

        kind_of_error = LakeAwayError if isinstance(error.__cause__, CutError) else UsageError
        raise kind_of_error(error.message, error.hint or "Check the address.") from error
    return Origin(text, size, mtime_ns)


def key(origin: Origin) -> Path:
    """Return the path in a listing of a file that is not on disk: its own, and with its name."""
    from urllib.parse import quote  # noqa: PLC0415 - only for what is not on disk

    whole = quote(origin.path, safe="", errors="surrogatepass")
    return Path("/", whole, quote(file_name(origin), safe="+", errors="surrogatepass") or "-")
