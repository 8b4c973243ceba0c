"""Cores and memory that this process may use."""

from __future__ import annotations

import os
from collections.abc import Iterator

from atlasod_tui.doctor.finding import Finding, note, ok
from atlasod_tui.jobs import cores

_LITTLE = 2e9


def look() -> Iterator[Finding]:
    """Yield what is found of processor and memory."""
    yield _cores()
    yield _memory()


def _cores() -> Finding:
    usable, all_ = cores.available(), os.cpu_count() or 1
    facts = {"usable": usable, "cores": all_}
    if usable < all_:
        return ok("machine", f"jobs may use {usable} of the {all_} cores (affinity, cgroup)", **facts)
    return ok("machine", f"jobs may use {usable} cores" if usable > 1 else "jobs may use one core", **facts)


def _memory() -> Finding:
    import psutil  # noqa: PLC0415 - heavy

    memory = psutil.virtual_memory()
    limit = cores.memory_left()
    free = memory.available if limit is None else min(memory.available, limit)
    facts = {"total": memory.total, "free": free, "cgroup_left": limit}
    by = " by the limit of its cgroup" if limit is not None and limit < memory.available else ""
    sentence = f"{free / 1e9:.3g} of {memory.total / 1e9:.3g} GB of memory can be had{by}"
    if free < _LITTLE:
        return note("machine", sentence, "Run one job at a time, with fewer --workers.", **facts)
    return ok("machine", sentence, **facts)
