"""What the sandbox's disk must be: large enough, and better of this machine than of another."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from atlasod_tui.errors import LakeError

_MOUNTS = Path("/proc/self/mounts")
_NETWORK = frozenset(
    (
        "9p",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "fuse.ceph",
        "fuse.eosxd",
        "fuse.sshfs",
        "gpfs",
        "lustre",
        "nfs",
        "nfs4",
        "smb3",
    )
)


def need(folder: Path, size: int, what: str) -> None:
    """Refuse to begin what the disk has no room for.

    Args:
        folder: Where it would be put; it exists.
        size: In bytes, about.
        what: What it is for, as the subject of a sentence.

    Raises:
        LakeError: If less is free.
    """
    free = shutil.disk_usage(folder).free
    if free < size:
        raise LakeError(
            f"{what} needs about {size / 1e6:.0f} MB, and {folder} has {free / 1e6:.0f} MB left",
            "Make room, or set XDG_DATA_HOME to a folder on a larger disk.",
        )


def network(folder: Path) -> str | None:
    """Return the kind of network file system that a folder is on, None for a local one, or where that is not told."""
    try:
        lines = os.fsdecode(_MOUNTS.read_bytes()).splitlines()
    except OSError:
        return None
    kinds = {}
    for line in lines:
        _, place, kind, *_ = line.split(" ")
        kinds[Path(place.replace("\\040", " "))] = kind  # the last one mounted there counts
    real = folder.resolve()
    kind = next(kinds[place] for place in (real, *real.parents) if place in kinds)
    return kind if kind in _NETWORK else None
