"""The end of the program when its terminal is closed, or when it is told to end: as after ``q``, and jobs go on."""

from __future__ import annotations

import asyncio
import signal

from textual.app import App

_TOLD = (signal.SIGHUP, signal.SIGTERM)
_BY_SIGNAL = 128
"""Exit codes of programs that a signal ended begin here, as shells tell them."""


class Ending(App[None]):
    """The part of the app that hears of signals."""

    def mind_signals(self) -> None:
        """End properly from now on: the session is saved, the terminal is as it was. What is ignored stays so."""
        loop = asyncio.get_running_loop()
        for number in _TOLD:
            if not self.is_headless and signal.getsignal(number) is signal.SIG_DFL:
                loop.add_signal_handler(number, self.exit, None, _BY_SIGNAL + number)
