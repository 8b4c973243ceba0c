"""One file fetched over https: resumed, tried again, verified by size and Adler-32, and named when it is complete."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import msgspec

from atlasod_tui.errors import LakeError
from atlasod_tui.lake.https import CutError, ReplicaError, Session, Timeouts, host, receive
from atlasod_tui.lake.model import FileEntry, Replica, ReplicaState
from atlasod_tui.lake.partial import Origin, Partial, check_space
from atlasod_tui.rootfile.adler import adler32

_BLOCK = 1 << 20
_PROGRESS_BYTES = 1 << 20
_SLICE_S = 0.1
_LONGEST_NAME = 240
_TO_BE_HAD = (ReplicaState.AVAILABLE, ReplicaState.UNKNOWN)

REISSUED = "The portal's files were issued again in August 2020: older copies hold the same events in other bytes."


class Patience(msgspec.Struct, frozen=True):
    """How often a server is asked again, and how long it may be silent; in seconds."""

    timeouts: Timeouts = Timeouts()
    tries: int = 5
    """In a row, per address; a try that brought the file 1 MiB further begins a new row."""
    pause: float = 0.5
    """Before the second try; doubled with each further one."""
    longest_pause: float = 30


class Wanted(msgspec.Struct, frozen=True):
    """A file to fetch."""

    name: str
    """What it is to be called: a name, not a path."""
    urls: tuple[str, ...]
    """Where it is, best first; addresses other than ``https://`` and ``http://`` are passed over."""
    bytes: int | None = None
    adler32: str | None = None

    @classmethod
    def of(cls, file: FileEntry, replicas: tuple[Replica, ...]) -> Wanted:
        """Return the file under its own name, from those of its replicas that can be had, as ordered."""
        urls = tuple(url for replica in replicas if replica.state in _TO_BE_HAD for url in replica.urls)
        return cls(file.did.name, urls, file.bytes, file.adler32)


class Fetched(msgspec.Struct, frozen=True):
    """A file that is in its place, with the size and Adler-32 that were expected."""

    path: Path
    bytes: int
    adler32: str
    url: str | None
    """Where its last bytes came from; None if the file was there already."""
    resumed_at: int = 0
    """Bytes that an earlier run had fetched."""
    failures: tuple[str, ...] = ()
    """Addresses that failed before, each with its reason, as clauses."""


def _nothing() -> None:
    """Go on."""


def _unseen(_: int) -> None:
    """Show nothing."""


class Downloader:
    """Fetches files one after the other on one thread, over connections that it keeps until it is closed.

    Certificates are verified against the environment's authorities (``REQUESTS_CA_BUNDLE``) or certifi's.
    """

    def __init__(self, patience: Patience | None = None) -> None:
        self.patience = patience or Patience()
        self.session = Session()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def download(
        self,
        wanted: Wanted,
        folder: Path,
        *,
        progress: Callable[[int], None] = _unseen,
        check: Callable[[], None] = _nothing,
        force: bool = False,
    ) -> Fetched:
        """Fetch a file into a folder, unless it is there already.

        What a run that was cut off or killed has fetched is kept as ``<name>.part``, and gone on from.

        Args:
            wanted: Addresses that fail are left for the next; those that have other content than promised too.
            folder: Made if need be; nothing is written outside it.
            progress: Called with the bytes that are there, each MiB and at the end; they become fewer where a server
                makes it necessary to start anew.
            check: Called with each block, ten times a second in pauses, and each second while a server is silent (by
                https); ends the work by raising.
            force: Replace a file of that name that is not the one wanted.

        Raises:
            LakeError: No address has the file, or it cannot be written, or the name is none, or another file has it.
        """
        path = target(folder, wanted.name)
        wanted = msgspec.structs.replace(wanted, adler32=_normal(wanted.adler32))
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LakeError(f"the folder {str(folder)!r} could not be made: {error.strerror}") from error
        there = _already_there(path, wanted, check, force=force)
        if there is not None:
            progress(there.bytes)
            return there
        urls = [url for url in wanted.urls if url.lower().startswith(("https://", "http://"))]
        if not urls:
            raise LakeError(f"{wanted.name!r} has no replica that can be read over https")
        self.session.check = check
        with Partial(path, Origin(wanted.bytes, wanted.adler32), check) as part:
            return _Fetch(self, part, wanted, progress, check).run(urls)


def target(folder: Path, name: str) -> Path:
    """Return where a file of this name goes, which is in the folder.

    Raises:
        LakeError: The name would lead elsewhere, or no file can be called so.
    """
    if len(name.encode("utf-8", "surrogatepass")) > _LONGEST_NAME:
        raise LakeError(f"the name {name[:40]!r}... is too long for a file")
    bad = not name or name in {".", ".."} or any(c == "/" or not c.isprintable() for c in name)
    if bad or name.lower().endswith((".part", ".part.json")):  # which are the names of unfinished files
        raise LakeError(f"no file can be called {name!r} here", "Only the lake's owner can give it another name.")
    return folder / name


def checksum(path: Path, check: Callable[[], None] = _nothing) -> str:
    """Return the Adler-32 of a file's bytes, eight hexadecimal digits; an ``OSError`` goes through."""
    value = 1
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            check()
            value = adler32(block, value)
    return f"{value:08x}"


