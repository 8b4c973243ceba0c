"""One request in the agent: its records go out in batches, as far ahead of the client as that allows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from atlasod_tui import unforeseen
from atlasod_tui.errors import AtlasodError
from atlasod_tui.lake.agent.protocol import BATCH_ROWS, WINDOW, End, Items, Message, encode, failure
from atlasod_tui.lake.listings import Remembered


class Answering:
    """A request: one thread answers it, another sends what waits too long, a third says what the client wants.

    Args:
        id_: Of the request.
        send: Writes a message.
    """

    def __init__(self, id_: int, send: Callable[[Message], None]) -> None:
        self._id, self._send = id_, send
        self._rows: list[bytes] = []
        self._room = WINDOW
        self._cancelled = False
        self._old: Remembered | None = None
        self._changed = threading.Condition()

    def run(self, rows: Iterator[Any]) -> None:
        """Send the records and an end; what the iterator raises goes to the client."""
        end: Message = End(self._id)
        try:
            for row in rows:
                if not self._add(row):
                    break
            else:
                self._flush_rest(empty=self._old is not None)
        except Exception as error:  # noqa: BLE001 - the last place where a sentence can be made of it
            self._flush_rest()
            end = failure(
                self._id, error if isinstance(error, AtlasodError) else unforeseen.told(error, "the agent", "-agent")
            )
        self._send(end)

    def told(self, old: Remembered) -> None:
        """Mark what follows as an old answer."""
        self._old = old

    def more(self, batches: int) -> None:
        """Let further batches be sent."""
        with self._changed:
            self._room += batches
            self._changed.notify_all()

    def cancel(self) -> None:
        """Send no more records, and ask for no more as soon as the lake lets go."""
        with self._changed:
            self._cancelled = True
            self._changed.notify_all()

    def flush(self) -> None:
        """Send what there is, if the client has room for it."""
        with self._changed:
            if self._rows and self._room > 0:
                self._send_rows()

    def _add(self, row: Any) -> bool:
        """Take a record, wait for room where a batch is full, and return whether to go on."""
        text = encode(row)
        with self._changed:
            self._rows.append(text)
            if len(self._rows) >= BATCH_ROWS:
                self._wait_and_send()
            return not self._cancelled

    def _flush_rest(self, *, empty: bool = False) -> None:
        """Send the last batch; an old answer without records is told by an empty one."""
        with self._changed:
            if self._rows or empty:
                self._wait_and_send(empty=empty)

    def _wait_and_send(self, *, empty: bool = False) -> None:
        self._changed.wait_for(lambda: self._room > 0 or self._cancelled)
        # Meanwhile the other thread may have sent them.
        if not self._cancelled and (self._rows or empty):
            self._send_rows()

    def _send_rows(self) -> None:
        items = msgspec.Raw(b"[" + b",".join(self._rows) + b"]")
        self._rows.clear()
        self._room -= 1
        old = self._old
        self._send(Items(self._id, items, old.since, old.why.message) if old else Items(self._id, items))
