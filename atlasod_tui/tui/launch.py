"""Starting the screen: refused where it cannot be, fitted to the terminal where it can."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import suppress


def launch(lake: str | None, theme: str | None, *, ascii_only: bool, read_only: bool) -> int:
    """Show the screen until the user quits, and return the exit code.

    Args:
        lake: As with ``--lake`` of verbs; None: that of the settings, of the last session, or the default one.
        theme: Name of a theme; None for what the settings or the terminal suggest.
        ascii_only: Whether only ASCII is to be drawn.
        read_only: Whether nothing is to change the lake.

    Raises:
        UsageError: If there is no terminal, or one that cannot show it: nothing was painted.
        AtlasodError: If the program met an error nobody foresaw; the terminal is as it was.
    """
    from atlasod_tui import config, shown  # noqa: PLC0415 - not for --help
    from atlasod_tui.tui.looks import fallbacks, terminal, theme_files  # noqa: PLC0415
    from atlasod_tui.tui.memory import Memory  # noqa: PLC0415

    refusal = terminal.refusal(os.environ, (sys.stdin, sys.stdout, sys.stderr), shutil.get_terminal_size())
    if refusal is not None:
        raise refusal
    # Read by textual when it is imported, which the check of a theme does.
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    themes, memory = theme_files.read_all(), Memory.recalled()
    choice = fallbacks.choose(
        os.environ,
        sys.stdout,
        settings := config.load(),
        themes.found,
        theme=theme or "",
        ascii_only=ascii_only,
        kept=memory.kept.theme,
    )
    from atlasod_tui.tui.app import AtlasodApp  # noqa: PLC0415
    from atlasod_tui.tui.basket import Basket  # noqa: PLC0415
    from atlasod_tui.tui.jobs.watch import JobWatch  # noqa: PLC0415
    from atlasod_tui.tui.keys import keymap  # noqa: PLC0415 - only now
    from atlasod_tui.tui.looks.look import Look  # noqa: PLC0415
    from atlasod_tui.tui.world import World  # noqa: PLC0415

    look = Look(themes.found[choice.theme], ascii=choice.ascii, console=choice.console)
    keys = keymap.made(settings.keys)
    basket = Basket(memory.kept.picks)
    world = World(JobWatch(), look, basket=basket, memory=memory, read_only=read_only, keys=keys.keys)
    app = AtlasodApp(world, lake, themes)
    app.notices = [*choice.notes, *filter(None, [themes.notice, keys.notice])]
    app.run()
    with suppress(OSError):  # the terminal is closed
        sys.stdout.write("".join(f"{shown.escape(text)}\n" for text in app.at_exit))
    _let_go()
    if (error := app.crash) is not None:
        raise error
    return app.return_code or 0


def _let_go() -> None:
    """Forget what a terminal that was closed no longer takes: Python would try again at the end, and end with 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
