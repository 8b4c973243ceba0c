"""A field for a folder that is written to: whether it can be, and how much its disk has left."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from textual.message import Message

from atlasod_tui import shown
from atlasod_tui.errors import AtlasodError
from atlasod_tui.tui.beside import beside
from atlasod_tui.tui.threads import Looking
from atlasod_tui.tui.widgets.field import Field


class Disk(NamedTuple):
    """What was found at a folder: bytes that are free, or why it cannot be written, as a sentence."""

    path: str
    free: int = 0
    problem: str = ""


def here() -> Path:
    """Return the current folder; the home where it is gone."""
    try:
        return Path.cwd()
    except OSError:
        return Path.home()


def look(path: str) -> Disk:
    """Return what is found at a folder, which need not exist yet; a file server may take its time to tell."""
    from atlasod_tui.jobs.tasks.output_folder import nearest, refuse_unwritable  # noqa: PLC0415 - not at start-up

    try:
        refuse_unwritable(Path(path), "folder")
        space = os.statvfs(nearest(Path(path)))
    except AtlasodError as error:
        return Disk(path, problem=f"{error.message}.")
    except (OSError, ValueError) as error:
        return Disk(path, problem=f"It cannot be used: {error}.")
    return Disk(path, space.f_bavail * space.f_frsize)


class PathField(Field):
    """A field for a file or folder.

    Args:
        label: Its name.
        path: What is there at first.
        id: Of the widget.
    """

    def __init__(self, label: str, path: Path | None, *, id: str) -> None:  # noqa: A002 - Textual's name
        self._first = "" if path is None else str(path)
        super().__init__(label, shown.path(self._first), id=id)
        self._here = str(here())

    @property
    def path(self) -> str:
        """What is meant, from the root; empty if there is nothing."""
        left = self.text == shown.path(self._first)  # which may begin or end with a blank
        whole = self._first if left else os.path.expanduser(self.text.strip())  # noqa: PTH111
        return os.path.normpath(os.path.join(self._here, whole)) if whole else ""  # noqa: PTH118 - raises nothing


class FolderField(PathField):
    """A field for a folder that is to be written to; the arguments are those of `PathField`."""

    class Looked(Message):
        """The folder was looked at."""

    def __init__(self, label: str, path: Path, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(label, path, id=id)
        self._looking = Looking(look)
        self._disk: Disk | None = None
        self._asked = ""

    @property
    def disk(self) -> Disk | None:
        """What was found there; None while that is not known."""
        return self._disk if self._disk is not None and self._disk.path == self.path else None

    def judge(self) -> str:
        """Return why the folder cannot be, as far as that is known yet."""
        path = self.path
        if not path:
            return "A folder is needed."
        if path != self._asked:
            self._asked = path
            beside(self, self._load_disk, path, group="disk")
        return self.disk.problem if self.disk is not None else ""

    async def _load_disk(self, path: str) -> None:
        self._disk = await self._looking.at(path)
        self.post_message(self.Looked())
