"""Files read where they are: columns over https (range requests) and root:// (vector reads), without a download."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from atlasod_tui.lake.transport.schemes import WEB, XROOTD

if TYPE_CHECKING:
    from atlasod_tui.lake.fetching.download import Patience
    from atlasod_tui.lake.remote.source import RemoteSource
    from atlasod_tui.lake.transport.https import Session


def is_remote(path_or_url: str) -> bool:
    """Return whether this is an address that `open_source` reads."""
    return path_or_url.lower().startswith((*WEB, *XROOTD))


def _nothing() -> None:
    """Go on."""


def _unknown(_: Session) -> None:
    """Tell a server nothing about this user."""


def open_source(
    url: str,
    *,
    check: Callable[[], None] = _nothing,
    patience: Patience | None = None,
    introduce: Callable[[Session], None] = _unknown,
) -> RemoteSource:
    """Open a file where it is; it is to be closed by whoever reads it.

    Args:
        check: Called each second while a server is silent or a pause is made; ends the work by raising.
        patience: How often a cut connection is made again, and how long a server may be silent.
        introduce: Gives the connections over https the certificate and the authorities of a lake.

    Raises:
        BadFileError: If it cannot be had.
    """
    from atlasod_tui.lake.fetching.download import Patience  # noqa: PLC0415 - requests is for those who use it
    from atlasod_tui.lake.remote.source import RemoteSource, Transport  # noqa: PLC0415

    patience = patience or Patience()
    scheme, separator, rest = url.partition("://")
    address = f"{scheme.lower()}{separator}"
    if address in XROOTD:
        from atlasod_tui.lake.remote.xrootd_reads import XRootDReads  # noqa: PLC0415

        transport: Transport = XRootDReads(url, patience.timeouts, check)
    else:
        from atlasod_tui.lake.remote.https_reads import HttpsReads  # noqa: PLC0415

        transport = HttpsReads(WEB[address] + rest, patience.timeouts, check, introduce)
    return RemoteSource(url, transport, patience, check)
