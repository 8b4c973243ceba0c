"""What is in a lake, in the field's words: frozen records that any kind of lake answers with.

Sizes are in bytes. Times are ``datetime`` in UTC, with their zone. ``None`` stands for what the lake does not tell.
Names come from outside: they may hold any character, and are neither markup nor paths.

Of some there are 100 000: as they hold no others that could hold them, the garbage collector need not look at them.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from atlasod_tui.errors import UsageError


class DID(msgspec.Struct, frozen=True, order=True, gc=False):
    """A data identifier: the name of a file, dataset or container inside a scope."""

    scope: str
    name: str

    def __str__(self) -> str:
        return f"{self.scope}:{self.name}"

    @classmethod
    def parse(cls, text: str) -> DID:
        """Return the DID written as ``SCOPE:NAME``; the name may hold further colons.

        Raises:
            UsageError: If the scope or the name is missing.
        """
        scope, colon, name = text.partition(":")
        if not (scope and colon and name):
            raise UsageError(f"{text!r} is not a DID", "A DID is written SCOPE:NAME.")
        return cls(scope, name)


class Scope(msgspec.Struct, frozen=True):
    """A part of the lake with names of its own."""

    name: str
    account: str | None = None
    """Who owns it."""


class DIDType(StrEnum):
    """What a DID names."""

    FILE = "file"
    DATASET = "dataset"
    CONTAINER = "container"


class Dataset(msgspec.Struct, frozen=True, gc=False):
    """A dataset (holds files) or a container (holds datasets and containers)."""

    did: DID
    type: DIDType = DIDType.DATASET
    files: int | None = None
    """How many files it holds, also through what it contains."""
    bytes: int | None = None


class FileEntry(msgspec.Struct, frozen=True, gc=False):
    """A file as the catalogue knows it."""

    did: DID
    bytes: int | None = None
    adler32: str | None = None
    """Adler-32 of its bytes, eight lower-case hexadecimal digits."""
    events: int | None = None


class ReplicaState(StrEnum):
    """Whether the bytes of a replica can be had."""

    AVAILABLE = "available"
    UNAVAILABLE = "unavailable"
    COPYING = "copying"
    BEING_DELETED = "being deleted"
    BAD = "bad"
    TEMPORARY_UNAVAILABLE = "temporary unavailable"
    UNKNOWN = "unknown"


class Replica(msgspec.Struct, frozen=True):
    """One copy of a file."""

    file: FileEntry
    storage_element: str
    """Name of the RSE; of the host or of the folder in lakes that have none."""
    urls: tuple[str, ...]
    """Where it can be read, best first: ``root://``, ``https://``, ``file://``."""
    state: ReplicaState = ReplicaState.AVAILABLE


class DatasetReplica(msgspec.Struct, frozen=True):
    """How much of a dataset is on a storage element."""

    storage_element: str
    files: int
    available_files: int
    bytes: int | None = None
    available_bytes: int | None = None

    @property
    def complete(self) -> bool:
        """Whether every file is there."""
        return self.available_files >= self.files


class StorageElement(msgspec.Struct, frozen=True):
    """A storage element (RSE)."""

    name: str
    schemes: tuple[str, ...] = ()
    """Protocols it is read by, best first."""
    readable: bool = True
    writable: bool = False
    why_not: str = ""
    """Why it is not writable (or not readable), as a clause; empty if it is both."""
    country: str | None = None
    used: int | None = None
    free: int | None = None
    total: int | None = None


class Quota(msgspec.Struct, frozen=True):
    """What this account may keep on a storage element."""

    storage_element: str
    used: int
    files: int
    limit: int | None
    """``None``: no limit is known."""

    @property
    def remaining(self) -> int | None:
        """Return the bytes that may still be written, never below zero."""
        return None if self.limit is None else max(self.limit - self.used, 0)


class RuleState(StrEnum):
    """How far a rule is; Rucio's words."""

    OK = "OK"
    REPLICATING = "REPLICATING"
    STUCK = "STUCK"
    SUSPENDED = "SUSPENDED"
    INJECT = "INJECT"
    WAITING_APPROVAL = "WAITING_APPROVAL"
    UNKNOWN = "UNKNOWN"


class Rule(msgspec.Struct, frozen=True):
    """A replication rule: so many copies of a DID on the storage elements of an expression, for a time."""

    id: str
    did: DID
    state: RuleState
    expression: str
    """RSE expression: a name, or for instance ``country=FR``."""
    copies: int
    account: str | None = None
    expires: datetime | None = None
    """``None``: never."""
    created: datetime | None = None
    ok: int = 0
    """Locks (file and storage element) that are satisfied."""
    replicating: int = 0
    stuck: int = 0
    error: str = ""
    """Why it is stuck, in the server's words."""
    activity: str = ""
    comment: str = ""
    locked: bool = False


class Transfer(msgspec.Struct, frozen=True):
    """A file that a stuck rule waits for."""

    did: DID
    storage_element: str
    attempts: int | None = None
    error: str = ""
    source: str | None = None


class Parent(msgspec.Struct, frozen=True):
    """A dataset or container that a DID is in."""

    did: DID
    type: DIDType = DIDType.DATASET
    expires: datetime | None = None
    """``None``: never."""


class Details(msgspec.Struct, frozen=True):
    """All there is to show of one DID."""

    did: DID
    type: DIDType
    files: int | None = None
    bytes: int | None = None
    adler32: str | None = None
    """Of a file only."""
    account: str | None = None
    open: bool | None = None
    """Whether files may still be attached; of a dataset or container only."""
    expires: datetime | None = None
    """``None``: never. Of a file, when the last rule that keeps it ends."""
    metadata: dict[str, Any] = {}
    dataset_replicas: tuple[DatasetReplica, ...] = ()
    """Per storage element; of a dataset only."""
    replicas: tuple[Replica, ...] = ()
    """Of a file only."""
    parents: tuple[Parent, ...] = ()
    """Of a file only."""
    rules: tuple[Rule, ...] = ()
    """Those on it; of a file also those on what it is in."""
