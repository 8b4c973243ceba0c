"""A scope and a dataset of 100 000 files, loaded by the server's own script."""

from __future__ import annotations

import subprocess
import time
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest

from atlasod_tui.lake import profiles
from atlasod_tui.lake.model import DID, FileEntry
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.sandbox import install, layout
from tests.lake.conftest import living_in, started

NUMBER = 100_000
DATASET = DID("LOADED", "many")
PAGE = 100
FIRST_PAGE_SECONDS = 0.3

Listing = Callable[[RucioLake], Iterator[FileEntry]]
LISTINGS: tuple[Listing, ...] = (
    lambda lake: lake.find_files(DATASET.scope),
    lambda lake: lake.files(DATASET),
)


@pytest.fixture(scope="module")
def lake(sandbox_environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RucioLake]:
    with started(tmp_path_factory.mktemp("scale"), sandbox_environment) as running, living_in(running.data):
        words = [str(layout.lake()), DATASET.scope, DATASET.name, str(NUMBER)]
        subprocess.run([str(install.python()), "-I", str(layout.SERVER), "load", *words], check=True, timeout=120)
        found = RucioLake(profiles.sandbox_settings())
        next(found.scopes())  # the login is not what is measured
        yield found
        found.close()


@pytest.mark.parametrize("listing", LISTINGS, ids=("scope", "dataset"))
@pytest.mark.slow
def test_the_first_page_is_there_at_once(lake: RucioLake, listing: Listing) -> None:
    seconds = []
    for _ in range(3):  # this machine may be busy
        began = time.perf_counter()
        asked = listing(lake)
        page = list(islice(asked, PAGE))
        seconds.append(time.perf_counter() - began)
        assert len({file.did for file in page}) == PAGE
        asked.close()  # type: ignore[attr-defined]  # as a table does that is left
    assert min(seconds) <= FIRST_PAGE_SECONDS


@pytest.mark.parametrize("listing", LISTINGS, ids=("scope", "dataset"))
@pytest.mark.slow
def test_memory_stays_flat_while_all_go_by(lake: RucioLake, listing: Listing) -> None:
    names = 0
    asked = listing(lake)
    tracemalloc.start()
    try:
        names += sum(1 for _ in islice(asked, 1000))
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        names += sum(1 for _ in asked)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert names == NUMBER
    assert peak - before < 1_000_000


@pytest.mark.slow
def test_the_dataset_is_shown_and_its_files_have_replicas(lake: RucioLake) -> None:
    began = time.perf_counter()
    details = lake.show(DATASET)
    assert (details.files, details.dataset_replicas[0].available_files) == (NUMBER, NUMBER)
    (replica,) = lake.replicas([DID(DATASET.scope, "many.100000.root")])
    assert replica.storage_element == "CERN-EOSPILOT"
    assert len(list(lake.find_files(DATASET.scope, "many.0420??.root"))) == 100
    assert time.perf_counter() - began < 10
