"""The command line: runs it, and turns whatever goes wrong into a sentence and an exit code."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress

from atlasod_tui.cli import output
from atlasod_tui.cli.screen_options import Screen, ScreenOptions
from atlasod_tui.errors import AtlasodError, UsageError

CANCELLED = 130
_JSON = "--json"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def _no_screen(_: ScreenOptions) -> int:
    raise UsageError("no verb was given", "See `atlasod-tui --help`.")


def run(arguments: list[str], screen: Screen = _no_screen) -> int:
    """Run a command line and return its exit code; nothing is raised.

    With ``--json``, an error that comes before any data is an object ``error`` on the standard output too.

    Args:
        arguments: Without the program's name.
        screen: Shows the screen, which is what is run without a verb.
    """
    output.Said.anything = False
    output.Said.beside_error = {}
    try:
        try:
            code = _command(arguments, screen) if arguments else screen(ScreenOptions())
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        return CANCELLED
    except BrokenPipeError:
        _quiet_exit()
        return 1
    except Exception as error:  # noqa: BLE001 - the last place where a sentence can be made of it
        return _complain(_sentence(error), arguments)
    return code if isinstance(code, int) else 0


def _command(arguments: list[str], screen: Screen) -> object:
    """Run what needs click, whose import is a thirtieth of what the screen takes to its first content."""
    from atlasod_tui.cli import verbs  # noqa: PLC0415

    return verbs.command(arguments, screen)


def _complain(error: AtlasodError, arguments: list[str]) -> int:
    """Write an error, for scripts too if they asked for JSON and have none yet, and return its exit code.

    The command line is looked at as it is: it may be what is wrong.
    """
    output.complain(error)
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    try:
        if _JSON in options and not output.Said.anything:
            output.say_json({**output.Said.beside_error, "error": output.document_of(error)})
        sys.stdout.flush()
    except OSError:  # closed, or on a full disk
        _quiet_exit()
    return error.exit_code


def _sentence(error: Exception) -> AtlasodError:
    """Return whatever went wrong as an error of ours."""
    if isinstance(error, AtlasodError):
        return error
    if isinstance(error, OSError) and error.errno in _FULL:
        where = error.filename or "the standard output"
        return AtlasodError(f"{where} cannot be written: {error.strerror}", "Make room there, or write elsewhere.")
    from atlasod_tui import unforeseen  # noqa: PLC0415 - seldom

    return unforeseen.told(error, "the program")


def _quiet_exit() -> None:
    """Point the standard output nowhere, or Python complains once more when it ends."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
