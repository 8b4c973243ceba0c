"""Whether a folder can be written to, asked before any work is done."""

from __future__ import annotations

import os
from pathlib import Path

from atlasod_tui.errors import UsageError


def nearest(folder: Path) -> Path:
    """Return the folder itself or, where it does not exist, the one above it that does."""
    while not os.path.lexists(folder):
        folder = folder.parent
    return folder


def refuse_unwritable(folder: Path, option: str = "--output") -> None:
    """Do nothing, unless files cannot be written to a folder, or it cannot be made.

    Args:
        folder: The folder.
        option: The option that chooses another.

    Raises:
        UsageError: If so.
    """
    there = nearest(folder)
    if not os.path.isdir(there):  # noqa: PTH112 - no errors
        reason = f"{str(there)!r} is not a folder"
    elif not os.access(there, os.W_OK | os.X_OK):
        reason = f"no permission to write in {str(there)!r}"
    else:
        return
    raise UsageError(f"{str(folder)!r} cannot be written: {reason}", f"Choose another {option}.")


def refuse_existing(target: Path, *, force: bool) -> None:
    """Do nothing, unless an output exists and may not be replaced.

    Raises:
        UsageError: If so.
    """
    if os.path.isdir(target):  # noqa: PTH112 - no errors
        raise UsageError(f"{str(target)!r} is a folder", "Choose another --to.")
    if os.path.lexists(target) and not force:
        raise UsageError(f"{str(target)!r} exists already", "Choose another --to, or replace it with --force.")