def _normal(checksum_text: str | None) -> str | None:
    return checksum_text.lower().rjust(8, "0") if checksum_text else None


def _already_there(path: Path, wanted: Wanted, check: Callable[[], None], *, force: bool) -> Fetched | None:
    """Return the file if it is there and is the one wanted; None if it is to be fetched."""
    try:
        size = path.stat().st_size
        found = checksum(path, check) if path.is_file() and wanted.bytes in {None, size} else None
    except FileNotFoundError:
        if path.is_symlink() and not force:
            raise LakeError(f"{str(path)!r} is a link to nothing", "Remove it, or use --force.") from None
        return None
    except OSError as error:
        raise LakeError(f"{str(path)!r} is there but cannot be read: {error.strerror}") from error
    promised = wanted.bytes is not None or wanted.adler32 is not None
    if promised and found is not None and wanted.adler32 in {None, found}:
        return Fetched(path, size, found, None)
    if not path.is_file():
        raise LakeError(f"{str(path)!r} is there and is no file")
    if force:
        return None
    hint = f"{REISSUED} Keep it, or fetch the file anew with --force."
    if not promised:
        raise LakeError(f"{str(path)!r} is there already, and the lake does not say whether it is the same", hint)
    if found is None:
        raise LakeError(f"{str(path)!r} is there already with {size} bytes; {wanted.bytes} were expected", hint)
    raise LakeError(
        f"{str(path)!r} is there already with Adler-32 {found}; {wanted.adler32} was expected",
        hint,
    )


class _Fetch:
    """The tries for one file."""

    def __init__(
        self,
        downloader: Downloader,
        part: Partial,
        wanted: Wanted,
        progress: Callable[[int], None],
        check: Callable[[], None],
    ) -> None:
        self._session = downloader.session
        self._patience = downloader.patience
        self._part = part
        self._wanted = wanted
        self._progress = progress
        self._check = check
        self._shown = -1
        self._failures: list[str] = []

    def run(self, urls: list[str]) -> Fetched:
        if self._wanted.bytes is not None:
            check_space(self._part.path, self._wanted.bytes - self._part.position)
        if self._complete_before_asking():
            return self._finish(None)
        for url in urls:
            try:
                self._from(url)
            except ReplicaError as error:
                self._failures.append(f"{host(url)}: {error}")
            else:
                return self._finish(url)
        raise LakeError(f"{self._wanted.name!r} could not be fetched: {'; '.join(self._failures)}", self._hint())

    def _complete_before_asking(self) -> bool:
        """Return whether an earlier run was ended just before it gave the file its name."""
        part = self._part
        if part.position == 0 or part.position != self._wanted.bytes or self._wanted.adler32 is None:
            return False
        if f"{part.adler:08x}" == self._wanted.adler32:
            return True
        part.start_anew()
        return False

    def _from(self, url: str) -> None:
        """Fetch from one address, with as many tries as patience allows."""
        row, furthest = 0, self._part.position
        while True:
            try:
                receive(self._session, url, self._part, self._patience.timeouts, self._arrived)
            except CutError as error:
                row += 1
                if self._part.position >= furthest + _PROGRESS_BYTES:
                    row, furthest = 1, self._part.position
                if row >= self._patience.tries:
                    raise ReplicaError(f"{error} ({row} tries)") from error
                self._wait(error.pause, row)
                continue
            if self._verified():
                return

    def _verified(self) -> bool:
        """Return whether the bytes are those promised; False if they are to be fetched once more from here alone."""
        part, expected = self._part, self._wanted.adler32
        found = f"{part.adler:08x}"
        if expected in {None, found}:
            return True
        mixed = part.earlier > 0
        size = part.position
        part.start_anew()
        if mixed:  # the damage may be in what was there before
            return False
        raise ReplicaError(f"its {size} bytes have Adler-32 {found} where {expected} was expected")

    def _arrived(self) -> None:
        self._check()
        if self._part.position - self._shown >= _PROGRESS_BYTES or self._part.position < self._shown:
            self._shown = self._part.position
            self._progress(self._shown)

    def _wait(self, advised: float | None, row: int) -> None:
        patience = self._patience
        doubled = min(patience.pause * 2 ** (row - 1), patience.longest_pause)
        # Many clients that were cut off together are not to come back together.
        pause = advised if advised is not None else doubled * random.uniform(0.75, 1.25)  # noqa: S311
        until = time.monotonic() + pause
        while (left := until - time.monotonic()) > 0:
            self._check()
            time.sleep(min(left, _SLICE_S))
        self._check()

    def _finish(self, url: str | None) -> Fetched:
        part = self._part
        size, adler = part.position, f"{part.adler:08x}"
        part.commit()
        self._progress(size)
        return Fetched(part.path, size, adler, url, part.resumed_at, tuple(self._failures))

    def _hint(self) -> str:
        text = " ".join(self._failures)
        if "expected" in text:
            return f"{REISSUED} If the list of files is older than the server's, update the program."
        if "certificate" in text:
            return "Set REQUESTS_CA_BUNDLE to a file with the authority that the server's certificate is from."
        return "Check the network; what was fetched so far is kept, and fetching it again goes on from there."
