"""How many cores this process may use, by affinity and cgroup, and how much memory its cgroup leaves it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_LIMIT = 1 << 60
"""What version 1 of the memory controller says where there is none, or more."""


def available(root: Path = Path("/")) -> int:
    """Return the number of threads worth starting, at least 1; part of a core in a quota is not counted.

    Args:
        root: Where ``proc`` and ``sys`` are looked for.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, int(min([float(cores), *_quotas(root)])))


def memory_left(root: Path = Path("/")) -> int | None:
    """Return the bytes that the limits of the cgroup still leave; ``None`` without a limit.

    Args:
        root: Where ``proc`` and ``sys`` are looked for.
    """
    return min(_memory(root), default=None)


def _memory(root: Path) -> Iterator[int]:
    """Yield what every limit in force leaves (``memory.max`` in version 2, ``memory.limit_in_bytes`` in version 1)."""
    mount = root / "sys/fs/cgroup"
    for controllers, group in _groups(root / "proc/self/cgroup"):
        if not controllers:
            for folder in _upwards(mount, group):
                yield from _difference(_text(folder / "memory.max"), _text(folder / "memory.current"))
        elif "memory" in controllers.split(","):
            for folder in _upwards(mount / "memory", group):
                limit, used = _text(folder / "memory.limit_in_bytes"), _text(folder / "memory.usage_in_bytes")
                if limit.isdecimal() and int(limit) < _NO_LIMIT:
                    yield from _difference(limit, used)


def _quotas(root: Path) -> Iterator[float]:
    """Yield every quota in force, in cores (cgroups(7): ``cpu.max`` in version 2, ``cpu.cfs_*`` in version 1)."""
    mount = root / "sys/fs/cgroup"
    for controllers, group in _groups(root / "proc/self/cgroup"):
        if not controllers:
            for folder in _upwards(mount, group):
                quota, _, period = _text(folder / "cpu.max").partition(" ")
                yield from _ratio(quota, period)
        elif "cpu" in controllers.split(","):
            for folder in _upwards(mount / controllers, group) + _upwards(mount / "cpu", group):
                yield from _ratio(_text(folder / "cpu.cfs_quota_us"), _text(folder / "cpu.cfs_period_us"))


def _groups(file: Path) -> Iterator[tuple[str, str]]:
    for line in _text(file).splitlines():
        _, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        yield controllers, group


def _upwards(mount: Path, group: str) -> list[Path]:
    """Return the folders of a group and of its parents; in a container, which sees its own as the root, the mount."""
    folder = mount / group.lstrip("/")
    return [mount, *(path for path in (folder, *folder.parents) if mount in path.parents)]


def _ratio(quota: str, period: str) -> Iterator[float]:
    if quota.isdecimal() and period.isdecimal() and int(quota) and int(period):
        yield int(quota) / int(period)


def _difference(limit: str, used: str) -> Iterator[int]:
    if limit.isdecimal() and used.isdecimal():
        yield max(0, int(limit) - int(used))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
