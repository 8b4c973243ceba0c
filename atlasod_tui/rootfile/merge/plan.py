"""What an output will hold, and where, to the byte: known before one is written.

Layout: head (header, top directory), directories, streamer infos, histograms and other objects, the baskets of copy
after copy, trees, key lists, free segments. What comes before the baskets has 32-bit positions, so that the bytes of
other objects, which count the length of their key, stay valid; baskets always have 64-bit positions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby

import numpy as np

from atlasod_tui.errors import AtlasodError, BadFileError, UsageError
from atlasod_tui.rootfile import records
from atlasod_tui.rootfile.container import DAMAGE, because
from atlasod_tui.rootfile.emit import compressed, string
from atlasod_tui.rootfile.items import TextObject, check_names
from atlasod_tui.rootfile.items import stored as stored_item
from atlasod_tui.rootfile.merge import agreement
from atlasod_tui.rootfile.merge.agreement import path
from atlasod_tui.rootfile.merge.emission import Part, emit, joined, part_size
from atlasod_tui.rootfile.merge.histograms import added
from atlasod_tui.rootfile.merge.infos import Infos, parse_infos, union
from atlasod_tui.rootfile.merge.layout import Layout, Piece, Stretch
from atlasod_tui.rootfile.merge.nodes import Pointed, UnknownLayoutError
from atlasod_tui.rootfile.merge.source import Kept, Place, Source
from atlasod_tui.rootfile.merge.trees import Run, merged
from atlasod_tui.rootfile.streamers import STREAMER_KEY, streamer_list

_MOST_COMPRESSED = 1 << 22  # bytes of a tree; a longer one is made while it is written, and not compressed
_TEXT_CLASS = "TObjString"


@dataclass(frozen=True, eq=False)
class Plan:
    """An output to the byte.

    Attributes:
        name: The name that the file says it has.
        size: Its bytes.
        entries: Of each tree, by its path in the file.
        bytes_to_copy: Those of baskets.
        notes: What will not be as in the sources, as sentences.
        runs: The sources in their order.
        before: What is written from the beginning of the file on, up to the baskets.
        images_begin: Where the baskets are.
        after: What is written behind them, up to the end.
        virtual: Whether all copies of a source are the same bytes.
    """

    name: str
    size: int
    entries: dict[str, int]
    bytes_to_copy: int
    notes: tuple[str, ...]
    runs: tuple[Run, ...]
    before: tuple[Piece, ...]
    images_begin: int
    after: tuple[Piece, ...]
    virtual: bool

    @property
    def sources(self) -> list[Source]:
        """The different sources."""
        return list(dict.fromkeys(run.source for run in self.runs))


def plan(sequence: Sequence[Source], name: str, *, texts: Sequence[TextObject] = (), virtual: bool = False) -> Plan:
    """Return what merging the sources in this order gives; nothing is read or written.

    Args:
        sequence: What `read_source` returned; one several times for so many copies.
        name: What the output is called.
        texts: Top-level objects to be in the output, instead of those of the same names in the sources.
        virtual: Whether the copies of a source are to be the same bytes, with several table entries for each.

    Raises:
        BadFileError: The sources do not fit together; the sentence says where they differ.
        AtlasodError: The output would not fit into a ROOT file.
    """
    if not sequence:
        raise UsageError("There is nothing to merge.")
    try:
        return _Planning(sequence, name, texts, virtual=virtual).plan()
    except BadFileError:
        raise
    except DAMAGE as error:  # numbers of a source that do not fit where their sum should be, for example
        raise BadFileError(
            f"{sequence[0].name}, or what is merged with it, is damaged: its numbers make no sense."
        ) from error


class _Planning:
    def __init__(self, sequence: Sequence[Source], name: str, texts: Sequence[TextObject], *, virtual: bool) -> None:
        known: dict[tuple[tuple[int, int], int, int], Source] = {}  # a file that was read twice is one all the same
        same = [known.setdefault((source.identity, source.size, source.mtime_ns), source) for source in sequence]
        self._groups = [(source, len(list(group))) for source, group in groupby(same)]
        self._sources = list(dict.fromkeys(source for source, _ in self._groups))
        self._first = self._sources[0]
        self._copies = len(sequence)
        self._texts = {(text.name,): text for text in texts}
        self._virtual = virtual
        self._name = name
        head = records.FileHead(name, self._first.title, self._first.compression)
        self._layout = Layout(head, self._seed())

    def _seed(self) -> bytes:
        """Return a hash of what goes in, from which the UUIDs are made: same inputs, same bytes."""
        digest = blake2b(string(self._name) + bytes((self._virtual,)))
        for source, count in self._groups:
            digest.update(source.digest + count.to_bytes(8, "big") + source.size.to_bytes(8, "big"))
        for text in self._texts.values():
            digest.update(string(text.name) + string(text.text))
        return digest.digest()

    def plan(self) -> Plan:
        agreement.check(self._sources)
        for source in self._sources:
            for place, folder in source.folders.items():
                self._layout.add_folder(place, folder)
        self._layout.add_infos(STREAMER_KEY, self._infos())
        self._add_objects()
        self._add_texts()
        begin = self._layout.end
        if begin > records.BIG:
            raise AtlasodError("What is not in trees exceeds 2 GB.", "It cannot be kept in one file with them.")
        runs, size = self._runs(begin)
        self._layout.leave(size)
        entries = {path(place): self._add_tree(place, runs) for place in self._first.trees}
        order = dict.fromkeys(place for source in self._sources for place in source.places)
        self._layout.finish([*(place for place in order if place not in self._texts), *self._texts])
        before, after = self._layout.pieces
        return Plan(
            name=self._name,
            size=self._layout.end,
            entries=entries,
            bytes_to_copy=size,
            notes=tuple(agreement.notes(self._sources, self._copies, self._texts)),
            runs=tuple(runs),
            before=tuple(before),
            images_begin=begin,
            after=tuple(after),
            virtual=self._virtual,
        )

    def _infos(self) -> bytes:
        key_length = records.key_length(STREAMER_KEY)
        infos: dict[int, Infos] = {id(source.infos): source.infos for source in self._sources}
        texts = [parse_infos(streamer_list([_TEXT_CLASS]), key_length)] if self._texts else []
        return union([*infos.values(), *texts], key_length)

    def _add_objects(self) -> None:
        done: set[Place] = set(self._texts)
        for source in self._sources:
            for place, kept in source.histograms.items():
                if place not in done:
                    done.add(place)
                    self._add_histogram(place, kept)
            for place, found in source.others.items():
                if place not in done:
                    done.add(place)
                    key = found.key
                    stretch = Stretch(source, key.address + key.key_length, key.stored - key.key_length)
                    self._layout.add_object(place, found.strings, key.object_length, [stretch], big=found.big)

    def _add_histogram(self, place: Place, kept: Kept) -> None:
        """Append a histogram: the sum of all files that have it, or the one that there is as it is."""
        groups = [(source, count) for source, count in self._groups if place in source.histograms]
        if sum(count for _, count in groups) == 1:
            size, stored = kept.object.key.object_length, kept.stored
        else:
            body = _sum(place, groups)
            size, stored = len(body), compressed(body)
        self._layout.add_object(place, kept.object.strings, size, [bytearray(stored)], big=kept.object.big)

    def _add_texts(self) -> None:
        check_names(text.name for text in self._texts.values())
        known = agreement.kinds(self._sources)
        for place, text in self._texts.items():
            if known.get(place, _TEXT_CLASS) != _TEXT_CLASS:
                raise BadFileError(f"{self._first.name} has a {known[place]} of the name {text.name!r} already.")
            item = stored_item(text)
            self._layout.add_object(place, item.strings, item.size, [bytearray(item.body)], big=False)

    def _runs(self, begin: int) -> tuple[list[Run], int]:
        """Return where the baskets of each copy go, and how many bytes they take in all."""
        runs, end = [], begin
        known: dict[Source, int] = {}
        for source, count in self._groups:
            size = source.image.size
            if self._virtual:
                if source not in known:
                    known[source] = end
                    end += size
                bases = np.full(count, known[source], np.int64)
            else:
                bases = end + size * np.arange(count, dtype=np.int64)
                end += size * count
            runs.append(Run(source, bases))
        return runs, end - begin

    def _add_tree(self, place: Place, runs: Sequence[Run]) -> int:
        """Append a tree and return its entries."""
        kept = self._first.trees[place].kept
        tree = kept.parse(self._first.infos)
        edits, entries = merged(tree, place, runs)
        strings = kept.object.strings
        big = records.is_big(self._layout.end, self._layout.parent(place))
        parts = emit(tree, records.key_length(strings, big=big), edits)
        size = sum(map(part_size, parts))
        stored: list[Part] = [bytearray(compressed(joined(parts)))] if size <= _MOST_COMPRESSED else parts
        self._layout.add_object(place, strings, size, stored, big=big)
        return entries


def _sum(place: Place, groups: Sequence[tuple[Source, int]]) -> bytes:
    """Return the sum of a histogram of several files, each so many times in a row."""
    nodes = {source: _parsed(source, place) for source in dict.fromkeys(source for source, _ in groups)}
    parts = [(source.name, nodes[source][0], count) for source, count in groups]
    first, understood = nodes[groups[0][0]]
    key = groups[0][0].histograms[place].object.key
    body = joined(emit(first, key.key_length, added(parts, path(place))))
    if len(body) != key.object_length and not understood:
        raise BadFileError(
            f"the histogram {path(place)!r} keeps errors (Sumw2) in some files, but not in {groups[0][0].name}.",
            "Begin with a file that has them.",
        )
    return body


def _parsed(source: Source, place: Place) -> tuple[Pointed, bool]:
    """Return a histogram, and whether all that hangs on it, such as a fitted function, is understood."""
    kept = source.histograms[place]
    try:
        try:
            return kept.parse(source.infos), True
        except UnknownLayoutError:
            return kept.parse(source.infos, lenient=True), False
    except DAMAGE as error:
        raise BadFileError(
            f"the histogram {path(place)!r} in {source.name} cannot be added{because(error)}.",
            "ROOT's hadd may be able to do it.",
        ) from error
