"""What is done when a job ended that the user does not look at: a toast, the bell, the title of the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlasod_tui import shown
from atlasod_tui.tui.jobs import words as job_words

if TYPE_CHECKING:
    from typing import Any

    from textual.app import App

    from atlasod_tui.tui.jobs.watch import JobEnded
    from atlasod_tui.tui.looks.look import Look

_SEVERITIES = {"bad": "error", "warn": "warning"}
_LASTS = 8.0
_LONGEST = 200
# xterm's control sequences, which tmux and others know: keep the title on a stack, set it, take it back from there.
_PUSH, _SET, _POP = "\x1b[22;2t", "\x1b]2;{}\x07", "\x1b[23;2t"


class Announcer:
    """Tells of ended jobs, and puts the terminal's title back in the end.

    Args:
        app: What shows the toasts.
    """

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._has_title = False

    def tell(self, ended: JobEnded, look: Look) -> None:
        """Tell that a job ended, unless it is on the screen."""
        if ended.on_screen:
            return
        sentence = shown.escape(job_words.ended(ended.view)[:_LONGEST])
        severity: Any = _SEVERITIES.get(job_words.role(ended.view.status.state), "information")
        for note in list(self._app._notifications):  # noqa: SLF001 - Textual clears all or none
            if ended.view.id in note.message:  # that it is started
                self._app._unnotify(note, refresh=False)  # noqa: SLF001
        self._app.notify(sentence, severity=severity, timeout=_LASTS, markup=False)
        self._app.bell()
        if not look.console:  # which has no title
            self._write(("" if self._has_title else _PUSH) + _SET.format(_title(ended, look)))
            self._has_title = True

    def close(self) -> None:
        """Put the title back."""
        if self._has_title:
            self._write(_POP)
            self._has_title = False

    def _write(self, text: str) -> None:
        driver = self._app._driver  # noqa: SLF001 - there is no other way to the terminal
        if driver is not None and not self._app.is_headless:
            driver.write(text)


def _title(ended: JobEnded, look: Look) -> str:
    title = job_words.window_title(ended.view, look)
    return title.encode("ascii", "replace").decode() if look.ascii else title
