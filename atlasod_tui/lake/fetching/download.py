"""One file fetched from the best of its addresses: resumed, tried again, verified by size and Adler-32, then named."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Self

import msgspec

from atlasod_tui.lake.fetching.wanted import Failing, Failure, Fetched, NotFetchedError, Source, Wanted, target
from atlasod_tui.lake.pause import pause
from atlasod_tui.lake.transport import copy, https, xrootd
from atlasod_tui.lake.transport.https import CutError, ReplicaError, Session, Timeouts, WrongContentError
from atlasod_tui.lake.transport.partial import DiskError, Origin, Partial, check_space, checksum
from atlasod_tui.lake.transport.schemes import WEB, XROOTD

_PROGRESS_BYTES = 1 << 20
_FILE = ("file://",)
_PORTAL = ("", "CERN-OPENDATA")
"""Storage elements whose files are those of the portal, or may be."""
_LAST = 2
_TRIES_AGAIN = 2
"""In a row, of an address whose server failed for an earlier file."""

REISSUED = "The portal's files were issued again in August 2020: older copies hold the same events in other bytes."


class Patience(msgspec.Struct, frozen=True):
    """How often a server is asked again, and how long it may be silent; in seconds."""

    timeouts: Timeouts = Timeouts()
    tries: int = 5
    """In a row, per address; a try that brought the file 1 MiB further begins a new row."""
    pause: float = 0.5
    """Before the second try; doubled with each further one."""
    longest_pause: float = 30

    def wait(self, advised: float | None, row: int, check: Callable[[], None]) -> None:
        """Wait before another try.

        Args:
            advised: What the server asked for, in seconds.
            row: How many tries in a row have failed.
            check: Called ten times a second; ends the work by raising.
        """
        doubled = min(self.pause * 2 ** (row - 1), self.longest_pause)
        # Many clients that were cut off together are not to come back together.
        pause(advised if advised is not None else doubled * random.uniform(0.75, 1.25), check)  # noqa: S311


def _nothing() -> None:
    """Go on."""


def _unseen(_: int) -> None:
    """Show nothing."""


class Downloader:
    """Fetches files one after the other on one thread, over connections that it keeps until it is closed.

    Certificates are verified against the environment's authorities (``REQUESTS_CA_BUNDLE``) or certifi's.

    Args:
        patience: How often a server is asked again.
        failed: Servers that did not answer, which are asked last from then on; may be shared by several threads.
    """

    def __init__(self, patience: Patience | None = None, failed: set[str] | None = None) -> None:
        self.patience = patience or Patience()
        self.failed = set() if failed is None else failed
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
                https and root); ends the work by raising.
            force: Replace a file of that name that is not the one wanted.

        Raises:
            NotFetchedError: No address has the file, or the name is none, or another file has it.
            DiskError: It cannot be written.
            BusyError: Another program is fetching it.
        """
        path = target(folder, wanted.name)
        wanted = msgspec.structs.replace(wanted, adler32=_normal(wanted.adler32))
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DiskError(f"the folder {str(folder)!r} could not be made: {error.strerror}") from error
        there = _already_there(path, wanted, check, force=force)
        if there is not None:
            progress(there.bytes)
            return there
        sources = self._in_order(wanted)
        self.session.check = check
        with Partial(path, Origin(wanted.bytes, wanted.adler32), check) as part:
            return _Fetch(self, part, wanted, progress, check).run(sources)

    def _in_order(self, wanted: Wanted) -> list[Source]:
        """Return the addresses that can be tried: files of this machine first, what failed before last."""
        ranks = {source: rank for source in wanted.sources if (rank := _rank(source.url)) is not None}
        if not ranks:
            raise NotFetchedError(_nowhere(wanted), "`show` tells where a file is and in what state.")
        return sorted(ranks, key=lambda source: (source.host in self.failed, ranks[source]))


def _rank(url: str) -> int | None:
    """Return 0 for the best of addresses, None for what nothing here speaks."""
    address = url.lower()
    if address.startswith(_FILE):
        return 0
    if address.startswith(XROOTD):
        return 1 if _speaks_root() else _LAST  # where it says what to install
    return 1 if address.startswith(tuple(WEB)) else None


@cache
def _speaks_root() -> bool:
    return find_spec("XRootD") is not None


def _nowhere(wanted: Wanted) -> str:
    if wanted.sources:
        schemes = ", ".join(sorted({source.url.partition(":")[0][:20] for source in wanted.sources}))
        return f"{wanted.name!r} has no replica that can be read over https or root, only by {schemes!r}"
    if wanted.withheld:
        return f"{wanted.name!r} has no replica that can be had now ({', '.join(wanted.withheld)})"
    return f"{wanted.name!r} has no replica"


def _normal(checksum_text: str | None) -> str | None:
    return checksum_text.lower().rjust(8, "0") if checksum_text else None


