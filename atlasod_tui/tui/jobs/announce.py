"""What is done when a job ended that the user does not look at: a toast, the bell, the title of the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlasod_tui import shown
from atlasod_tui.tui.jobs import words as job_words

if TYPE_CHECKING:
    from typing import Any

    from textual.app import App

    from atlasod_tui.tui.jobs.watch import JobEnded
    from atlasod_tui.tui.world import World

_SEVERITIES = {"bad": "error", "warn": "warning"}
_LASTS = 8.0
_LONGEST = 200
# xterm's control sequences, which tmux and others know: keep the title on a stack, set it, take it back from there.
_PUSH, _SET, _POP = "\x1b[22;2t", "\x1b]2;{}\x07", "\x1b[23;2t"


class Announcer:
    """Tells of ended jobs, and puts the terminal's title back in the end.

    Args:
        app: What shows the toasts.
        world: How it looks.
    """

    def __init__(self, app: App[Any], world: World) -> None:
        self._app, self._world = app, world
        self._has_title = False

    def tell(self, ended: JobEnded) -> None:
        """Tell that a job ended, unless it is on the screen."""
        if ended.on_screen:
            return
        sentence = shown.escape(job_words.ended(ended.view)[:_LONGEST])
        severity: Any = _SEVERITIES.get(job_words.role(ended.view.status.state), "information")
        self._app.notify(sentence, severity=severity, timeout=_LASTS, markup=False)
        self._app.bell()
        if not self._world.look.console:  # which has no title
            self._write(("" if self._has_title else _PUSH) + _SET.format(self._title(ended)))
            self._has_title = True

    def close(self) -> None:
        """Put the title back."""
        if self._has_title:
            self._write(_POP)
            self._has_title = False

    def _title(self, ended: JobEnded) -> str:
        title = job_words.window_title(ended.view, self._world.look)
        return title.encode("ascii", "replace").decode() if self._world.look.ascii else title

    def _write(self, text: str) -> None:
        driver = self._app._driver  # noqa: SLF001 - there is no other way to the terminal
        if driver is not None and not self._app.is_headless:
            driver.write(text)
