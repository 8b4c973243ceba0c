"""What the tests of uploads share: a file, a target in the sandbox, and a look at what is on the storage elements."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from atlasod_tui.lake import profiles
from atlasod_tui.lake.model import DID, RuleState
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.lake.uploading.upload import Target, Uploader, UploadResult, new_run_id

if TYPE_CHECKING:
    from tests.lake.conftest import Sandbox

LAPP, CC, NAPOLI, EOSPILOT = "IN2P3_LAPP-DCACHE", "CC_DCACHE", "INFN_NAPOLI-DCACHE", "CERN-EOSPILOT"
DEADLINE = 60.0


def target(*rses: str, **options: Any) -> Target:
    """Return a target with a run of its own, at LAPP if nothing else is said."""
    return Target(rses=list(rses) or [LAPP], run_id=new_run_id(), **{"title": "tried", "lifetime": 3600, **options})


def some_file(folder: Path, name: str = "some.root", size: int = 3_000_000) -> Path:
    """Return a file whose content depends on its name."""
    path = folder / name
    path.write_bytes((name.encode() * (size // len(name) + 1))[:size])
    return path


def checksum(path: Path) -> str:
    """Return the Adler-32 of a file as Rucio writes it."""
    return f"{zlib.adler32(path.read_bytes()):08x}"


def on_disk(sandbox: Sandbox, run_id: str) -> dict[str, dict[str, str]]:
    """Return the checksums of all files of a run that lie on the storage elements, half-made ones too."""
    found: dict[str, dict[str, str]] = {}
    for path in sandbox.elements.rglob(f"*run{run_id}*"):
        if path.is_file():
            found.setdefault(path.relative_to(sandbox.elements).parts[0], {})[path.name] = checksum(path)
    return found


def until(condition: Callable[[], bool], what: str, seconds: float = DEADLINE) -> None:
    """Wait for a condition, and fail the test if it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"{what} did not happen within {seconds} s")
        time.sleep(0.1)


def all_ok(result: UploadResult) -> bool:
    """Return whether the files are wherever they were to go."""
    return all(element.state is RuleState.OK for element in result.elements)


def names_of(lake: RucioLake, run_id: str) -> set[str]:
    """Return the names of all DIDs of a run that the lake knows, also those without a dataset."""
    scope, pattern = f"user.{lake.account()}", f"*run{run_id}*"
    found: list[DID] = [file.did for file in lake.find_files(scope, pattern)]
    found += [dataset.did for dataset in lake.datasets(scope, pattern)]
    return {did.name for did in found}


def failing(error: Exception, *, after: Callable[..., Any] | None = None, times: int = 1) -> Callable[..., Any]:
    """Return a method that fails so many times, before or after it has done what it should, and then works."""
    left = times

    def method(self: object, *arguments: Any, **options: Any) -> Any:
        nonlocal left
        if left:
            left -= 1
            if after is not None:
                after(self, *arguments, **options)
            raise error
        assert after is not None
        return after(self, *arguments, **options)

    return method


def check_whole(sandbox: Sandbox, lake: RucioLake, where: Target, *files: Path) -> None:
    """Fail unless each file is known once, in the dataset, with its bytes, and on all storage elements in the end."""
    uploader = Uploader(lake, where)
    prefix = f"student.run{where.run_id}"
    there = {f"{prefix}.{file.name}": checksum(file) for file in files}
    everywhere = dict.fromkeys(where.rses, there)
    until(lambda: on_disk(sandbox, where.run_id) == everywhere, "a good copy on each storage element")
    until(lambda: all_ok(uploader.result()), "the rules are satisfied")
    assert names_of(lake, where.run_id) == {*there, f"{prefix}.tried"}
    assert {file.did.name for file in lake.files(uploader.dataset)} == set(there)


def check_nothing(sandbox: Sandbox, lake: RucioLake, where: Target) -> None:
    """Fail if anything of a run is left."""
    assert on_disk(sandbox, where.run_id) == {}
    assert names_of(lake, where.run_id) == set()


@contextmanager
def opened(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[RucioLake]:
    """Open the sandbox as a lake, which it is without ``--lake`` from now on too."""
    monkeypatch.setenv("XDG_DATA_HOME", str(sandbox.data))
    for variable in ("RUCIO_CONFIG", "RUCIO_HOME"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.setenv(variable, "/nowhere")
    lake = RucioLake(profiles.sandbox_settings())
    yield lake
    lake.close()
