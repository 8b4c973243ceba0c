"""The folders that are written to: room, permission, and whether they are across a network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from atlasod_tui import paths
from atlasod_tui.doctor.finding import Finding, note, ok, problem

_LITTLE, _TOO_LITTLE = 5e9, 5e8
_NETWORK = {
    "9p", "afs", "beegfs", "ceph", "cifs", "eos", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "panfs",
    "pvfs2", "smb3", "smbfs", "sshfs", "virtiofs", "webdav",
}  # fmt: skip
_OWNER_ONLY = 0o077


_PLACES: dict[str, Callable[[], Path]] = {
    "home": Path.home,
    "cache": paths.cache_dir,
    "jobs": paths.state_dir,
    "data": paths.data_dir,
    "this folder": Path.cwd,
}
_HINTS = {
    "home": "Set HOME to a folder of yours, or XDG_CONFIG_HOME, XDG_CACHE_HOME, XDG_STATE_HOME and XDG_DATA_HOME.",
    "cache": "Set XDG_CACHE_HOME to a folder of yours.",
    "jobs": "Set XDG_STATE_HOME to a folder of yours.",
    "data": "Set XDG_DATA_HOME to a folder of yours: the sandbox lives there.",
    "this folder": "Go to another, or name one with --to or --output.",
}
"""What to do where a place cannot be used."""


def look() -> Iterator[Finding]:
    """Yield what is found of home, cache, jobs, data, runtime and working folder."""
    for what, place in _PLACES.items():
        try:
            path = place()
        except (OSError, RuntimeError) as error:
            yield problem("disk", f"there is no {what}: {error}", _HINTS[what])
        else:
            yield _room(what, path)
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        yield _runtime(Path(runtime))


def _room(what: str, path: Path) -> Finding:
    there = next(folder for folder in (path, *path.parents) if folder.is_dir())
    try:
        usage = shutil.disk_usage(there)
    except OSError as error:
        return problem("disk", f"{what} ({path}) cannot be looked at: {error.strerror}", path=str(path))
    kind = file_system(there)
    network = kind.partition(".")[2] in _NETWORK or kind in _NETWORK
    facts = {"path": str(path), "free": usage.free, "total": usage.total, "file_system": kind, "network": network}
    across = f", across the network ({kind})" if network else ""
    sentence = f"{what} ({path}) has {usage.free / 1e9:.3g} of {usage.total / 1e9:.3g} GB free{across}"
    if not os.access(there, os.W_OK | os.X_OK):
        return (note if what == "this folder" else problem)(
            "disk", f"{what} ({path}) cannot be written to", _HINTS[what], **facts
        )
    if usage.free < _TOO_LITTLE:
        return problem("disk", sentence, "Make room, or set XDG_CACHE_HOME to a folder on a larger disk.", **facts)
    if usage.free < _LITTLE:
        return note("disk", sentence, "Samples of a whole skim need more.", **facts)
    return ok("disk", sentence, **facts)


def _runtime(path: Path) -> Finding:
    facts = {"path": str(path)}
    if not path.is_dir():
        return note(
            "disk", f"the runtime folder {path} is not there", "Unset XDG_RUNTIME_DIR, or log in anew.", **facts
        )
    status = path.stat()
    if status.st_uid != os.geteuid() or status.st_mode & _OWNER_ONLY:
        return note("disk", f"others may look into the runtime folder {path}", f"chmod 700 {path}", **facts)
    return ok("disk", f"the runtime folder {path} is yours alone", **facts)


def file_system(path: Path, table: Path = Path("/proc/self/mounts")) -> str:
    """Return the kind of file system that a folder is on, such as ``ext4`` or ``nfs4``; empty if not known.

    Args:
        path: The folder.
        table: What is mounted, as in fstab(5); without it ``psutil`` is asked.
    """
    mounted = sorted(_mounts(table), key=lambda mount: len(mount[0]), reverse=True)
    real = os.path.realpath(path)
    inside = (kind for place, kind in mounted if real == place or real.startswith(place.rstrip("/") + "/"))
    return next(inside, "")


def _mounts(table: Path) -> Iterator[tuple[str, str]]:
    try:
        lines = table.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        import psutil  # noqa: PLC0415 - heavy, and only systems without /proc need it

        yield from ((part.mountpoint, part.fstype) for part in psutil.disk_partitions(all=True))
        return
    for line in reversed(lines):  # of two on one place the later covers the earlier
        _, place, kind, *_ = line.split(" ")
        yield place.replace(r"\040", " "), kind
