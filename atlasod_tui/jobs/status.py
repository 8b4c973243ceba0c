"""What ``status.json`` says: where a job stands, written by its runner and read by everybody else."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

_Count = Annotated[int, msgspec.Meta(le=(1 << 63) - 1)]
_Time = Annotated[float, msgspec.Meta(ge=0, le=250e9)]
"""Seconds since the epoch, of a year with four digits: no calendar has others."""


class State(StrEnum):
    """The states of a job; ``LOST`` and ``DAMAGED`` are conclusions of a reader and never written by a runner."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    FAILED = "failed"
    DONE = "done"
    WAITING = "done, upload waiting for login"
    LOST = "lost"
    DAMAGED = "damaged"

    @property
    def active(self) -> bool:
        """Whether a runner is, or is about to be, at work."""
        return self in {State.QUEUED, State.RUNNING, State.CANCELLING}


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """One moment of a job; ``done`` and ``total`` are in ``unit``, ``rate`` per second; times are seconds.

    ``unit`` is ``B`` (bytes) or what is counted (``events``), ``updated`` counts since the epoch.

    ``host``, ``boot_id``, ``pid`` and ``started`` identify the runner (`identity.Identity`); a pid of 0 means
    that it has not reported yet. ``current`` is the file in hand, for people: of a dead runner all that were.
    """

    state: State
    host: str = ""
    boot_id: str = ""
    pid: int = 0
    started: float = 0.0
    updated: _Time = 0.0
    phase: str = ""
    done: _Count = 0
    total: _Count = 0
    unit: str = "events"
    rate: float = 0.0
    rates: dict[str, float] = {}
    """The rate over all of each phase that is over and counted something, by its first words."""
    eta_s: float | None = None
    current: str = ""
    skipped: int = 0
    exit_code: int | None = None
    message: str = ""
    hint: str = ""
    result: str = ""
