"""The public portal as a lake: the files of the 2020 (13 TeV) and 2016 (8 TeV) releases, read-only and without a login.

The list is ``opendata.json`` beside this file: name, size and Adler-32 as in the portal's records (CC0).

The scope is ``opendata``, under which the portal keeps its own 2025 release (``/eos/opendata/atlas/rucio/opendata``);
``ATLAS_OD_EDU`` belongs to the Rucio that has it. Datasets are called ``13TeV_2020.<skim>.Data`` and ``.MC``,
``8TeV_2016.Data`` and ``.MC``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

import msgspec

from atlasod_tui.errors import LakeError
from atlasod_tui.lake.conditions import conditions, matcher, metadata_of_name
from atlasod_tui.lake.face import ReadOnlyLake, Where
from atlasod_tui.lake.model import (
    DID,
    Dataset,
    DatasetReplica,
    Details,
    DIDType,
    FileEntry,
    Replica,
    Scope,
    StorageElement,
)

SCOPE = "opendata"
STORAGE_ELEMENT = "CERN-OPENDATA"
HTTPS = "https://opendata.cern.ch"
ROOT = "root://eospublic.cern.ch:1094/"
_FOLDER = "/eos/opendata/atlas"


class _File(msgspec.Struct, frozen=True, array_like=True):
    name: str
    bytes: int
    adler32: str
    record: int | None = None
    title: str | None = None
    doi: str | None = None


class _Dataset(msgspec.Struct, frozen=True):
    name: str
    metadata: dict[str, Any]
    folders: dict[str, list[_File]]

    @property
    def files(self) -> list[_File]:
        return [file for files in self.folders.values() for file in files]

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


class _Place(msgspec.Struct, frozen=True):
    """A file, with what leads to it."""

    file: _File
    folder: str
    dataset: _Dataset


@cache
def _catalogue() -> dict[str, _Dataset]:
    text = Path(__file__).with_name("opendata.json").read_bytes()
    return {dataset.name: dataset for dataset in msgspec.json.decode(text, type=list[_Dataset])}


class OpenData(ReadOnlyLake):
    """The lake ``opendata``; asking it needs no network.

    Args:
        https: What serves the portal's paths over https; a mirror or a class's own server may.
        root: What serves them by XRootD; empty if nothing does.
    """

    name = "opendata"
    _has = "no accounts, quotas or rules, and nobody can write to it"

    def __init__(self, https: str = HTTPS, root: str = ROOT) -> None:
        self._https = https.rstrip("/")
        self._root = root

    def scopes(self) -> Iterator[Scope]:
        """Yield the one scope."""
        yield Scope(SCOPE)

    def datasets(self, scope: str, pattern: str = "*", where: Where | None = None) -> Iterator[Dataset]:
        """Yield the datasets whose names match, by name."""
        self._check_scope(scope)
        matches, meets = matcher(pattern), conditions(where)
        for name, dataset in sorted(_catalogue().items()):
            if matches(name) and meets(_metadata(dataset)):
                yield Dataset(DID(SCOPE, name), DIDType.DATASET, len(dataset.files), dataset.bytes)

    def find_files(self, scope: str, pattern: str = "*", where: Where | None = None) -> Iterator[FileEntry]:
        """Yield the files whose names match, by name."""
        self._check_scope(scope)
        matches, meets = matcher(pattern), conditions(where)
        for name, place in sorted(self._places.items()):
            if matches(name) and (where is None or meets(_file_metadata(place))):
                yield _entry(place.file)

    def files(self, did: DID) -> Iterator[FileEntry]:
        """Yield the files of a dataset; of a file, itself."""
        for place in self._find(did):
            yield _entry(place.file)

    def show(self, did: DID) -> Details:
        """Return all there is to show of a dataset or a file."""
        places = self._find(did)
        dataset = _catalogue().get(did.name)
        if dataset is not None:
            size, total = dataset.bytes, len(places)
            replica = DatasetReplica(STORAGE_ELEMENT, total, total, size, size)
            return Details(
                did,
                DIDType.DATASET,
                total,
                size,
                open=False,
                metadata=dict(dataset.metadata),
                dataset_replicas=(replica,),
            )
        (place,) = places
        return Details(
            did,
            DIDType.FILE,
            1,
            place.file.bytes,
            place.file.adler32,
            metadata=_file_metadata(place) | {"dataset": place.dataset.name},
            replicas=(self._replica(place),),
        )

    def replicas(self, files: Iterable[DID]) -> Iterator[Replica]:
        """Yield the one replica of each file, with its https and its root address; a dataset stands for its files."""
        for did in files:
            for place in self._find(did):
                yield self._replica(place)

    def storage_elements(self) -> Iterator[StorageElement]:
        """Yield the portal's storage."""
        yield StorageElement(
            STORAGE_ELEMENT,
            ("https", "root"),
            why_not="the portal is read-only",
            country="CH",
            used=sum(dataset.bytes for dataset in _catalogue().values()),
        )

    @cached_property
    def _places(self) -> dict[str, _Place]:
        return {
            file.name: _Place(file, folder, dataset)
            for dataset in _catalogue().values()
            for folder, files in dataset.folders.items()
            for file in files
        }

    def _find(self, did: DID) -> list[_Place]:
        self._check_scope(did.scope)
        dataset = _catalogue().get(did.name)
        if dataset is not None:
            return [self._places[file.name] for file in dataset.files]
        place = self._places.get(did.name)
        return [place] if place is not None else self._unknown(did)

    def _replica(self, place: _Place) -> Replica:
        path = quote(f"{_FOLDER}/{place.folder}/{place.file.name}")
        return Replica(
            _entry(place.file), STORAGE_ELEMENT, tuple(f"{base}{path}" for base in (self._https, self._root) if base)
        )

    def _check_scope(self, scope: str) -> None:
        if scope != SCOPE:
            raise LakeError(f"the lake {self.name} has no scope {scope!r}", f"Its scope is {SCOPE}.")

    def _unknown(self, did: DID) -> NoReturn:
        import difflib  # noqa: PLC0415 - only for the message

        near = difflib.get_close_matches(did.name, [*_catalogue(), *self._places], n=3, cutoff=0.5)
        raise LakeError(
            f"the lake {self.name} has no dataset or file {did.name!r} in the scope {SCOPE}",
            f"Did you mean {' or '.join(near)}?" if near else f"`atlasod-tui ls {SCOPE}` names its datasets.",
        )


def _entry(file: _File) -> FileEntry:
    return FileEntry(DID(SCOPE, file.name), file.bytes, file.adler32)


def _metadata(dataset: _Dataset) -> dict[str, object]:
    return dataset.metadata | {"name": dataset.name, "length": len(dataset.files), "bytes": dataset.bytes}


def _file_metadata(place: _Place) -> dict[str, object]:
    file = place.file
    known = {"name": file.name, "bytes": file.bytes, "record": file.record, "title": file.title, "doi": file.doi}
    own = {key: value for key, value in known.items() if value is not None}
    return place.dataset.metadata | metadata_of_name(file.name) | own
