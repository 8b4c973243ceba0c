"""Where analyses and themes are looked for, and how one is loaded from its path."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from threading import RLock
from types import ModuleType

from atlasod_tui import paths

_PACKAGE = Path(__file__).resolve().parent
_ONE_AT_A_TIME = RLock()
"""Threads that redirect the standard output at the same time would not put it back."""


def folders(kind: str) -> list[Path]:
    """Return the existing folders of plug-ins of one kind, the user's own first.

    Args:
        kind: ``analyses``, ``themes``, or a folder in one of these (``analyses/background``).

    The order is the user's folder, then the checkout (a ``pyproject.toml`` beside the package), then
    the copy inside the installed wheel; a name found earlier hides the same name found later.
    """
    candidates = [paths.config_dir() / kind]
    if (checkout := paths.checkout()) is not None:
        candidates.append(checkout / kind)
    candidates.append(_PACKAGE / f"_{kind}")
    return [folder for folder in candidates if folder.is_dir()]


def files(kind: str, suffix: str) -> dict[str, Path]:
    """Return the plug-in files of one kind by stem, in the order of `folders`; a leading ``_`` makes a file private."""
    found: dict[str, Path] = {}
    for folder in folders(kind):
        for path in sorted(folder.glob(f"*{suffix}")):
            if not path.stem.startswith(("_", ".")):
                found.setdefault(path.stem, path)
    return found


def load(path: Path) -> ModuleType:
    """Execute a plug-in file as a module of its own and return it; whatever it raises is raised.

    What it prints goes to the standard error: the standard output is for data.
    """
    module = ModuleType(f"atlasod_tui_plugin_{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    try:
        # No bytecode of an earlier version: Python would take it if only a second lay between two edits.
        code = compile(path.read_bytes(), path, "exec", dont_inherit=True)
        with _ONE_AT_A_TIME, redirect_stdout(sys.stderr):
            exec(code, module.__dict__)  # noqa: S102 - it is a plug-in
    except BaseException:
        del sys.modules[module.__name__]
        raise
    return module
