"""Where the program is walked through: in this process, or in a real terminal; see `walk.Terminal`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.tui.piloting import text_of, until
from tests.tui.tmux import Tmux

if TYPE_CHECKING:
    from textual.pilot import Pilot

_TMUX_KEYS = {"enter": "Enter", "escape": "Escape", "space": "Space", "tab": "Tab", "shift+tab": "BTab", "down": "Down",
              "slash": "/"}  # fmt: skip


class Piloted:
    """The program in this process."""

    def __init__(self, pilot: Pilot[Any]) -> None:
        self._pilot = pilot

    async def keys(self, *names: str) -> None:
        await self._pilot.press(*names)

    async def text(self, text: str) -> None:
        await self._pilot.press(*text)

    async def until(self, wanted: Callable[[str], object], why: str, deadline: float = 30) -> str:  # noqa: ARG002
        seen = ""

        def holds() -> object:
            nonlocal seen
            seen = text_of(self._pilot.app)
            return wanted(seen)

        await until(self._pilot, holds, deadline)
        return seen


class InTmux:
    """The program in a real terminal."""

    def __init__(self, tmux: Tmux) -> None:
        self._tmux = tmux

    async def keys(self, *names: str) -> None:
        for name in names:
            self._tmux.keys(_TMUX_KEYS.get(name, name))
            await asyncio.sleep(0.02)  # an escape directly before another key would be alt and that key

    async def text(self, text: str) -> None:
        self._tmux.type(text)

    async def until(self, wanted: Callable[[str], object], why: str, deadline: float = 30) -> str:
        try:
            return self._tmux.until(wanted, deadline)
        except AssertionError as error:
            raise AssertionError(f"{why}: {error}") from None
