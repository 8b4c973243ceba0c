"""What ``status.json`` says: where a job stands, written by its runner and read by everybody else."""

from __future__ import annotations

from enum import StrEnum

import msgspec


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
    updated: float = 0.0
    phase: str = ""
    done: int = 0
    total: int = 0
    unit: str = "events"
    rate: float = 0.0
    eta_s: float | None = None
    current: str = ""
    skipped: int = 0
    exit_code: int | None = None
    message: str = ""
    hint: str = ""
    result: str = ""
