"""The bytes of a file on a storage element, through the protocol classes of Rucio.

Of the protocols an RSE names, those are used that this program has an implementation for: the name of a class to import
is not taken from a server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from atlasod_tui.errors import AtlasodError, LakeAwayError, LakeError, LoginError, UsageError
from atlasod_tui.lake.model import DID

if TYPE_CHECKING:
    from atlasod_tui.lake.rucio.connection import Row

_IMPLEMENTATIONS = {
    "file": "atlasod_tui.lake.rucio.posix_protocol.Default",
    "root": "atlasod_tui.lake.rucio.xrootd_protocol.Default",
    "https": "atlasod_tui.lake.rucio.webdav_protocol.Default",
    "davs": "atlasod_tui.lake.rucio.webdav_protocol.Default",
}
_TEMPORARY = ".rucio.upload"
"""What Rucio's own client puts behind the name of a file that is not complete yet."""
_AWAY = {"ServiceUnavailable", "RSEChecksumUnavailable", "ConnectionError", "Timeout", "TimeoutError"}
_REFUSED = {"RSEAccessDenied"}
_BLOCK = 1 << 20


class ElementError(LakeError):
    """A storage element did not take a file; another one may."""


class ElementAwayError(ElementError, LakeAwayError):
    """A storage element does not answer at the moment."""


class ElementLoginError(ElementError, LoginError):
    """A storage element does not accept who asks."""


class Content(NamedTuple):
    """What a file is, whatever it is called; ``adler32`` has eight lower-case hexadecimal digits."""

    bytes: int
    adler32: str | None


def content_of(path: Path, adler32: str | None, check: Callable[[], None]) -> Content:
    """Return what a file of this machine is, which is read where the checksum is not known.

    Raises:
        UsageError: If it cannot be read.
    """
    from atlasod_tui.rootfile.adler import adler32 as adler_of  # noqa: PLC0415 - not for lists

    try:
        if adler32 is not None:
            return Content(path.stat().st_size, adler32)
        sum_, size = 1, 0
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                check()
                sum_ = adler_of(block, sum_)
                size += len(block)
    except OSError as error:
        raise UsageError(f"{str(path)!r} cannot be read: {error.strerror}") from error
    return Content(size, f"{sum_:08x}")


