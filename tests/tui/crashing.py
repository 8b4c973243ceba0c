"""``python -m tests.tui.crashing WHERE``: a program that meets an error nobody foresaw, run as the real one is."""

from __future__ import annotations

import sys

from textual.app import ComposeResult
from textual.widgets import Static

from atlasod_tui.cli.main import run
from atlasod_tui.cli.screen_options import ScreenOptions
from atlasod_tui.errors import UsageError
from tests.tui.piloting import make_world
from tests.tui.small_app import SmallApp


class CrashingApp(SmallApp):
    """The app."""

    def on_mount(self) -> None:
        """Fail, or make something that will."""
        where = sys.argv[1]
        if where == "mount":
            self.fall()
        elif where == "compose":
            self.page.mount(Crashing())
        elif where == "timer":
            self.set_timer(0.01, self.fall)
        elif where == "worker":
            self.run_worker(self.work())

    def fall(self) -> None:
        """Fail."""
        raise RuntimeError("on purpose")

    async def work(self) -> None:
        """Fail."""
        self.fall()

    def on_key(self) -> None:
        """Fail."""
        self.fall()


class Crashing(Static):
    """A widget that fails."""

    def compose(self) -> ComposeResult:
        """Fail."""
        raise RuntimeError("on purpose")


def screen(_: ScreenOptions) -> int:
    """Do as `launch` does."""
    if not sys.stdin.isatty():
        raise UsageError("this is no terminal")
    app = CrashingApp(make_world())
    app.run()
    if (error := app.crash) is not None:
        raise error
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(run([], screen))
