"""An error that is none of ours, as a sentence: the traceback goes to a file of its own."""

from __future__ import annotations

import os
import time
import traceback

from atlasod_tui import paths
from atlasod_tui.errors import AtlasodError


def told(error: Exception, who: str, mark: str = "") -> AtlasodError:
    """Return a sentence whose hint names the file.

    Args:
        error: What was raised.
        who: Met the error, such as ``the program``.
        mark: Goes into the file's name.
    """
    first_line = (str(error).splitlines() or [""])[0]
    sentence = f"{who} met an error nobody foresaw: {type(error).__name__}: {first_line}"
    name = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{os.getpid()}{mark}.txt"
    try:
        folder = paths.state_dir() / "errors"
        path = folder / name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8", errors="backslashreplace")
    except (OSError, AtlasodError) as reason:
        return AtlasodError(sentence, f"The traceback could not be written: {getattr(reason, 'strerror', reason)}.")
    return AtlasodError(sentence, f"The traceback is in {path}.")
