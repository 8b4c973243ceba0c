"""Rows of Rucio's answers as records of the model."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from atlasod_tui.lake.model import (
    DID,
    Dataset,
    DatasetReplica,
    DIDType,
    FileEntry,
    Parent,
    Quota,
    Replica,
    ReplicaState,
    Rule,
    RuleState,
    StorageElement,
    Transfer,
)
from atlasod_tui.lake.rucio.connection import Row

_Word = TypeVar("_Word", bound=StrEnum)


def did(row: Row) -> DID:
    """Return the DID of a row."""
    return DID(str(row["scope"]), str(row["name"]))


def did_type(value: object) -> DIDType:
    """Return the type of a DID; collections whose type is not told are taken for datasets."""
    return _word(DIDType, str(value).lower(), DIDType.DATASET)


def dataset(row: Row) -> Dataset:
    """Return a dataset or container of a listing."""
    kind = row.get("did_type") or row.get("type")
    return Dataset(did(row), did_type(kind), _whole(row.get("length")), _whole(row.get("bytes")))


def file_entry(row: Row) -> FileEntry:
    """Return a file."""
    adler32 = row.get("adler32")
    known = None if adler32 is None else str(adler32).lower().rjust(8, "0")
    return FileEntry(did(row), _whole(row.get("bytes")), known, _whole(row.get("events")))


def replicas(row: Row) -> Iterator[Replica]:
    """Yield the replicas of one file, best first."""
    file = file_entry(row)
    urls: dict[str, list[tuple[int, str]]] = {rse: [] for rse in row.get("states") or {}}
    for url, place in (row.get("pfns") or {}).items():
        urls.setdefault(place["rse"], []).append((place.get("priority") or 0, url))
    for rse, found in sorted(urls.items(), key=lambda item: (min(item[1], default=(math.inf, "")), item[0])):
        state = str((row.get("states") or {}).get(rse, ReplicaState.AVAILABLE))
        yield Replica(
            file,
            rse,
            tuple(url for _, url in sorted(found)),
            _word(ReplicaState, state.lower().replace("_", " "), ReplicaState.UNKNOWN),
        )


def dataset_replica(row: Row) -> DatasetReplica:
    """Return how much of a dataset is on one storage element."""
    return DatasetReplica(
        str(row["rse"]),
        _whole(row.get("length")) or 0,
        _whole(row.get("available_length")) or 0,
        _whole(row.get("bytes")),
        _whole(row.get("available_bytes")),
    )


def parent(row: Row) -> Parent:
    """Return a dataset or container that a file is in, from its metadata."""
    return Parent(did(row), did_type(row.get("did_type")), time(row.get("expired_at")))


def end_of_file(own: datetime | None, rules: Iterable[Rule], parents: Iterable[Parent]) -> datetime | None:
    """Return when a file ends: with the last of its rules, which ends with what it is on at the latest.

    Args:
        own: When it ends whatever its rules are.
        rules: Those that keep it.
        parents: What it is in.
    """
    of = {parent.did: parent.expires for parent in parents}
    ends = [_sooner(rule.expires, of.get(rule.did)) for rule in rules]
    last = None if None in ends else max((end for end in ends if end is not None), default=None)
    return _sooner(own, last)


def storage_element(row: Row, details: Row, usage: list[Row]) -> StorageElement:
    """Return a storage element from its row in the list, its details and its usage."""
    readable, writable = (row.get(f"availability_{what}", True) is not False for what in ("read", "write"))
    closed = [verb for verb, is_open in (("reading", readable), ("writing", writable)) if not is_open]
    spaces = {space.get("source"): space for space in usage}
    space = spaces.get("storage") or spaces.get("rucio") or {}
    protocols = [protocol for protocol in details.get("protocols") or [] if _read_priority(protocol)]
    schemes = [str(protocol["scheme"]) for protocol in sorted(protocols, key=_read_priority)]
    return StorageElement(
        name=str(row["rse"]),
        schemes=tuple(dict.fromkeys(schemes)),
        readable=readable,
        writable=writable,
        why_not=f"closed for {' and '.join(closed)} by its operators" if closed else "",
        country=row.get("country_name"),
        used=_whole(space.get("used")),
        free=_whole(space.get("free")),
        total=_whole(space.get("total")),
    )


def quota(row: Row) -> Quota:
    """Return what an account uses and may use."""
    return Quota(str(row["rse"]), _whole(row.get("bytes")) or 0, _whole(row.get("files")) or 0, _limit(row))


def rule(row: Row) -> Rule:
    """Return a replication rule."""
    return Rule(
        id=str(row["id"]),
        did=did(row),
        state=_word(RuleState, str(row.get("state")), RuleState.UNKNOWN),
        expression=str(row.get("rse_expression") or ""),
        copies=_whole(row.get("copies")) or 0,
        account=row.get("account"),
        expires=time(row.get("expires_at")),
        created=time(row.get("created_at")),
        ok=_whole(row.get("locks_ok_cnt")) or 0,
        replicating=_whole(row.get("locks_replicating_cnt")) or 0,
        stuck=_whole(row.get("locks_stuck_cnt")) or 0,
        error=str(row.get("error") or ""),
        activity=str(row.get("activity") or ""),
        comment=str(row.get("comments") or ""),
        locked=bool(row.get("locked")),
    )


def transfer(row: Row) -> Transfer:
    """Return a file that a rule waits for."""
    source = row.get("last_source")
    return Transfer(
        did(row),
        str(row.get("rse") or ""),
        _whole(row.get("attempts")),
        str(row.get("last_error") or ""),
        None if source is None else str(source),
    )


def metadata(row: Row) -> dict[str, Any]:
    """Return what is known of a DID: its scope and name, and columns without a value, are left out."""
    found = {key: value for key, value in row.items() if value is not None and key not in {"scope", "name"}}
    return {key: time(value) if isinstance(value, datetime) else value for key, value in found.items()}


def time(value: object) -> datetime | None:
    """Return a time, which Rucio gives in UTC without saying so."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else None


def _sooner(*times: datetime | None) -> datetime | None:
    """Return the first of some times, of which ``None`` is never."""
    return min((one for one in times if one is not None), default=None)


def _limit(row: Row) -> int | None:
    value = row.get("bytes_limit")
    return _whole(value) if isinstance(value, int | float) and value >= 0 else None


def _whole(value: object) -> int | None:
    """Return a number that some servers write as a text; ``None`` for what is none, or without bound."""
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        return None


def _read_priority(protocol: Row) -> int:
    """Return the place of a protocol in reading over a wide area, 1 is best and 0 is never."""
    return _whole(((protocol.get("domains") or {}).get("wan") or {}).get("read")) or 0


def _word(words: type[_Word], value: str, otherwise: _Word) -> _Word:
    return words(value) if value in set(words) else otherwise
