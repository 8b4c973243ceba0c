"""Whether a folder can be written to and has the space, asked before any work is done."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from atlasod_tui import config
from atlasod_tui.errors import AtlasodError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable


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


def refuse_too_much(sizes: Iterable[int], option: str = "--factor") -> None:
    """Do nothing, unless more bytes were to be written than the setting ``max_bytes`` allows.

    Args:
        sizes: Bytes of each output.
        option: The option that makes them fewer.

    Raises:
        AtlasodError: If so.
    """
    total, most = sum(sizes), config.load().max_bytes
    if total > most:
        raise AtlasodError(
            f"{total} bytes would be written, more than the {most} that one job may write",
            f"Take a smaller {option}, or raise the setting max_bytes.",
        )


def refuse_full_disk(sizes: dict[Path, int], option: str = "--factor") -> None:
    """Do nothing, unless the file systems that outputs go to have less space left than these need together.

    Args:
        sizes: Bytes of each output, by its path.
        option: The option that makes them fewer.

    Raises:
        AtlasodError: If so.
    """
    needed: dict[int, int] = {}
    folders: dict[int, Path] = {}
    try:
        for target, size in sizes.items():
            folder = nearest(target.parent)
            device = folder.stat().st_dev
            folders.setdefault(device, folder)
            needed[device] = needed.get(device, 0) + size
        for device, folder in folders.items():
            space = os.statvfs(folder)
            free = space.f_bavail * space.f_frsize
            if free < needed[device]:
                raise AtlasodError(
                    f"{str(folder)!r} has {free} bytes left where {needed[device]} are needed",
                    f"Make room there, choose another --to, or take a smaller {option}.",
                )
    except OSError as error:
        raise AtlasodError(f"{error.filename!r} cannot be used: {error.strerror}", "Choose another --to.") from error
