"""A request in the agent: its records, its batches and the room the client gives them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from atlasod_tui.lake.agent.answering import Answering
from atlasod_tui.lake.agent.protocol import BATCH_ROWS, WINDOW, End, Items, Message


def test_no_batch_is_empty_where_the_flushing_thread_was_first() -> None:
    sent: list[Message] = []
    answering = Answering(1, sent.append)

    def rows() -> Iterator[int]:
        yield from range((WINDOW + 1) * BATCH_ROWS)
        yield -1

    thread = threading.Thread(target=answering.run, args=(rows(),), daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while len(sent) < WINDOW or not answering._changed._waiters:  # type: ignore[attr-defined]  # it waits for room
        assert time.monotonic() < deadline
    with answering._changed:  # what waits for room cannot go on before the other thread has sent the batch
        answering.more(2)
        answering.flush()
    thread.join(30)
    assert isinstance(sent[-1], End)
    assert all(len(message.items) > 2 for message in sent if isinstance(message, Items))
    assert len(sent) == WINDOW + 3
