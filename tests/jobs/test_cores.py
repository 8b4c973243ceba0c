from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from atlasod_tui.jobs import cores

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _sixteen_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)), raising=False)


def lay_out(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, 16),
        ({"proc/self/cgroup": "0::/user/job", "sys/fs/cgroup/user/job/cpu.max": "400000 100000"}, 4),
        ({"proc/self/cgroup": "0::/user/job", "sys/fs/cgroup/user/cpu.max": "250000 100000"}, 2),
        ({"proc/self/cgroup": "0::/user/job", "sys/fs/cgroup/user/job/cpu.max": "max 100000"}, 16),
        ({"proc/self/cgroup": "0::/unseen", "sys/fs/cgroup/cpu.max": "300000 100000"}, 3),
        ({"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "50000 100000"}, 1),
        (
            {
                "proc/self/cgroup": "4:cpu,cpuacct:/batch\n0::/",
                "sys/fs/cgroup/cpu,cpuacct/batch/cpu.cfs_quota_us": "600000",
                "sys/fs/cgroup/cpu,cpuacct/batch/cpu.cfs_period_us": "100000",
            },
            6,
        ),
        (
            {
                "proc/self/cgroup": "4:cpu:/",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
            },
            16,
        ),
        ({"proc/self/cgroup": "nonsense", "sys/fs/cgroup/cpu.max": "what"}, 16),
    ],
)
def test_affinity_and_quota(tmp_path: Path, files: dict[str, str], expected: int) -> None:
    lay_out(tmp_path, files)
    assert cores.available(tmp_path) == expected


def test_affinity_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5}, raising=False)
    assert cores.available(tmp_path) == 2