class Storage:
    """One storage element, open within the ``with`` block and for one thread.

    Args:
        settings: The RSE's, as the lake tells them.
        token: To be shown to it, where the lake is one of tokens.

    Raises:
        ElementError: If it cannot be written to from here.
    """

    def __init__(self, settings: Row, token: str | None = None) -> None:
        self.name = str(settings.get("rse"))
        self._settings, self._token = settings, token
        self._protocol: Any = None

    def __enter__(self) -> Self:
        from rucio.rse import rsemanager  # noqa: PLC0415 - imports Rucio

        refuse_settings(self._settings)
        protocol = _writable(self._settings)[0]
        own = {**protocol, "impl": _IMPLEMENTATIONS[protocol["scheme"]]}
        with self._sentences("cannot be reached"):
            self._protocol = rsemanager.create_protocol(
                {**self._settings, "protocols": [own]},
                "write",
                scheme=protocol["scheme"],
                domain="wan",
                auth_token=self._token,
                logger=_no_log,
            )
            self._protocol.connect()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(Exception):
            self._protocol.close()

    def content(self, did: DID, check: Callable[[], None] = lambda: None) -> Content | None:
        """Return what lies where a file belongs, None for nothing.

        Raises:
            ElementError: If it cannot be asked.
        """
        self._protocol.check = check
        with self._sentences("did not tell what it holds"):
            return self._content(self._url(did))

    def write(
        self,
        path: Path,
        did: DID,
        content: Content,
        *,
        progress: Callable[[int], None] = lambda _: None,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        """Lay a file down: under another name first, and compared with what it should be before it gets its own.

        Args:
            path: The file.
            did: What it is to be.
            content: Its size and checksum.
            progress: Called with the bytes written so far.
            check: Called now and then; ends the work by raising.

        Raises:
            ElementError: If that failed; nothing is left there, as far as it can be reached.
            LakeError: If the file is not what it was said to be.
        """
        url = self._url(did)
        part = url + _TEMPORARY
        self._protocol.progress, self._protocol.check = progress, check
        try:
            with self._sentences("did not take the file"):
                if self._protocol.exists(part):
                    self._protocol.delete(part)
                self._protocol.put(str(path), part)
                self._compare(path, self._content(part), content)
                if self._protocol.exists(url):
                    self._protocol.delete(url)
                self._protocol.rename(part, url)
        except BaseException:
            self._protocol.check = _go_on  # what ended the work does not end the cleaning up
            with suppress(Exception):
                self._protocol.delete(part)
            raise

    def remove(self, did: DID) -> bool:
        """Take the bytes of a file away again; return whether there were any.

        Raises:
            ElementError: If that failed.
        """
        url = self._url(did)
        self._protocol.check = _go_on
        with self._sentences("did not remove the file"):
            there = bool(self._protocol.exists(url))
            if there:
                self._protocol.delete(url)
        return there

    def remove_part(self, did: DID, check: Callable[[], None] = lambda: None) -> bool:
        """Remove what is there of a file that was not written to its end; return whether there was anything.

        Raises:
            ElementError: If that failed.
        """
        part = self._url(did) + _TEMPORARY
        self._protocol.check = check
        with self._sentences("did not remove an unfinished file"):
            there = bool(self._protocol.exists(part))
            if there:
                self._protocol.delete(part)
        return there

    def _url(self, did: DID) -> str:
        (url,) = self._protocol.lfns2pfns({"scope": did.scope, "name": did.name}).values()
        return str(url)

    def _content(self, url: str) -> Content | None:
        if not self._protocol.exists(url):
            return None
        found = self._protocol.stat(url)
        adler32 = found.get("adler32")
        return Content(int(found["filesize"]), None if adler32 is None else str(adler32).lower().rjust(8, "0"))

    def _compare(self, path: Path, found: Content | None, wanted: Content) -> None:
        if found is None:
            raise ElementError(f"{path.name} was written to {self.name}, and is not there", _ANOTHER)
        if found.bytes != wanted.bytes or found.adler32 not in {None, wanted.adler32}:
            raise ElementError(
                f"what {self.name} holds of {path.name} is not what was sent "
                f"({found.bytes} bytes, Adler-32 {found.adler32}, not {wanted.bytes} and {wanted.adler32})",
                "The file may have changed meanwhile, or the storage element is damaged; try again.",
            )

    @contextmanager
    def _sentences(self, what: str) -> Iterator[None]:
        try:
            yield
        except AtlasodError:
            raise
        except Exception as error:
            names = {kind.__name__ for kind in type(error).__mro__}
            sentence = f"the storage element {self.name} {what}: {_detail(error)}"
            if names & _REFUSED:
                raise ElementLoginError(sentence, "It wants a proxy or token of its own that is valid.") from error
            if names & _AWAY and "SSLError" not in names:
                raise ElementAwayError(sentence, "Try again in a few minutes.") from error
            raise ElementError(sentence, _ANOTHER) from error


_ANOTHER = "`atlasod-tui rses` lists others."


def refuse_settings(settings: Row) -> None:
    """Do nothing, unless this program could not write to a storage element even if that allowed it.

    Raises:
        ElementError: If so.
    """
    name = settings.get("rse")
    if not settings.get("deterministic", True):
        raise ElementError(f"the storage element {name} does not tell where its files belong", _ANOTHER)
    if settings.get("sign_url"):
        raise ElementError(f"the storage element {name} wants signed addresses, which this program cannot", _ANOTHER)
    if not _writable(settings):
        schemes = {str(protocol.get("scheme")) for protocol in settings.get("protocols") or []}
        known = ", ".join(sorted(schemes)) or "nothing"
        raise ElementError(
            f"the storage element {name} is written by {known}, which this program does not speak", _ANOTHER
        )


def _writable(settings: Row) -> list[Row]:
    """Return the protocols that can be used for writing over a wide area, best first."""
    found = [
        (_priority(protocol), protocol)
        for protocol in settings.get("protocols") or []
        if protocol.get("scheme") in _IMPLEMENTATIONS and _priority(protocol) > 0
    ]
    return [protocol for _, protocol in sorted(found, key=lambda each: each[0])]


def _priority(protocol: Row) -> int:
    """Return the place of a protocol in writing; 1 is best and 0 is never."""
    value = ((protocol.get("domains") or {}).get("wan") or {}).get("write")
    return value if isinstance(value, int) else 0


def _detail(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    general, found, own = str(error).partition("\nDetails: ")
    return " ".join((own if found else general).split())[:300] or type(error).__name__


def _go_on() -> None:
    """Take no notice of whether the work is to end."""


def _no_log(level: int, message: object, *arguments: object, **more: object) -> None:
    """Take what Rucio's protocols would write to the log of the root logger."""
    _ = level, message, arguments, more
