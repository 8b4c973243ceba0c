"""What the tests of jobs over a lake's files share: files with bytes in it, a cache of their own, jobs and results."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from atlasod_tui.cli.main import run
from atlasod_tui.jobs import folder
from atlasod_tui.lake.model import DID
from atlasod_tui.lake.names import new_run_id
from tests.analyses import INPUTS
from tests.lake.rest import Rest
from tests.lake.uploading import LAPP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlasod_tui.jobs.folder import JobFolder
    from tests.lake.conftest import Sandbox

FOUR_LEPTONS = sorted((INPUTS / "4lep").rglob("*.root"))
KEPT = ("kernels", "numba")

_OF_ELEMENT = "account = :account AND rse_id = (SELECT id FROM rses WHERE rse = :rse)"
_LIMIT = f"SELECT bytes FROM account_limits WHERE {_OF_ELEMENT}"  # noqa: S608 - no text from outside
_USED = f"SELECT bytes FROM account_usage WHERE {_OF_ELEMENT}"  # noqa: S608
_SET_LIMIT = f"UPDATE account_limits SET bytes = :bytes WHERE {_OF_ELEMENT}"  # noqa: S608
_WORD = "SELECT password FROM identities WHERE identity = :identity"
_SET_WORD = "UPDATE identities SET password = :password WHERE identity = :identity"


def own_cache(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a cache without fetched files, but with the kernels that others have compiled; return it."""
    shared, own = Path(os.environ["XDG_CACHE_HOME"]) / "atlasod-tui", home / "cache" / "atlasod-tui"
    own.mkdir(parents=True)
    for name in KEPT:
        (shared / name).mkdir(parents=True, exist_ok=True)
        (own / name).symlink_to(shared / name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    return own


def fetched_files(cache: Path) -> dict[str, int]:
    """Return the names of the files that were fetched and when each was written, in ns."""
    return {path.name: path.stat().st_mtime_ns for path in (cache / "files").rglob("*.root")}


class Samples:
    """A new dataset of the user's with copies of files, on one storage element."""

    def __init__(self, sandbox: Sandbox, files: Sequence[Path], rse: str = LAPP) -> None:
        self.rest = Rest(sandbox)
        self.prefix = f"student.run{new_run_id()}"
        self.did = DID(self.rest.scope, f"{self.prefix}.samples")
        self.folder = sandbox.elements / rse
        self.names = [f"{self.prefix}.{path.name}" for path in files]
        where = f"/dids/{self.did.scope}/{self.did.name}"
        self.rest("POST", where, {"type": "DATASET"})
        for path, name in zip(files, self.names, strict=True):
            self.rest.put(name, path.read_bytes(), rse)
            self.rest("POST", f"{where}/dids", {"dids": [{"scope": self.did.scope, "name": name}]})

    def name(self, end: str) -> str:
        """Return the name of the file that ends so."""
        (found,) = [name for name in self.names if name.endswith(end)]
        return found

    def bytes_of(self, name: str) -> Path:
        """Return where the bytes of a file are."""
        return self.folder / self.rest.place(name)


def last_job() -> JobFolder:
    """Return the job that was made last."""
    return folder.list_jobs()[-1]


def verb(*arguments: str, code: int = 0) -> None:
    """Run a verb and look at its exit code."""
    assert run(list(arguments)) == code


@contextmanager
def database(sandbox: Sandbox) -> Iterator[sqlite3.Connection]:
    """Open the database of the server, for one transaction."""
    path = sandbox.data / "atlasod-tui" / "sandbox" / "lake" / "rucio.db"
    with closing(sqlite3.connect(path, timeout=30)) as connection, connection:
        yield connection


def expire_tokens(sandbox: Sandbox) -> int:
    """Let all tokens end that the server has given out; return how many."""
    with database(sandbox) as connection:
        return connection.execute("UPDATE tokens SET expired_at = '2020-01-01 00:00:00.000000'").rowcount


def events(job: JobFolder, kind: str) -> list[dict[str, Any]]:
    """Return the events of a job of one kind."""
    return [event for event in job.events() if event["kind"] == kind]


@contextmanager
def limited(sandbox: Sandbox, rse: str, left: int) -> Iterator[None]:
    """Leave the account so many bytes on a storage element, for a while."""
    names = {"account": sandbox.server.account, "rse": rse}
    with database(sandbox) as connection:
        (before,) = connection.execute(_LIMIT, names).fetchone()
        (used,) = connection.execute(_USED, names).fetchone() or (0,)
        connection.execute(_SET_LIMIT, names | {"bytes": used + left})
    try:
        yield
    finally:
        with database(sandbox) as connection:
            connection.execute(_SET_LIMIT, names | {"bytes": before})


@contextmanager
def another_password(sandbox: Sandbox) -> Iterator[None]:
    """Let the server refuse the password, for a while."""
    names = {"identity": sandbox.server.account}
    with database(sandbox) as connection:
        (before,) = connection.execute(_WORD, names).fetchone()
        connection.execute(_SET_WORD, names | {"password": "0" * len(before)})
    try:
        yield
    finally:
        with database(sandbox) as connection:
            connection.execute(_SET_WORD, names | {"password": before})
