"""What the screen remembers from one session to the next."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from atlasod_tui import paths, shown
from atlasod_tui.errors import AtlasodError
from atlasod_tui.tui.basket import Pick

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LARGEST = 32_000_000
"""Bytes of a session that are read: some 200 000 picks."""
_LONGEST_NAME = 4096
_FOLDERS = 3
"""Folders that were lakes which are remembered."""
_TURN = 1.0
"""Seconds that the session is not written for because another program writes it, which may have been stopped."""
_UNREADABLE = (OSError, ValueError, RecursionError, msgspec.MsgspecError, AtlasodError)
_UNWRITABLE = (UnicodeEncodeError, TypeError)
_Kind = TypeVar("_Kind")


class Kept(msgspec.Struct, kw_only=True):
    """The content of ``session.json``."""

    place: str = ""
    lake: str = ""
    folders: list[str] = []
    """Those that were lakes, the last first."""
    theme: str = ""
    picks: list[Pick] = []
    pages: dict[str, dict[str, Any]] = {}
    """What each page keeps of itself."""


class Memory:
    """The last session's end, and this one's so far.

    Of two programs at once the last to write is gone back to, but picks are those of both.
    """

    def __init__(self, kept: Kept | None = None) -> None:
        self.kept = kept or Kept()
        self._written = b""
        self._own = list(self.kept.picks)
        """The picks that are in the file by this program's doing, or were there when it began."""
        self._lock = threading.Lock()
        self._writer: threading.Thread | None = None

    @classmethod
    def recalled(cls) -> Memory:
        """Return what the last session left; without what is damaged in it."""
        try:
            with (paths.state_dir() / "session.json").open("rb") as file:
                content = file.read(_LARGEST + 1)
            if len(content) > _LARGEST:
                return cls()
            return cls(_sound(msgspec.json.decode(content, type=dict[str, msgspec.Raw])))
        except _UNREADABLE:
            return cls()

    def went_to(self, lake: str) -> None:
        """Keep the lake that is in front from now on."""
        self.kept.lake = lake
        if lake.startswith("/"):
            self.kept.folders = [lake, *(one for one in self.kept.folders if one != lake)][:_FOLDERS]

    def save(self) -> None:
        """Write it for the next session unless it is written; that it cannot be is no reason to complain."""
        self._write(self._now())

    def keep(self) -> None:
        """Do as `save` does in a thread, unless one is at it: the folder may be on a machine that does not answer."""
        if self._writer is None or not self._writer.is_alive():
            # A daemon, which the end of the program does not wait for.
            self._writer = threading.Thread(target=self._write, args=(self._now(),), name="session", daemon=True)
            self._writer.start()

    def finish(self, patience: float = 2.0) -> None:
        """Do as `save` does at the end of the program, which waits so many seconds for it."""
        end = time.monotonic() + patience
        for _ in range(2):  # what is being written may be what was
            self.keep()
            if self._writer is not None:
                self._writer.join(max(end - time.monotonic(), 0))

    def _now(self) -> Kept:
        """Return a copy, which nobody changes while it is written."""
        return msgspec.structs.replace(self.kept, picks=list(self.kept.picks), pages=dict(self.kept.pages))

    def _write(self, kept: Kept) -> None:
        from atlasod_tui.jobs.folder import write_atomic  # noqa: PLC0415 - not at once

        with self._lock, suppress(*_UNREADABLE):
            try:
                content = msgspec.json.encode(kept)
            except _UNWRITABLE:
                content = msgspec.json.encode(kept := _writable(kept))
            if content == self._written:
                return
            folder = paths.state_dir()
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _alone(folder):
                mine = {*self._own, *kept.picks}
                others = [pick for pick in Memory.recalled().kept.picks if pick not in mine]
                both = msgspec.structs.replace(kept, picks=[*kept.picks, *others])
                write_atomic(folder / "session.json", msgspec.json.encode(both) if others else content)
            self._written, self._own = content, kept.picks


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Have no other program write there meanwhile, as far as can be; a lock ends with the program that holds it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        end = time.monotonic() + _TURN
        while time.monotonic() < end:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.01)
            except OSError:  # folders have no locks on this file system
                break
            else:
                break
        yield
    finally:
        os.close(descriptor)


def _writable(kept: Kept) -> Kept:
    """Return it without what JSON cannot hold, as a name that is not UTF-8."""
    pages = {name: page for name, page in kept.pages.items() if _is_writable(page)}
    picks = [pick for pick in kept.picks if _is_writable(pick)]
    folders = [folder for folder in kept.folders if _is_writable(folder)]
    lake = kept.lake if _is_writable(kept.lake) else ""
    return msgspec.structs.replace(kept, lake=lake, folders=folders, picks=picks, pages=pages)


def _is_writable(part: object) -> bool:
    try:
        msgspec.json.encode(part)
    except _UNWRITABLE:
        return False
    return True


def _sound(found: dict[str, msgspec.Raw]) -> Kept:
    """Return what can be used: each part, each pick and each page's share is looked at for itself."""
    picks = _as(list[msgspec.Raw], found.get("picks")) or []
    pages = _as(dict[str, msgspec.Raw], found.get("pages")) or {}
    folders = [_name(raw) for raw in _as(list[msgspec.Raw], found.get("folders")) or []]
    return Kept(
        place=_name(found.get("place")),
        lake=_name(found.get("lake")),
        folders=[folder for folder in folders if folder.startswith("/")][:_FOLDERS],
        theme=_name(found.get("theme")),
        picks=[pick for raw in picks if (pick := _as(Pick, raw)) is not None and _is_possible(pick)],
        pages={name: kept for name, raw in pages.items() if (kept := _as(dict[str, Any], raw)) is not None},
    )


def _as(kind: type[_Kind], raw: msgspec.Raw | None) -> _Kind | None:
    if raw is None:
        return None
    try:
        return msgspec.json.decode(raw, type=kind)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return None


def _name(raw: msgspec.Raw | None) -> str:
    """Return a name or a path; one with control characters was not written by this program."""
    name = _as(str, raw) or ""
    return name if len(name) <= _LONGEST_NAME and shown.escape(name) == name else ""


def _is_possible(pick: Pick) -> bool:
    """Return whether a lake could have told of it."""
    numbers = (pick.bytes, pick.events, pick.files)
    return bool(pick.did.scope and pick.did.name) and all(number is None or number >= 0 for number in numbers)
