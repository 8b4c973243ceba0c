"""Objects to be stored in a ROOT file beside trees: histograms and texts, and the names they may have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from atlasod_tui.errors import AtlasodError
from atlasod_tui.rootfile import emit, records
from atlasod_tui.rootfile.histogram import Histogram1D, th1f


@dataclass(frozen=True)
class TextObject:
    """A text of any length under a name: a TObjString."""

    name: str
    text: str


Item: TypeAlias = Histogram1D | TextObject


@dataclass(frozen=True)
class StoredItem:
    """An object ready to be written behind a key with these ``strings``.

    Attributes:
        class_name: Its class.
        strings: Those of its key; see `records.key_strings`.
        size: Its bytes before compression.
        body: Its bytes in the file.
    """

    class_name: str
    strings: bytes
    size: int
    body: bytes


def stored(item: Item) -> StoredItem:
    """Return the bytes of an object and what its key says."""
    if isinstance(item, Histogram1D):
        class_name, title, body = "TH1F", item.title, th1f(item)
    else:
        class_name, title = "TObjString", "Collectable string class"
        body = emit.versioned(1, emit.tobject(), emit.string(item.text))
    strings = records.key_strings(class_name, item.name, title)
    return StoredItem(class_name, strings, len(body), emit.compressed(body))


def check_names(names: Iterable[str], where: str = "at the top level") -> None:
    """Refuse names that cannot stand in one directory of a ROOT file.

    Raises:
        AtlasodError: A name cannot be used, or is used twice.
    """
    seen: set[str] = set()
    for name in names:
        if not name or not name.isprintable() or "/" in name or ";" in name:
            raise AtlasodError(
                f"{name!r} cannot be a name in a ROOT file.", "Names have no '/', ';' or control characters."
            )
        if name in seen:
            raise AtlasodError(f"Two objects {where} of a ROOT file have the name {name!r}.")
        seen.add(name)
