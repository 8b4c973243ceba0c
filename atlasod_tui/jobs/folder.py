"""The folder of a job: plain files, because homes at the sites are network file systems."""

from __future__ import annotations

import errno
import os
import re
import shutil
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from atlasod_tui import __version__, paths
from atlasod_tui.errors import JobError, UsageError
from atlasod_tui.jobs.lakes import JobLake, chosen
from atlasod_tui.jobs.status import Status

if TYPE_CHECKING:
    from pathlib import Path

_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[a-z0-9-]+")
_BEING_MADE = re.compile(rf"\.{_ID.pattern}")
_MAKING_LASTS = 3600.0
"""Seconds after which a folder that is still being made was given up: its maker was killed."""
_SLUG_LENGTH = 24
_T = TypeVar("_T")


class Spec(msgspec.Struct, frozen=True, kw_only=True):
    """All that is needed to do the job again; paths in ``arguments`` are absolute.

    ``task`` is ``module:function``, ``workers`` 0 means what affinity and cgroup allow, ``queues`` whether it waits
    for a slot of the host, ``created`` is in seconds since the epoch, ``version`` the program's. ``lakes`` are the
    Rucios that ``arguments`` name, which a name alone does not tell in another environment.
    """

    task: str
    title: str
    arguments: dict[str, Any]
    workers: int = 0
    queues: bool = True
    created: float = 0.0
    version: str = __version__
    lakes: dict[str, JobLake] = {}


class JobFolder:
    """One job's folder; making the object touches nothing on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.spec_file = path / "spec.json"
        self.status_file = path / "status.json"
        self.events_file = path / "events.jsonl"
        self.log_file = path / "log.txt"
        self.live_file = path / "live.npz"
        self.cancel_file = path / "cancel"
        self.watch_file = path / "watch"
        self.hand_file = path / "hand"
        self.parts = path / "parts"

    def __repr__(self) -> str:
        return f"JobFolder({str(self.path)!r})"

    @property
    def id(self) -> str:
        """The job's id, which sorts by the time of creation."""
        return self.path.name

    def spec(self) -> Spec:
        """Return the job's spec.

        Raises:
            JobError: If it is missing or damaged.
        """
        return _read(self.spec_file, Spec)

    def status(self) -> Status:
        """Return the status as last written, which a dead runner leaves behind: see `control.state`.

        Raises:
            JobError: If it is missing or damaged.
        """
        return _read(self.status_file, Status)

    def write_spec(self, spec: Spec) -> None:
        """Replace the spec.

        Raises:
            UsageError: If a path in it cannot be written as JSON.
        """
        write_atomic(self.spec_file, _encoded(spec), sync=True)

    def write_status(self, status: Status, *, sync: bool = False) -> None:
        """Replace the status, stamped with the time; ``sync`` waits for the disk (state changes)."""
        status = msgspec.structs.replace(status, updated=time.time())
        write_atomic(self.status_file, msgspec.json.encode(status), sync=sync)

    def add_event(self, kind: str, **fields: Any) -> None:
        """Append one line to ``events.jsonl``: the time, the kind and the fields, which JSON must be able to hold."""
        line = msgspec.json.encode({"time": time.time(), "kind": kind, **fields}) + b"\n"
        descriptor = os.open(self.events_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)

    def events(self) -> list[dict[str, Any]]:
        """Return the events in the order they were written; a line cut short by a crash is left out."""
        try:
            lines = self.events_file.read_bytes().splitlines()
        except OSError:
            return []
        found = []
        for line in lines:
            with suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                found.append(msgspec.json.decode(line, type=dict[str, Any]))
        return found

    def take_in_hand(self, names: list[str]) -> None:
        """Record at once which files are in hand, for the case that one kills the runner before the next status."""
        descriptor = os.open(self.hand_file, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, msgspec.json.encode(names) + b"\n")  # what is left of a longer line follows it
        finally:
            os.close(descriptor)

    def let_go(self) -> None:
        """Record that no file is in hand any more."""
        with suppress(OSError):
            self.hand_file.unlink()

    def in_hand(self) -> list[str]:
        """Return the files in hand, one for each thread; of a dead runner those that it may have died on."""
        try:
            return msgspec.json.decode(self.hand_file.read_bytes().partition(b"\n")[0], type=list[str])
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return []

    def sweep(self) -> None:
        """Remove what an earlier runner left for the moment only: half-written files, the cancel, the files in hand."""
        leftovers = [*self.path.glob(".*"), *self.parts.glob(".*"), self.cancel_file, self.hand_file]
        for path in leftovers:
            path.unlink(missing_ok=True)

    def ask_cancel(self) -> None:
        """Leave the word that the job is to end."""
        self.cancel_file.touch(mode=0o600)

    def touch_watch(self) -> None:
        """Tell the runner that someone looks at the live histograms; good for ten seconds."""
        self.watch_file.touch(mode=0o600)
        now = time.time()
        os.utime(self.watch_file, (now, now))  # a file server's own clock may differ