def _already_there(path: Path, wanted: Wanted, check: Callable[[], None], *, force: bool) -> Fetched | None:
    """Return the file if it is there and is the one wanted; None if it is to be fetched."""
    try:
        size = path.stat().st_size
        found = checksum(path, check) if path.is_file() and wanted.bytes in {None, size} else None
    except FileNotFoundError:
        if path.is_symlink() and not force:
            raise NotFetchedError(f"{str(path)!r} is a link to nothing", "Remove it, or use --force.") from None
        return None
    except OSError as error:
        raise NotFetchedError(f"{str(path)!r} is there but cannot be read: {error.strerror}") from error
    promised = wanted.bytes is not None or wanted.adler32 is not None
    if promised and found is not None and wanted.adler32 in {None, found}:
        return Fetched(path, size, found, None)
    if not path.is_file():
        raise NotFetchedError(f"{str(path)!r} is there and is no file")
    if force:
        return None
    reissued = f"{REISSUED} " if any(source.storage_element in _PORTAL for source in wanted.sources) else ""
    hint = f"{reissued}Keep it, or replace it with --force."
    if not promised:
        raise NotFetchedError(f"{str(path)!r} is there already, and the lake does not say whether it is the same", hint)
    if found is None:
        raise NotFetchedError(f"{str(path)!r} is there already with {size} bytes; {wanted.bytes} were expected", hint)
    raise NotFetchedError(
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
        self._failed = downloader.failed
        self._part = part
        self._wanted = wanted
        self._progress = progress
        self._check = check
        self._shown = -1
        self._failures: list[Failure] = []

    def run(self, sources: list[Source]) -> Fetched:
        if self._wanted.bytes is not None:
            check_space(self._part.path, self._wanted.bytes - self._part.position)
        if self._complete_before_asking():
            return self._finish(None)
        for source in sources:
            try:
                self._from(source)
            except CutError as error:
                self._failed.add(source.host)
                self._failures.append(Failure(source, str(error), Failing.CUT))
            except WrongContentError as error:
                self._failures.append(Failure(source, str(error), Failing.WRONG))
            except ReplicaError as error:
                self._failures.append(Failure(source, str(error), Failing.REFUSED))
            else:
                self._failed.discard(source.host)
                return self._finish(source)
        reasons = "; ".join(map(str, self._failures))
        raise NotFetchedError(
            f"{self._wanted.name!r} could not be fetched: {reasons}", self._hint(), tuple(self._failures)
        )

    def _complete_before_asking(self) -> bool:
        """Return whether an earlier run was ended just before it gave the file its name."""
        part = self._part
        if part.position == 0 or part.position != self._wanted.bytes or self._wanted.adler32 is None:
            return False
        if f"{part.adler:08x}" == self._wanted.adler32:
            return True
        part.start_anew()
        return False

    def _from(self, source: Source) -> None:
        """Fetch from one address, with as many tries as patience allows."""
        row, furthest = 0, self._part.position
        tries = min(self._patience.tries, _TRIES_AGAIN) if source.host in self._failed else self._patience.tries
        while True:
            try:
                self._receive(source.url)
            except CutError as error:
                row += 1
                if self._part.position >= furthest + _PROGRESS_BYTES:
                    row, furthest = 1, self._part.position
                if row >= tries:
                    raise CutError(f"{error} ({row} {'try' if row == 1 else 'tries'})") from error
                self._patience.wait(error.pause, row, self._check)
                continue
            if self._verified():
                return

    def _receive(self, url: str) -> None:
        part, timeouts, arrived = self._part, self._patience.timeouts, self._arrived
        scheme, separator, rest = url.partition("://")
        address = f"{scheme.lower()}{separator}"
        if address in _FILE:
            copy.receive(url, part, arrived)
        elif address in XROOTD:
            xrootd.receive(url, part, timeouts, arrived, self._check)
        else:
            https.receive(self._session, f"{WEB[address]}{rest}", part, timeouts, arrived)

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
        raise WrongContentError(f"its {size} bytes have Adler-32 {found} where {expected} was expected")

    def _arrived(self) -> None:
        self._check()
        if self._part.position - self._shown >= _PROGRESS_BYTES or self._part.position < self._shown:
            self._shown = self._part.position
            self._progress(self._shown)

    def _finish(self, source: Source | None) -> Fetched:
        part = self._part
        size, adler = part.position, f"{part.adler:08x}"
        part.commit()
        self._progress(size)
        return Fetched(part.path, size, adler, source, part.resumed_at, tuple(self._failures))

    def _hint(self) -> str:
        wrong = [failure.source for failure in self._failures if failure.kind is Failing.WRONG]
        if any(source.storage_element in _PORTAL for source in wrong):
            return f"{REISSUED} If the list of files is older than the server's, update the program."
        if wrong:
            return "The damaged replicas are the business of those who run the storage elements: tell them."
        if any(_rank(failure.source.url) == _LAST for failure in self._failures):
            return "Check the network, or install atlasod-tui[xrootd] to read over root://."
        if any("certificate" in failure.reason for failure in self._failures):
            return "Set REQUESTS_CA_BUNDLE to a file with the authority that the server's certificate is from."
        if not self._part.position:
            return "Check the network, and fetch it again."
        return "Check the network; what was fetched so far is kept, and fetching it again goes on from there."
