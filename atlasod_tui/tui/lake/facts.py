"""What was asked about single rows of a lake: where files are, and all there is to know of one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from atlasod_tui.errors import AtlasodError
from atlasod_tui.lake.agent.protocol import LocalCopies, Replicas, Show, WhyStuck
from atlasod_tui.lake.model import DID, Dataset, FileEntry, Replica, Scope
from atlasod_tui.tui.lake.details import Card, stuck_rules
from atlasod_tui.tui.lake.levels import Row, identity
from atlasod_tui.tui.lake.link import Asker
from atlasod_tui.tui.lake.written import Written

_MOST_CARDS, _MOST_REPLICAS = 300, 20_000
_AT_ONCE = 200
"""Files in one question."""


class KnownRows:
    """What is known of rows, kept.

    Args:
        lake: Which is asked.
    """

    def __init__(self, lake: Asker) -> None:
        self.lake = lake
        self._replicas: OrderedDict[DID, tuple[Replica, ...]] = OrderedDict()
        self._cards: OrderedDict[tuple[str, str], Card] = OrderedDict()

    def replicas(self, did: DID) -> Sequence[Replica] | None:
        """Return where a file is; None if that was not asked."""
        return self._replicas.get(did)

    def unknown(self, rows: Iterable[Row]) -> list[DID]:
        """Return the files of which nobody asked where they are."""
        return [row.did for row in rows if isinstance(row, FileEntry) and row.did not in self._replicas]

    async def load_replicas(self, dids: Sequence[DID]) -> None:
        """Ask where files are.

        Raises:
            AtlasodError: If the lake does not tell.
        """
        for start in range(0, len(dids), _AT_ONCE):
            some = list(dids[start : start + _AT_ONCE])
            found: dict[DID, list[Replica]] = {did: [] for did in some}
            for replica in (await self.lake.whole(Replicas(some))).items:
                found.setdefault(replica.file.did, []).append(replica)
            self._replicas.update({did: tuple(there) for did, there in found.items()})
        while len(self._replicas) > _MOST_REPLICAS:
            self._replicas.popitem(last=False)

    def card(self, row: Row) -> Card:
        """Return what is known of a row so far."""
        key = identity(row)
        card = self._cards.pop(key, None) or Card(row)
        self._cards[key] = card
        while len(self._cards) > _MOST_CARDS:
            self._cards.popitem(last=False)
        return card

    async def load_card(self, card: Card, changed: Callable[[Card], object]) -> None:
        """Ask for all there is to know of a row; errors are kept in the card."""
        row = card.row
        if isinstance(row, Scope) or card.asked:
            return
        try:
            batch = await self.lake.whole(Show(row.did))
        except AtlasodError as error:
            card.error = error
            changed(card)
            return
        if not batch.items:
            return
        card.details, card.since, card.error = batch.items[0], batch.since, None
        if card.details.replicas:
            self._replicas[row.did] = card.details.replicas
        changed(card)
        for rule in stuck_rules(card.details) if card.since is None else ():
            try:
                card.stuck[rule.id] = (await self.lake.whole(WhyStuck(rule.id))).items
            except AtlasodError as error:
                card.stuck[rule.id] = error
            changed(card)
        if not isinstance(row, Dataset):
            await self._look_here(card, row)
        card.asked = card.since is None
        changed(card)

    async def _look_here(self, card: Card, row: FileEntry) -> None:
        """See whether a file is on this machine; where that cannot be told, nothing is said of it."""
        known = card.details or row
        file = FileEntry(row.did, known.bytes, known.adler32)
        try:
            copies = (await self.lake.whole(LocalCopies([file]))).items
        except AtlasodError:
            return
        card.copy = copies[0].path if copies else ""

    def spoil(self, written: Written) -> None:
        """Hear that something was written: forget what is known of its scope."""
        for key in [key for key in self._cards if written.touches(key[0])]:
            del self._cards[key]
        for did in [did for did in self._replicas if written.touches(did.scope)]:
            del self._replicas[did]

    def forget(self) -> None:
        """Forget all."""
        self._cards.clear()
        self._replicas.clear()
