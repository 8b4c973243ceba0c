"""One real ROOT for all tests that ask it: to start it and to compile the checks takes seconds, a check does not."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rootfile.reference import DATA


class RootCheck:
    """Runs the verbs of root_check.py, each in a process of its own that begins with ROOT loaded."""

    def __init__(self, python: Path) -> None:
        program = Path(__file__).with_name("root_check.py")
        command: list[str | Path] = [python, program, "serve", DATA / "types_zlib.root", "mini"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *arguments: object) -> dict[str, Any]:
        """Return the answer to a verb and its arguments."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([str(argument) for argument in arguments]) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def __call__(self, *arguments: object) -> dict[str, Any]:
        """Return the answer to a verb and its arguments, in which there is no problem."""
        answer = self.ask(*arguments)
        assert answer["problems"] == []
        assert answer["ok"]
        return answer

    def close(self) -> None:
        """End it."""
        self._process.communicate()


@pytest.fixture(scope="session")
def root_check(root_python: Path) -> Iterator[RootCheck]:
    """Real ROOT, to be asked about trees."""
    checker = RootCheck(root_python)
    yield checker
    checker.close()
