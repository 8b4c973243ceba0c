"""``python -m atlasod_tui`` is ``atlasod-tui``: the screen without a verb, else the command line."""

from __future__ import annotations

import sys
from typing import NoReturn

from atlasod_tui.cli.main import run
from atlasod_tui.cli.screen_options import ScreenOptions


def main() -> NoReturn:
    """Run the command line of this process and exit."""
    sys.exit(run(sys.argv[1:], _screen))


def _screen(wanted: ScreenOptions) -> int:
    """Show the screen; verbs know nothing of it."""
    from atlasod_tui.tui.launch import launch  # noqa: PLC0415 - verbs do without

    return launch(wanted.lake, wanted.theme, ascii_only=wanted.ascii, read_only=wanted.read_only)


if __name__ == "__main__":
    main()