def jobs_dir() -> Path:
    """Return the folder that holds the jobs' folders."""
    return paths.state_dir() / "jobs"


def create(spec: Spec) -> JobFolder:
    """Make the folder of a new job, for its owner only, and write the spec into it.

    Until the spec is in it, the folder has a dot before its name and is no job.

    Raises:
        UsageError: If the spec cannot be written as JSON.
        JobError: If the folder cannot be made.
    """
    now = time.time()
    lakes = spec.lakes or chosen(spec.arguments)
    spec = msgspec.structs.replace(spec, created=now, title=printable(spec.title), lakes=lakes)
    refuse_unrecordable(spec)  # which leaves no folder behind
    slug = re.sub(r"[^a-z0-9]+", "-", spec.title.lower())[:_SLUG_LENGTH].strip("-") or "job"
    stem = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(now))}-{slug}"
    making = JobFolder(jobs_dir() / f".{stem}-{os.urandom(8).hex()}")
    try:
        jobs_dir().mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_given_up(now)
        making.path.mkdir(mode=0o700)
        making.parts.mkdir(mode=0o700)
        making.write_spec(spec)
        return JobFolder(_rename_unique(making.path, stem))
    except OSError as error:
        shutil.rmtree(making.path, ignore_errors=True)
        raise JobError(
            f"no job folder can be made in {jobs_dir()}: {error.strerror}",
            "XDG_STATE_HOME chooses another place.",
        ) from error


def refuse_unrecordable(arguments: msgspec.Struct) -> None:
    """Do nothing, unless what a job is to do cannot be written as JSON.

    Raises:
        UsageError: If a name in it is not valid UTF-8.
    """
    _encoded(arguments)


def printable(text: str) -> str:
    """Return the text with what UTF-8 cannot hold (bytes of a file name) escaped."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _encoded(arguments: msgspec.Struct) -> bytes:
    try:
        return msgspec.json.encode(arguments)
    except UnicodeEncodeError as error:
        raise UsageError(
            f"the name {error.object!r} is not valid UTF-8, which a job cannot record", "Rename the file or folder."
        ) from error


def _rename_unique(made: Path, stem: str) -> Path:
    """Give a folder, which is not empty, the name of a job that there is not: no other such folder is replaced."""
    size = 1
    while True:
        path = made.with_name(f"{stem}-{os.urandom(size).hex()}")
        try:
            return made.rename(path)
        except OSError as error:
            if error.errno not in {errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR}:
                raise
            size += 1


def _remove_given_up(now: float) -> None:
    with os.scandir(jobs_dir()) as entries:
        for entry in entries:
            with suppress(OSError):  # another process has just made it a job
                if _BEING_MADE.fullmatch(entry.name) and now - entry.stat().st_mtime > _MAKING_LASTS:
                    shutil.rmtree(entry.path, ignore_errors=True)


def list_jobs() -> list[JobFolder]:
    """Return every folder among the jobs, oldest first, sound or not."""
    try:
        with os.scandir(jobs_dir()) as entries:
            names = sorted(entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir())
    except OSError:
        return []
    return [JobFolder(jobs_dir() / name) for name in names]


def find(text: str) -> JobFolder:
    """Return the job whose id is, or alone begins with, a text from outside.

    Raises:
        UsageError: If no job or several match.
    """
    known = [folder for folder in list_jobs() if _ID.fullmatch(folder.id)]
    matches = [folder for folder in known if folder.id.startswith(text)] if text else []
    exact = [folder for folder in matches if folder.id == text]
    if len(exact or matches) == 1:
        return (exact or matches)[0]
    if matches:
        some = ", ".join(folder.id for folder in matches[:3])
        raise UsageError(f"{len(matches)} jobs begin with {text!r}: {some}", "Give more of the id.")
    raise UsageError(f"there is no job {text!r}", "`atlasod-tui jobs` lists them.")


def write_atomic(path: Path, data: bytes, *, sync: bool = False) -> None:
    """Write a file of the owner's that readers see either as it was or complete; nothing is left behind on failure.

    Raises:
        OSError: If it cannot be written; its ``filename`` is the folder.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            error.filename = os.fspath(path.parent)  # of a full disk the system does not say where it is
        raise


def _read(path: Path, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise JobError(f"{path.name} of job {path.parent.name} cannot be read: {error.strerror}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise JobError(f"{path.name} of job {path.parent.name} is damaged: {error}") from error
