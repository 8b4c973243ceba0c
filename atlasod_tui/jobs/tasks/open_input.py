"""An input of a job that is a file of this machine or an address: opened, and recognised as unchanged."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from atlasod_tui.errors import BadFileError
from atlasod_tui.lake.remote import is_remote, open_source
from atlasod_tui.rootfile.tree import Tree, open_tree

if TYPE_CHECKING:
    from atlasod_tui.lake.transport.https import Session


_BRIEFLY = 2
"""Tries."""


def _nothing() -> None:
    """Go on."""


def _unknown(_: Session) -> None:
    """Tell a server nothing about this user."""


def open_input(
    path_or_url: str,
    tree: str,
    *,
    check: Callable[[], None] = _nothing,
    introduce: Callable[[Session], None] = _unknown,
    briefly: bool = False,
) -> Tree:
    """Return a tree of a file or address, which the tree closes.

    Args:
        check: Called each second while a server is silent; ends the work by raising.
        introduce: Gives connections over https the certificate and the authorities of a lake.
        briefly: Whether a server that does not answer is asked again only once.

    Raises:
        BadFileError: If it cannot be had, is damaged or has no such tree.
    """
    if is_remote(path_or_url):
        from atlasod_tui.lake.fetching.download import Patience  # noqa: PLC0415 - imports requests

        patience = Patience(tries=_BRIEFLY) if briefly else None
        return open_tree(open_source(path_or_url, check=check, patience=patience, introduce=introduce), tree)
    return open_tree(Path(path_or_url), tree)


def stat_input(path_or_url: str, *, check: Callable[[], None] = _nothing) -> tuple[int, int]:
    """Return the size in bytes and a number that changes with the content: the mtime in ns, 0 where unknown.

    What is read of an address is of the content that it had when it was opened, or is refused: asking again after
    each piece, as of a local file, is not needed.

    Raises:
        BadFileError: If it cannot be had.
    """
    if is_remote(path_or_url):
        source = open_source(path_or_url, check=check)
        source.close()
        return source.size, source.version
    try:
        status = os.stat(path_or_url)  # noqa: PTH116 - one call
    except OSError as error:
        raise BadFileError(f"{Path(path_or_url).name} cannot be opened: {error.strerror}") from error
    return status.st_size, status.st_mtime_ns
