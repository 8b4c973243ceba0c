"""The uploads of a job: a queue, a few threads, and a record of what is in the lake, which a resumed job leaves out."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from atlasod_tui.errors import CancelledError, LakeAwayError, LakeError, LoginError
from atlasod_tui.jobs.context import JobContext, Outcome, log
from atlasod_tui.jobs.folder import write_atomic
from atlasod_tui.lake.model import RuleState
from atlasod_tui.lake.profiles import open_lake
from atlasod_tui.lake.uploading.target import ElementResult, Target, Uploaded, UploadResult
from atlasod_tui.lake.uploading.upload import Given, Uploader

if TYPE_CHECKING:
    import os

    from atlasod_tui.lake.face import Lake

RESULT = "upload.json"
"""In ``parts/``: the `UploadResult` of the job."""
PATIENCE = 240.0
"""Seconds for which the same is tried again while a lake is away."""
_CLOSE_LASTS = 2.0
_TOGETHER, _TOGETHER_BYTES = 50, 4_000_000
"""The most that the lake is told of at once, which takes it hardly longer for many files than for one."""
_LOOK = 0.1


class UploadOutcome(msgspec.Struct, frozen=True):
    """How the uploads of a job ended."""

    result: UploadResult | None
    waiting: LakeError | None = None
    """A `LoginError` or `LakeAwayError`: what is left is uploaded when the job is resumed."""

    def conclude(self, outcome: Outcome, context: JobContext) -> Outcome:
        """Return how the whole job ended, given how it would have without an upload."""
        if self.waiting is not None:
            what, after = "the lake", "Then"
            if isinstance(self.waiting, LoginError):
                what, after = "a login", "After `atlasod-tui login`,"
            resume = f"{after} `atlasod-tui jobs resume {context.folder.id}` uploads the rest."
            return msgspec.structs.replace(
                outcome,
                exit_code=LakeError.exit_code,
                waiting=True,
                message="; ".join(
                    filter(None, [outcome.message, f"the upload waits for {what}: {self.waiting.message}"])
                ),
                hint=" ".join(filter(None, [self.waiting.hint, resume])),
            )
        missing = "; ".join(filter(None, map(_missing, self.result.elements if self.result else [])))
        if not missing:
            return outcome
        return msgspec.structs.replace(
            outcome,
            exit_code=outcome.exit_code or 4,
            message="; ".join(filter(None, [outcome.message, f"uploaded, but {missing}"])),
        )


def _missing(element: ElementResult) -> str:
    """Return why the files will not come to a storage element, as it looks now."""
    if not element.rule_id:
        return f"not to {element.storage_element}: {element.problem}"
    if element.state is RuleState.STUCK:
        return f"the rule on {element.storage_element} is stuck: {element.problem or 'the lake does not say why'}"
    if element.closed and element.state is not RuleState.OK:
        return f"not all of it to {element.storage_element}: {element.problem}"
    return ""


class _Record(msgspec.Struct, frozen=True):
    """A file as it was when it was uploaded."""

    size: int
    mtime_ns: int
    uploaded: Uploaded


class Uploads:
    """Uploads files while the job goes on; each begins as soon as it is added.

    Args:
        target: Where to.
        context: The job.
        at_once: How many files at the same time.
        patience: Seconds for which the same is tried again while the lake is away.
    """

    def __init__(self, target: Target, context: JobContext, *, at_once: int = 2, patience: float | None = None) -> None:
        self._target, self._context, self._at_once = target, context, at_once
        self._patience = PATIENCE if patience is None else patience
        self._changed = threading.Condition()
        self._queue: deque[Given] = deque()
        self._threads: list[threading.Thread] = []
        self._ended = False  # no more will be added
        self._stopped = False  # nothing more is to be begun
        self._given_up = False
        self._error: BaseException | None = None
        self._waiting: LakeError | None = None
        self._connecting = threading.Lock()
        self._uploader: Uploader | None = None
        self._earlier: bool | None = None  # whether what an earlier run uploaded is there still
        self._files: list[Uploaded] = []
        self._sizes: dict[Path, int] = {}
        self._bytes: dict[Path, int] = {}
        self._reporting = False

    def refuse(self, total_bytes: int | None) -> None:
        """Refuse what cannot end well, before anything is made; see `Uploader.refuse`."""
        self._connected().refuse(total_bytes)

    def has(self, path: Path) -> bool:
        """Return whether an earlier run of the job uploaded a file, as it is now."""
        return self._recorded(path) is not None

    def add(
        self, path: Path, *, adler32: str | None = None, name: str | None = None, metadata: dict[str, Any] | None = None
    ) -> None:
        """Upload a file, soon; returns at once.

        Args:
            path: The file, which stays as it is until the end.
            adler32: Its checksum, where it is known.
            name: What to call it behind account and run, where two files have one name; its own without it.
            metadata: Texts and numbers.
        """
        with self._changed:
            with suppress(OSError):
                self._sizes[path] = path.stat().st_size
            self._queue.append(Given(path, adler32, name, metadata))
            if len(self._threads) < self._at_once:
                thread = threading.Thread(target=self._work, daemon=True)
                self._threads.append(thread)
                thread.start()
            self._changed.notify()

    @property
    def stopped(self) -> bool:
        """Whether nothing more is uploaded in this run."""
        return self._stopped

    def finish(self) -> UploadOutcome:
        """Wait for what is left.

        Raises:
            AtlasodError: If an upload failed for good.
            CancelledError: If the job was cancelled.
        """
        if not self._threads:
            return UploadOutcome(None)
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._report(begin=True)
        try:
            for thread in self._threads:
                while thread.is_alive():
                    thread.join(_LOOK)
                    self._context.check()
        except CancelledError:
            self.close()
            raise
        if self._given_up:
            raise CancelledError("the upload was given up")
        if self._error is not None:
            raise self._error
        if self._waiting is not None:
            return UploadOutcome(None, self._waiting)
        return self._settled()

    def close(self) -> None:
        """Give up what is left, within two seconds."""
        with self._changed:
            self._stopped = self._given_up = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(_CLOSE_LASTS / len(self._threads))

    def _settled(self) -> UploadOutcome:
        try:
            uploader = self._connected()
            uploader.settle()
            result = uploader.result()
        except (LoginError, LakeAwayError) as error:
            return UploadOutcome(None, error)
        result = msgspec.structs.replace(result, files=sorted(self._files, key=lambda file: file.path))
        write_atomic(self._context.parts / RESULT, msgspec.json.encode(result))
        return UploadOutcome(result)

    def _work(self) -> None:
        try:
            while files := self._next():
                self._upload(files)
        except CancelledError:
            # Of several threads those are given up that another's error has stopped.
            self._given_up = self._given_up or (self._error is None and self._waiting is None)
        except (LoginError, LakeAwayError) as error:
            self._waiting = self._waiting or error
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits for all
            self._error = self._error or error
        with self._changed:
            self._stopped = self._stopped or self._error is not None or self._waiting is not None
            self._changed.notify_all()
        if self._reporting:
            self._context.progress(current="")

    def _next(self) -> list[Given]:
        """Wait for a file, or for several small ones; nothing if there are no more."""
        taken: list[Given] = []
        size = 0
        with self._changed:
            while not (self._queue or self._ended or self._stopped):
                self._changed.wait()
            while self._queue and not self._stopped and len(taken) < _TOGETHER:
                size += self._sizes.get(self._queue[0].path, 0)
                if taken and size > _TOGETHER_BYTES:
                    break
                taken.append(self._queue.popleft())
        return taken

    def _upload(self, files: list[Given]) -> None:
        left = []
        for file in files:
            record = self._recorded(file.path)
            if record is not None and self._is_there_still():
                self._done(file.path, record.uploaded)
            else:
                left.append(file)
        before = {file.path: file.path.stat() for file in left if file.path.exists()}
        while left:
            uploaded = self._connected().upload_together(left, progress=self._write, check=self._check)
            done = {one.path: one for one in uploaded}
            for path in [file.path for file in left if str(file.path) in done]:
                self._record(path, before.get(path), done[str(path)])
            left = [file for file in left if str(file.path) not in done]

    def _record(self, path: Path, before: os.stat_result | None, uploaded: Uploaded) -> None:
        if before is not None:
            record = _Record(before.st_size, before.st_mtime_ns, uploaded)
            write_atomic(self._record_of(path), msgspec.json.encode(record))
        self._context.event("uploaded", path=str(path), did=str(uploaded.did), to=uploaded.storage_element)
        self._done(path, uploaded)

    def _done(self, path: Path, uploaded: Uploaded) -> None:
        with self._changed:
            self._files.append(uploaded)
        self._advance(path, uploaded.bytes)

    def _write(self, path: Path, done: int) -> None:
        if self._reporting:
            self._context.progress(current=path)
        self._advance(path, done)

    def _check(self) -> None:
        self._context.check()
        if self._stopped:
            raise CancelledError("the upload was given up")

    def _connected(self) -> Uploader:
        with self._connecting:
            if self._uploader is None:
                self._uploader = Uploader(
                    self._open(),
                    self._target,
                    patience=self._patience,
                    reopen=self._open,
                    waiting=self._say_waiting,
                    warn=self._warn,
                    note=log,
                    job=self._context.folder.path,
                )
            return self._uploader

    def _open(self) -> Lake:
        return open_lake(self._target.lake or None)

    def _warn(self, text: str) -> None:
        self._context.event("warning", text=text)
        log(f"warning: {text}")

    def _say_waiting(self, error: LakeAwayError) -> None:
        self._context.event("waiting", reason=error.message)
        if self._reporting:
            self._context.progress(phase="waiting for the lake")

    def _is_there_still(self) -> bool:
        """Return whether what an earlier run uploaded has not ended since."""
        with self._connecting:
            known = self._earlier
        if known is None:
            known = self._connected().exists()
            self._earlier = known
        return known

    def _recorded(self, path: Path) -> _Record | None:
        """Return the record of a file that has not changed since, or is no longer there."""
        try:
            record = msgspec.json.decode(self._record_of(path).read_bytes(), type=_Record)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None
        with suppress(OSError):
            status = path.stat()
            if (status.st_size, status.st_mtime_ns) != (record.size, record.mtime_ns):
                return None
        return record

    def _record_of(self, path: Path) -> Path:
        digest = hashlib.sha256(str(path).encode(errors="surrogateescape")).hexdigest()
        return self._context.parts / f"{digest[:16]}.uploaded.json"

    def _advance(self, path: Path, done: int) -> None:
        with self._changed:
            self._bytes[path] = done
        if self._reporting:
            self._report()

    def _report(self, *, begin: bool = False) -> None:
        """Say how many bytes are in the lake; begun when the job has nothing else to report."""
        with self._changed:
            self._reporting = self._reporting or begin
            done, total = sum(self._bytes.values()), sum(self._sizes.values())
        self._context.progress(phase="uploading", unit="B", done=done, total=total)
