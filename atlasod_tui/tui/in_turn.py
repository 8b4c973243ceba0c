"""Keys one after the other, however fast they come: each goes where the one before it has led.

Textual gives keys that come in one packet, as slow lines and pasted texts bring them, to what has the focus at that
moment: the letters after a ``tab`` would be typed into the field before.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App

if TYPE_CHECKING:
    from textual.message_pump import MessagePump
    from textual.screen import Screen

PATIENCE = 0.25
"""Seconds after which the next key has its turn all the same: what the one before does may take long, or be gone."""


class InTurn(App[None]):
    """The part of the app that keys come by."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[events.Event] = deque()
        """What was typed; the first is being done."""
        self._at_latest: asyncio.TimerHandle | None = None

    async def on_event(self, event: events.Event) -> None:
        """Have what is typed wait for its turn."""
        if event.is_forwarded or not isinstance(event, events.Key | events.Paste):
            await super().on_event(event)
            return
        self._typed.append(event)
        if len(self._typed) == 1:
            await self._do_first()

    async def _do_first(self) -> None:
        event, screen = self._typed[0], self.screen
        self._at_latest = asyncio.get_running_loop().call_later(PATIENCE, self._done, event)
        target = self.focused or screen
        await super().on_event(event)
        self._follow(event, target, screen)

    def _follow(self, event: events.Event, node: MessagePump, screen: Screen[Any]) -> None:
        """Go the way of a key, from its widget up to the app, behind it in the queue of each."""
        if node is self:
            self.call_later(self._arrived, event, screen)
        else:
            node.call_later(self._follow, event, node._parent or self, screen)  # noqa: SLF001

    def _arrived(self, event: events.Event, screen: Screen[Any]) -> None:
        if self.screen is screen:
            self._done(event)
        else:  # the key has led to another, which has to take its focus first
            self.screen.call_later(self._done, event)

    def _done(self, event: events.Event) -> None:
        if not self._typed or self._typed[0] is not event:
            return
        self._typed.popleft()
        if self._at_latest is not None:
            self._at_latest.cancel()
        if self._typed:
            self.call_later(self._do_first)
