"""Which process a pid meant: host, boot, pid and start time together name a process for good."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

_PROC = Path("/proc")


class Identity(msgspec.Struct, frozen=True):
    """A process of one host and one boot; ``started`` is in the units of the host (clock ticks, or epoch seconds)."""

    host: str
    boot_id: str
    pid: int
    started: float

    @property
    def here(self) -> bool:
        """Whether this host is the one the process belongs to; only then can anything be said about it."""
        return self.host == host()

    @property
    def alive(self) -> bool:
        """Whether the process still runs on this host; False for one of another host."""
        return self.here and self.pid > 0 and self.boot_id == boot_id() and self.started == start_time(self.pid)


def own() -> Identity:
    """Return the identity of this process."""
    return of(os.getpid())


def of(pid: int) -> Identity:
    """Return the identity of a process of this host; ``started`` is 0 if there is none."""
    return Identity(host(), boot_id(), pid, start_time(pid) or 0.0)


def host() -> str:
    """Return the name of this host."""
    return os.uname().nodename


def boot_id() -> str:
    """Return what changes whenever this host is booted."""
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        import psutil  # noqa: PLC0415 - heavy, and only hosts without /proc need it

        return str(int(psutil.boot_time()))


def start_time(pid: int) -> float | None:
    """Return when a process started, or None if there is no such process (one that only waits to be reaped is dead)."""
    if not _PROC.joinpath("self").exists():
        return _start_time_psutil(pid)
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # proc(5): the command, in brackets, may hold blanks and brackets; state is field 3, starttime field 22.
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else float(fields[19])


def _start_time_psutil(pid: int) -> float | None:
    import psutil  # noqa: PLC0415 - heavy, and only hosts without /proc need it

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.Error:
        return None
