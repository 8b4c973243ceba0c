"""An agent of a lake that does as it is told: ``python -m tests.lake.fake_agent``."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from typing import Any, cast

import psutil

from atlasod_tui.errors import BadFileError, LakeAwayError, LoginError
from atlasod_tui.lake.agent.__main__ import main
from atlasod_tui.lake.face import Lake
from atlasod_tui.lake.model import DID, Details, DIDType, FileEntry, Scope

opened = 0
made = 0
"""Files that were listed so far."""


class FakeLake:
    """What a dataset is called is what happens."""

    name = "fake"
    read_only = False

    def scopes(self) -> Iterator[Scope]:
        """Yield how often a lake was opened, how many files were listed, how much memory this process has."""
        yield Scope("opened", str(opened))
        yield Scope("made", str(made))
        yield Scope("rss", str(psutil.Process().memory_info().rss))
        yield Scope("environment", " ".join(sys.argv))

    def files(self, did: DID) -> Iterator[FileEntry]:
        global made  # noqa: PLW0603
        word, _, number = did.name.partition(".")
        for row in range(int(number or 0)):
            made += 1
            yield FileEntry(DID(did.scope, f"{row:06}.root"), row, f"{row:08x}")
        happen(word)

    def show(self, did: DID) -> Details:
        happen(did.name)
        return Details(did, DIDType.FILE, metadata={"odd": "\udcff", "[red]": "\x1b"})

    def account(self) -> str:
        return "ada"

    def remove_rule(self, rule_id: str) -> None:
        assert rule_id == "1"


def happen(word: str) -> None:
    """Do what a name says."""
    match word:
        case "away":
            raise LakeAwayError("the lake fake is away", "Wait.")
        case "login":
            raise LoginError("no login")
        case "bad":
            raise BadFileError("bad file")
        case "hang":
            threading.Event().wait()
        case "unforeseen":
            raise RuntimeError("what nobody thought of")
        case "end":
            os.write(2, b"warning\nModuleNotFoundError: no module\n")
            os._exit(3)
        case "noise":
            print("noise of a library", flush=True)  # noqa: T201
            os.write(1, b"noise of a program\n")
            os.system("echo noise of a child")  # noqa: S605
            assert sys.stdin.read() == ""


def open_fake() -> Lake:
    global opened  # noqa: PLW0603
    opened += 1
    lake: Any = FakeLake()
    return cast("Lake", lake)


if __name__ == "__main__":
    main(sys.argv[1:], open_fake)
