"""What reading from a Rucio and keeping rules in it have in common: the client, made when first needed."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from atlasod_tui.errors import LakeError
from atlasod_tui.lake.model import DID
from atlasod_tui.lake.rucio_errors import translated
from atlasod_tui.lake.rucio_settings import Settings

if TYPE_CHECKING:
    from atlasod_tui.lake.rucio.quiet import QuietClient

Row = dict[str, Any]
_HALF = re.compile("[\ud800-\udfff]")
"""A byte of the command line that is no text."""
Record = TypeVar("Record")


class Connection:
    """A profile and its client; it may be used by several threads, each iterator by one."""

    def __init__(self, settings: Settings, *, read_only: bool = False) -> None:
        self.settings = settings
        self._read_only = read_only
        self._client: QuietClient | None = None
        self._connecting = threading.Lock()
        self._account = settings.account

    @property
    def name(self) -> str:
        """Name of the profile."""
        return self.settings.profile

    @property
    def read_only(self) -> bool:
        """Whether writing was forbidden when the lake was chosen."""
        return self._read_only

    def account(self) -> str:
        """Return the name of the account this identity acts as."""
        if self._account is None:
            self._account = str(self.row(lambda client: client.whoami()).get("account"))
        return self._account

    def client(self) -> QuietClient:
        """Return the client; what goes wrong comes as it is: call this inside :func:`translated`."""
        with self._connecting:
            if self._client is None:
                from atlasod_tui.lake.rucio.client import connect  # noqa: PLC0415 - imports Rucio

                self._client = connect(self.settings)
            return self._client

    def close(self) -> None:
        """Let the connections go; another question makes new ones."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def one(self, ask: Callable[[QuietClient], Record]) -> Record:
        """Return an answer.

        Raises:
            LakeError: If there is none.
        """
        with translated(self.settings):
            return ask(self.client())

    def row(self, ask: Callable[[QuietClient], Any]) -> Row:
        """Return an answer that is one row.

        Raises:
            LakeError: If there is none.
        """
        with translated(self.settings):
            answer = ask(self.client())
            if not isinstance(answer, dict):
                raise TypeError(answer)
            return answer

    def each(
        self, ask: Callable[[QuietClient], Iterable[Any]], read: Callable[[Row], Iterable[Record]]
    ) -> Iterator[Record]:
        """Yield the records read from each row of an answer, while it arrives.

        Raises:
            LakeError: If the question fails, or the answer in the middle.
        """
        with translated(self.settings):
            for row in ask(self.client()):
                if not isinstance(row, dict):
                    raise TypeError(row)
                yield from read(row)

    def may_write(self) -> None:
        """Raise :class:`LakeError` where writing is forbidden."""
        if self._read_only:
            raise LakeError(f"the lake {self.name} was opened for reading only", "Leave --read-only out.")


def check_name(did: DID) -> None:
    """Refuse the two names that would turn an address into another one, even quoted, and what is no text."""
    if {did.scope, did.name} & {".", ".."} or _HALF.search(str(did)):
        raise LakeError(f"{did} cannot be a DID", "A DID is written SCOPE:NAME.")
