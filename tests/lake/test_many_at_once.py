"""Four who write and two who read at the same time: nobody meets an error."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from atlasod_tui.lake import profiles
from atlasod_tui.lake.model import DID
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.lake.uploading.upload import Target, Uploader
from atlasod_tui.sandbox import layout
from tests.lake.conftest import Sandbox
from tests.lake.rest import Rest

WRITERS, READERS, ROUNDS, FILES = 4, 2, 5, 3
LAPP, CC, NAPOLI = "IN2P3_LAPP-DCACHE", "CC_DCACHE", "INFN_NAPOLI-DCACHE"


class Writer:
    """Uploads datasets to two storage elements and changes their rules; every other rule is removed."""

    def __init__(self, lake: RucioLake, folder: Path, number: int) -> None:
        self._lake, self._folder, self._number = lake, folder, number
        self.kept: list[str] = []
        self.datasets: list[DID] = []

    def __call__(self) -> None:
        for number in range(ROUNDS):
            uploader = Uploader(self._lake, Target([LAPP, NAPOLI], f"{self._number:04x}{number:04x}", title="many"))
            uploader.refuse(None)
            for path in sorted(self._folder.iterdir()):
                uploader.upload(path, metadata={"factor": number})
            result = uploader.result()
            self.datasets.append(result.dataset)
            rule = self._lake.add_rule(result.dataset, CC, lifetime=3600)
            self._lake.extend_rule(rule, 7200)
            if number % 2:
                self._lake.remove_rule(rule)
            else:
                self.kept += [rule, *(element.rule_id for element in result.elements)]


class Reader:
    """Looks at all there is until it is told that the writers are done."""

    def __init__(self, lake: RucioLake, scope: str, done: threading.Event) -> None:
        self._lake, self._scope, self._done = lake, scope, done
        self.rounds = 0

    def __call__(self) -> None:
        while not self._done.is_set():
            for dataset in self._lake.datasets(self._scope, "*.many"):
                list(self._lake.files(dataset.did))
                self._lake.show(dataset.did)
            list(self._lake.replicas([DID("ATLAS_OD_GENERATED", "generated.4lep.Data")]))
            for ask in (self._lake.rules, self._lake.storage_elements, self._lake.quotas, self._lake.scopes):
                list(ask())
            self.rounds += 1


class Noting(threading.Thread):
    """A thread that keeps what it ended with."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._work = work
        self.problem = ""

    def run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001 - it is shown by the test
            self.problem = repr(error)


@pytest.mark.slow
def test_no_error(own_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("many")
    done = threading.Event()
    rest = Rest(own_sandbox)
    lakes = [RucioLake(profiles.sandbox_settings()) for _ in range(WRITERS + READERS)]
    for number in range(FILES):
        (folder / f"{number}.root").write_bytes(bytes([number]) * 100_000)
    writers = [Writer(lakes[number], folder, number) for number in range(WRITERS)]
    readers = [Reader(lake, rest.scope, done) for lake in lakes[WRITERS:]]
    writing, reading = [Noting(one) for one in writers], [Noting(one) for one in readers]
    for thread in (*writing, *reading):
        thread.start()
    for thread in writing:
        thread.join()
    done.set()
    for thread in reading:
        thread.join()
    assert [thread.problem for thread in (*writing, *reading)] == [""] * (WRITERS + READERS)
    assert all(reader.rounds for reader in readers)
    for rule in (rule for writer in writers for rule in writer.kept):
        assert rest.await_rule(rule, "OK")["locks_ok_cnt"] == FILES
    for did in (did for writer in writers for did in writer.datasets):
        assert len(list(lakes[0].files(did))) == FILES
    log = layout.log_file().read_text()
    # A rule that is removed while a daemon submits its transfers is missed by it, which says so with a traceback.
    missed = log.count("request doesn't exist or is not in SUBMITTING state")
    assert (log.count("Traceback"), log.count("locked"), log.count("GeoLite")) == (missed, 0, 0), log[-20_000:]
    for lake in lakes:
        lake.close()
