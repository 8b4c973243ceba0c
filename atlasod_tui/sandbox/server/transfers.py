"""The transfer tool of the sandbox: it copies files between folders, and stands in for FTS.

On a real lake FTS makes the storage elements copy, and a rule may take minutes to hours.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import re
import threading
import uuid
import zlib
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rucio.core import transfer
from rucio.db.sqla import models
from rucio.db.sqla.constants import DatabaseOperationType, RequestState
from rucio.db.sqla.session import db_session
from rucio.transfertool.transfertool import TransferStatusReport, Transfertool, TransferToolBuilder
from sqlalchemy import update

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NAME = "local"
_BLOCK = 1 << 20
_AT_ONCE = 4

_PART = re.compile(r"\..*\.[0-9a-f]{32}\.part", re.DOTALL)

_stopping = threading.Event()
_pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="transfer")
# Of this process only: after a restart Rucio finds its transfers lost, and tries again.
_running: dict[str, dict[str, Future[None]]] = {}


def register(elements: Path) -> None:
    """Make the tool known to Rucio, which has no official way of adding one; it copies below ``elements`` only."""
    LocalTransfertool.elements = elements
    transfer.TRANSFERTOOL_CLASSES_BY_NAME[NAME] = LocalTransfertool
    for path in elements.rglob(".*.part"):
        if _PART.fullmatch(path.name):  # of a server that was killed
            path.unlink()


def stop() -> None:
    """Let the copies that run end soon, and start no other; Rucio tries them again."""
    _stopping.set()
    _pool.shutdown(wait=False, cancel_futures=True)


def requeue() -> None:
    """Queue again what a killed server was just submitting; Rucio itself would wait for hours."""
    with db_session(DatabaseOperationType.WRITE) as session:
        session.execute(
            update(models.Request)
            .where(models.Request.state == RequestState.SUBMITTING)
            .values(state=RequestState.QUEUED)
        )


def copy(elements: Path, sources: Sequence[str], target: str, size: int, adler32: str | None) -> None:
    """Copy from the first source that is whole to the target, by way of a temporary file.

    Args:
        elements: The folder that all of them must be in.
        sources: ``file://`` addresses, in order of preference.
        target: A ``file://`` address; an existing file is replaced.
        size: In bytes.
        adler32: Eight hexadecimal digits, or None to check the size only.

    Raises:
        OSError: If no source is whole; its text says what was wrong with each.
    """
    path = _path(elements, target)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    reasons = []
    for source in sources:
        try:
            _copy_one(_path(elements, source), part, size, adler32)
            part.replace(path)
        except OSError as error:
            part.unlink(missing_ok=True)
            reasons.append(f"{source}: {error}")
        else:
            return
    raise OSError("; ".join(reasons) or "no source")


def _copy_one(source: Path, part: Path, size: int, adler32: str | None) -> None:
    value, copied = 1, 0
    with source.open("rb") as reader, part.open("wb") as writer:
        while block := reader.read(_BLOCK):
            if _stopping.is_set():
                raise OSError("the server was stopped")
            writer.write(block)
            value = zlib.adler32(block, value)
            copied += len(block)
        writer.flush()
        os.fsync(writer.fileno())
    if copied != size:
        raise OSError(f"{copied} bytes instead of {size}")
    if adler32 and value != int(adler32, 16):
        raise OSError(f"Adler-32 {value:08x} instead of {adler32}")


def _path(elements: Path, address: str) -> Path:
    # As Rucio makes it of prefix, scope and name: nothing is quoted, and it may begin with two slashes.
    path = Path("/" + urlsplit(address).path.lstrip("/"))
    if not Path(os.path.normpath(path)).is_relative_to(elements):
        raise OSError("it is not on a storage element")  # names may hold slashes and dots
    return path


class _Report(TransferStatusReport):
    """How a copy ended."""

    supported_db_fields = ("state", "external_id", "started_at", "transferred_at", "err_msg")

    def __init__(self, request_id: str, external_id: str, error: BaseException | None) -> None:
        super().__init__(request_id)
        self.state = RequestState.FAILED if error else RequestState.DONE
        self.external_id = external_id
        self.started_at = None
        self.transferred_at = None if error else dt.datetime.now(dt.UTC).replace(tzinfo=None)
        self.err_msg = str(error) if error else None

    def initialize(self, session: Any, logger: Any = logging.log) -> None:
        pass

    def get_monitor_msg_fields(self, session: Any, logger: Any = logging.log) -> dict[str, Any]:
        return {"protocol": NAME}


class LocalTransfertool(Transfertool):
    """Copies in threads of this process."""

    external_name = NAME
    elements: Path
    """The folder of the storage elements."""
    required_rse_attrs = ()
    supported_schemes = frozenset({"file"})

    def __init__(self, external_host: str = NAME, logger: Any = logging.log) -> None:
        super().__init__(external_host, logger)

    @classmethod
    def submission_builder_for_path(cls, transfer_path: list[Any], logger: Any = logging.log) -> Any:  # noqa: ARG003
        """Take the first hop: all storage elements are next to each other."""
        return transfer_path[:1], TransferToolBuilder(cls, external_host=NAME)

    def group_into_submit_jobs(self, transfer_paths: Iterable[list[Any]]) -> list[dict[str, Any]]:
        """Make a job of each file."""
        return [{"transfers": [hop], "job_params": {}} for path in transfer_paths for hop in path]

    def submit(self, transfers: Iterable[Any], job_params: dict[str, str], timeout: int | None = None) -> str:
        """Start copying and return the name of the job."""
        job = uuid.uuid4().hex
        _running[job] = {
            one.rws.request_id: _pool.submit(
                copy,
                self.elements,
                [one.source_url(source) for source in one.sources],
                one.dest_url,
                one.rws.byte_count,
                one.rws.adler32,
            )
            for one in transfers
        }
        return job

    def bulk_query(
        self, requests_by_eid: Mapping[str, Mapping[str, Any]], timeout: int | None = None
    ) -> dict[str, Any]:
        """Return, by job and request, what has ended; None for a job of an earlier process."""
        answer: dict[str, Any] = {}
        for job in requests_by_eid:
            if job not in _running:
                answer[job] = None  # Rucio's word for lost
                continue
            ended = {name: future for name, future in _running[job].items() if future.done()}
            answer[job] = {name: _Report(name, job, future.exception()) for name, future in ended.items()}
            if len(ended) == len(_running[job]):
                del _running[job]
        return answer

    def cancel(self, transfer_ids: Sequence[str], timeout: int | None = None) -> None:
        """Let the copy end: it takes seconds."""

    def update_priority(self, transfer_id: str, priority: int, timeout: int | None = None) -> None:
        """Copies have no priorities."""
