"""A browser, where there can be one: not at the other end of an SSH connection, and not in this terminal."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

_REMOTE = ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")


def possible() -> bool:
    """Return whether a page that is opened here would be seen by the user."""
    if any(os.environ.get(variable) for variable in _REMOTE):
        return False
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_page(url: str) -> bool:
    """Have a page opened in a window and return whether that was tried; it cannot be known whether it worked.

    A process of its own does it: ``webbrowser`` may wait for the browser's end, start one in the terminal, and let it
    write there.
    """
    if not possible():
        return False
    null = subprocess.DEVNULL
    try:
        process = subprocess.Popen(  # noqa: S603 - no shell; the address was checked
            [sys.executable, "-m", "webbrowser", url], stdin=null, stdout=null, stderr=null, start_new_session=True
        )
    except OSError:
        return False
    threading.Thread(target=process.wait, daemon=True).start()
    return True
