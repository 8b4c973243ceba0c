"""The agent of a lake that has many files, or that hangs: ``python -m tests.benchmarks.screen_agent answers|hangs``."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator
from typing import Any, cast

from atlasod_tui.lake.agent.__main__ import main
from atlasod_tui.lake.face import Lake
from atlasod_tui.lake.model import DID, Dataset, Details, DIDType, FileEntry, Replica, Scope
from tests.benchmarks.screen_rows import entry

MANY = 100_000


class BenchmarkLake:
    """One scope with one dataset of many files, each with two replicas."""

    name = "benchmark"
    read_only = False

    def scopes(self) -> Iterator[Scope]:
        if sys.argv[-1] == "hangs":
            threading.Event().wait()
        yield Scope("opendata", "root")

    def datasets(self, scope: str, *_: Any, **__: Any) -> Iterator[Dataset]:
        yield Dataset(DID(scope, "many"), DIDType.DATASET, MANY, MANY * 1_000_000)

    def files(self, did: DID) -> Iterator[FileEntry]:
        yield from map(entry, range(MANY if did.name == "many" else 0))

    def replicas(self, files: Iterable[DID]) -> Iterator[Replica]:
        for did in files:
            for element in ("CERN-PROD", "DESY-HH"):
                yield Replica(FileEntry(did), element, ())

    def show(self, did: DID) -> Details:
        return Details(did, DIDType.FILE)

    def nothing(self, *_: Any, **__: Any) -> Iterator[Any]:
        return iter(())

    rules = quotas = storage_elements = nothing

    def account(self) -> str:
        return "root"


if __name__ == "__main__":
    lake: Any = BenchmarkLake()
    main([word for word in sys.argv[1:] if word.startswith("-")], lambda: cast("Lake", lake))
