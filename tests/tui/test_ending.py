"""A terminal that is closed, a process that is told to end or to stop: nothing that was picked is lost."""

from __future__ import annotations

import json
import os
import shlex
import signal
from pathlib import Path

import pytest

from atlasod_tui.tui.thrift import Lasting
from tests.tui.in_pty import PROGRAM, Pty

DEADLINE = 20.0
MAIN, OTHER = b"\x1b[?1049l", b"\x1b[?1049h"
"""What goes back to the screen of the shell, and to that of programs."""


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    (tmp_path / "4lep").mkdir()
    (tmp_path / "4lep" / "data_A.4lep.root").write_bytes(b"root")
    return tmp_path


class _Terminal(Pty):
    """A terminal with a list in it."""

    def begin(self) -> None:
        """Pick something."""
        self.until("local")
        self.press(b"\r")
        self.until("4lep")
        self.press(b" ")
        self.until("1 picked")

    def close(self) -> int:
        """Close it, and return how the program ended."""
        os.close(self._master)
        self._master = os.open(os.devnull, os.O_RDWR)
        return self.process.wait(DEADLINE)


def picks(home: Path) -> list[object]:
    found: list[object] = json.loads((home / "state" / "atlasod-tui" / "session.json").read_bytes())["picks"]
    return found


def test_a_closed_terminal_loses_no_pick(home: Path, lake: Path) -> None:
    with _Terminal([*PROGRAM, "--lake", str(lake)], {}) as terminal:
        terminal.begin()
        assert terminal.close() in {1, 128 + signal.SIGHUP}  # the end of what is typed may be heard of first
    assert len(picks(home)) == 1


def test_a_program_that_is_told_to_end_leaves_the_terminal_as_it_was(home: Path, lake: Path) -> None:
    with _Terminal([*PROGRAM, "--lake", str(lake)], {}) as terminal:
        terminal.begin()
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.ended() == 128 + signal.SIGTERM
        assert MAIN in terminal.written
    assert len(picks(home)) == 1


def test_ctrl_z_goes_back_to_the_shell_and_its_fg_comes_back(lake: Path) -> None:
    with _Terminal(["bash", "--norc", "--noprofile", "-i"], {"PS1": "at the shell$ "}) as terminal:
        terminal.until("at the shell$")
        terminal.press(f"{shlex.join([*PROGRAM, '--lake', str(lake)])}\r".encode())
        terminal.begin()
        terminal.press(b":")  # over a dialog, too
        terminal.until("Command")
        terminal.press(b"\x1a")
        terminal.until(lambda written: MAIN in written and b"Stopped" in written)
        terminal.press(b"fg\r")
        terminal.until(lambda written: OTHER in written and b"Command" in written)
        terminal.press(b"\x1b")
        terminal.until("4lep")
        terminal.press(b"q")
        terminal.until("at the shell$")


def test_ctrl_z_says_so_where_no_shell_could_bring_the_program_back(lake: Path) -> None:
    with _Terminal([*PROGRAM, "--lake", str(lake)], {}) as terminal:
        terminal.begin()
        terminal.press(b"\x1a")
        terminal.until("no shell to go back to")
        terminal.press(b"q")
        assert terminal.ended() == 0


def test_a_file_whose_terminal_is_gone_takes_no_more() -> None:
    with Path(os.devnull).open(encoding="utf-8") as reading:
        file = Lasting(os.fdopen(os.dup(reading.fileno()), "w", encoding="utf-8"))
        file.write("x")
        file.flush()
        assert file.fileno() > 0
        with pytest.raises(OSError, match="Bad file"):
            file.close()


def test_bytes_that_are_no_text_do_not_end_the_program(lake: Path) -> None:
    with _Terminal([*PROGRAM, "--lake", str(lake)], {}) as terminal:
        terminal.begin()
        terminal.press(b"\xff\xfe\xc3")
        terminal.press(b"\x1b[M\x20\xf0\xf1")  # the mouse, as old terminals tell of it
        terminal.press(b"2")
        terminal.until("HWW")
        terminal.press(b"q")
        assert terminal.ended() == 0
