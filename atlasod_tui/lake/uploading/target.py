"""Where files are uploaded to, and what became of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from atlasod_tui.lake.model import DID, RuleState

WEEK = 604800
"""Seconds that an upload lasts, if nothing else is asked for."""


class Target(msgspec.Struct, frozen=True):
    """Where files go; a part of the specs of jobs."""

    rses: list[str]
    """Storage elements; the bytes go to the first that takes them, a rule brings them to each."""
    run_id: str
    """Eight hexadecimal digits, chosen when the job is made."""
    lake: str = ""
    """Name of the profile; empty for the default."""
    scope: str = ""
    """Empty: ``upload_scope`` of the settings, or ``user.<account>``."""
    dataset: str = ""
    """Its name, as it is; empty: made of account, run and ``title``."""
    title: str = ""
    lifetime: int | None = WEEK
    """Seconds, ``None`` for ever."""
    metadata: dict[str, Any] = {}
    """Of the dataset and each file; texts and numbers."""


class Uploaded(msgspec.Struct, frozen=True):
    """A file that is in the lake."""

    path: str
    did: DID
    bytes: int
    adler32: str
    storage_element: str
    """Where its bytes were written to."""
    taken_over: bool = False
    """Whether it was there already, with the same bytes."""


class ElementResult(msgspec.Struct, frozen=True):
    """What became of an upload on one storage element."""

    storage_element: str
    rule_id: str = ""
    state: RuleState | None = None
    expires: datetime | None = None
    """``None``: never, if there is a rule."""
    problem: str = ""
    """Why the files do not get there, as a sentence."""
    closed: bool = False
    """Whether it was closed for writing in the middle of the upload."""


class UploadResult(msgspec.Struct, frozen=True):
    """What became of an upload."""

    dataset: DID
    files: list[Uploaded]
    elements: list[ElementResult]
    expires: datetime | None = None
    lake: str = ""
    """Name of its profile."""
    host: str = ""
    """Address of its server."""
