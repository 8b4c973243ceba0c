"""Where an analysis takes its samples from: picks, folders, DIDs, or the built-in sample; and what is in it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from atlasod_tui import shown
from atlasod_tui.errors import UsageError
from atlasod_tui.lake.model import DID, DIDType, FileEntry
from atlasod_tui.tui.analyses.availability import Stock, StockFile, Where
from atlasod_tui.tui.analyses.coming import without_replica, words
from atlasod_tui.tui.basket import Pick
from atlasod_tui.tui.equivalent import option

if TYPE_CHECKING:
    from atlasod_tui.tui.lake.link import Asker

Known = dict[tuple[str, DID], list[FileEntry]]
"""Files of the DIDs that a lake was asked for last, by its name: nothing is asked twice."""
_MOST_KNOWN = 200_000
"""Files."""


class Input(msgspec.Struct, frozen=True):
    """What is given to ``--input``; nothing at all for the built-in sample."""

    texts: tuple[str, ...] = ()
    """Folders, files, DIDs and addresses, as the user wrote them."""
    picks: tuple[Pick, ...] = ()
    lake: str = ""
    """Name of the lake of the DIDs."""
    follows: bool = False
    """Whether the picks are those of the basket, whatever they are."""

    @classmethod
    def of_picks(cls, picks: Iterable[Pick], *, follows: bool = False) -> Input:
        """Return the input that picks are.

        Raises:
            UsageError: If they are of several lakes: an analysis reads one.
        """
        chosen = tuple(picks)
        lakes = list(dict.fromkeys(pick.lake for pick in chosen))
        if len(lakes) > 1:
            raise UsageError(
                f"the picks are of {len(lakes)} lakes ({', '.join(lakes)}), and an analysis reads one",
                "Put those of the others back, or fetch them to a folder first.",
            )
        return cls(picks=chosen, lake=lakes[0] if lakes else "", follows=follows)

    @property
    def given(self) -> tuple[str, ...]:
        """What ``--input`` takes, one by one."""
        return (*self.texts, *(str(pick.did) for pick in self.picks))

    @property
    def built_in(self) -> bool:
        """Whether it is the built-in sample."""
        return not self.given

    @property
    def datasets(self) -> tuple[DID, ...]:
        """What it has files of; a DID that was typed may also be a file's."""
        typed = (DID.parse(text) for text in self.texts if _kind(text) == "did")
        return (*typed, *(pick.did for pick in self.picks if pick.type is not DIDType.FILE))

    def arguments(self) -> list[str]:
        """Return the options of ``analyse``."""
        words = [word for text in self.given for word in option("--input", text)]
        return words + option("--lake", "" if self.built_in else self.lake)

    def sentence(self) -> str:
        """Return it in words; holds text from outside."""
        if self.picks:
            one = f"the pick {self.picks[0].did}" if len(self.picks) == 1 else f"{len(self.picks)} picked DIDs"
            return f"{one} of {self.lake}" if self.lake else one
        if not self.texts:
            return "the built-in sample"
        words = {"path": "file" if self.texts[0].endswith(".root") else "folder", "did": "DID", "address": "address"}
        kind = words[_kind(self.texts[0])]
        of = f" of {self.lake}" if self.lake else ""
        return f"the {kind} {shown.some(map(shown.path, self.texts), 1)}{of}"

    def remembered(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {"given": [] if self.follows else list(self.given), "lake": self.lake, "basket": self.follows}

    @classmethod
    def recalled(cls, kept: Any, picks: Iterable[Pick]) -> Input:
        """Return what `remembered` was, the built-in sample for anything else; ``picks`` are those of the basket."""
        if not isinstance(kept, dict):
            return cls()
        given, lake = kept.get("given"), kept.get("lake")
        if kept.get("basket"):
            with suppress(UsageError):
                return cls.of_picks(picks, follows=True)
        if not (isinstance(given, list) and given and isinstance(lake, str)):
            return cls()
        return cls(tuple(text for text in given if isinstance(text, str)), lake=lake)


def usual(lake: str) -> Input:
    """Return the input where none was chosen: the lake in front if that is a folder, else the built-in sample."""
    return Input((lake,)) if lake.startswith("/") else Input()


def parts(folder: str) -> list[str]:
    """Return the folders right in a folder that samples are in; of a single one, nothing. Reads the disk."""
    from atlasod_tui.samples.find import parse_name  # noqa: PLC0415 - in a thread
    from atlasod_tui.samples.listing import list_files  # noqa: PLC0415

    try:
        files = list_files([Path(folder)]).files
    except UsageError:
        return []
    below = (path.relative_to(folder).parts for path in files if parse_name(path.name) is not None)
    found = {names[0] for names in below if len(names) > 1}
    return [str(Path(folder, name)) for name in sorted(found)] if len(found) > 1 else []


def typed(text: str, lake: str) -> Input:
    """Return the input that a user typed: one folder, file, DID or address.

    Raises:
        UsageError: If there is no such file or folder.
    """
    from atlasod_tui.jobs.tasks.given import kind  # noqa: PLC0415 - not at start-up

    text = os.path.expanduser(text.strip())  # noqa: PTH111 - a text
    match kind(text):
        case "path":
            path = os.path.abspath(text)  # noqa: PTH100 - links stay as they are
            if not os.path.exists(path):  # noqa: PTH110 - no errors
                raise UsageError(f"there is no file or folder {path!r}", "A DID is written SCOPE:NAME.")
            return Input((path,))
        case "did":
            return Input((text,), lake=lake)
        case _:
            return Input((text,))


async def stocks(
    wanted: Input, lake: Asker | None, known: Known, uploading: Iterable[str] = ()
) -> AsyncGenerator[Stock, None]:
    """Yield what is in an input: the names of its files first, then which are on this machine, or still to come.

    Args:
        wanted: The input.
        lake: The lake in front, which is asked for DIDs.
        known: What lakes were asked before; is added to, unless more is to come.
        uploading: Titles of jobs that upload to it.

    Raises:
        AtlasodError: If a folder cannot be read, or the lake does not answer or is another one than that of the DIDs.
    """
    if wanted.built_in:
        yield await asyncio.to_thread(built_in)
        return
    files = await asyncio.to_thread(_local, [text for text in wanted.texts if _kind(text) == "path"])
    files += [_remote(text) for text in wanted.texts if _kind(text) == "address"]
    datasets = wanted.datasets
    if not (datasets or wanted.picks):
        yield Stock(files)
        return
    entries = await _entries(wanted, lake, known)
    empty = [did for did in datasets if not known.get((wanted.lake, did), True)]
    note = words(0, empty, uploading)
    if note:
        _forget(wanted, known)
    yield Stock([*files, *(_on_lake(entry, of) for entry, of in entries)], note=note)
    if lake is None:
        return
    copies = await _copies([entry for entry, _ in entries], lake)
    yield Stock([*files, *(_as_it_is(entry, of, copies) for entry, of in entries)], note=note)
    away = [entry for entry, _ in entries if entry.did not in copies]
    only_datasets = all(pick.type is not DIDType.FILE for pick in wanted.picks)
    if late := await without_replica(away, datasets if only_datasets else (), lake):
        _forget(wanted, known)
        note = words(len(late), empty, uploading)
        yield Stock([*files, *(_as_it_is(entry, of, copies, late) for entry, of in entries)], note=note)


def _forget(wanted: Input, known: Known) -> None:
    """Have the lake asked anew for what may soon be more."""
    for did in wanted.datasets:
        known.pop((wanted.lake, did), None)


def built_in() -> Stock:
    """Return the files of the built-in sample, of which not all need have been generated yet."""
    from atlasod_tui.samples import starter  # noqa: PLC0415 - in a thread

    folder = starter.folder()
    try:
        names = msgspec.json.decode((folder / starter.INDEX).read_bytes(), type=list[str])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return Stock(otherwise=Where.MADE)
    files = []
    for name in names:
        path = folder / name
        size = _size(path)
        where = Where.MADE if size is None else Where.LOCAL
        files.append(StockFile(path.name, where, "" if size is None else str(path.parent), size))
    return Stock(files, otherwise=Where.SMALL)


async def _entries(wanted: Input, lake: Asker | None, known: Known) -> list[tuple[FileEntry, str]]:
    """Return the files of DIDs, and the dataset that each was named by."""
    from atlasod_tui.lake.agent.protocol import Files  # noqa: PLC0415 - not before a lake is asked

    entries = [
        (FileEntry(pick.did, pick.bytes, events=pick.events), pick.did.scope)
        for pick in wanted.picks
        if pick.type is DIDType.FILE
    ]
    for did in wanted.datasets:
        if (wanted.lake, did) not in known:
            if lake is None or lake.name != wanted.lake:
                raise UsageError(
                    f"what is in {did} can be told by the lake {wanted.lake} only", "L goes there; a runs it anyway."
                )
            known[wanted.lake, did] = (await lake.whole(Files(did))).items
        entries += [(entry, str(did)) for entry in known[wanted.lake, did]]
    while sum(map(len, known.values())) > _MOST_KNOWN and len(known) > 1:
        known.pop(next(iter(known)))
    return list({entry.did: (entry, of) for entry, of in entries}.values())


async def _copies(entries: list[FileEntry], lake: Asker) -> dict[DID, str]:
    from atlasod_tui.lake.agent.protocol import LocalCopies  # noqa: PLC0415 - not before a lake is asked

    return {copy.did: copy.path for copy in (await lake.whole(LocalCopies(entries))).items}


def _as_it_is(entry: FileEntry, of: str, copies: dict[DID, str], late: frozenset[DID] = frozenset()) -> StockFile:
    path = copies.get(entry.did)
    if path is None:
        return _on_lake(entry, of, Where.COMING if entry.did in late else Where.LAKE)
    return StockFile(_name(entry), Where.LOCAL, str(Path(path).parent), entry.bytes)


def _on_lake(entry: FileEntry, of: str, where: Where = Where.LAKE) -> StockFile:
    return StockFile(_name(entry), where, of, entry.bytes)


def _name(entry: FileEntry) -> str:
    return entry.did.name.rpartition("/")[2]


def _local(texts: list[str]) -> list[StockFile]:
    from atlasod_tui.samples.listing import list_files  # noqa: PLC0415 - in a thread

    files = list_files([Path(text) for text in texts]).files if texts else {}
    return [StockFile(path.name, Where.LOCAL, str(path.parent), _size(path)) for path in files]


def _remote(text: str) -> StockFile:
    from urllib.parse import unquote, urlsplit  # noqa: PLC0415 - for addresses only

    try:
        parts = urlsplit(text)
        return StockFile(unquote(parts.path).rpartition("/")[2], Where.LAKE, parts.hostname or "")
    except ValueError as error:
        raise UsageError(f"{text!r} is no address", "Check its host and port.") from error


def _kind(text: str) -> str:
    """Return ``path``, ``did`` or ``address`` without a look at any disk: paths are absolute here."""
    return "path" if text.startswith("/") else "address" if "://" in text else "did"


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
