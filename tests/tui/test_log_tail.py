from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from atlasod_tui.errors import JobError
from atlasod_tui.tui.jobs.log_tail import LogTail, export

if TYPE_CHECKING:
    from pathlib import Path


def test_a_log_is_read_as_it_grows(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    tail = LogTail(log)
    assert not tail.read()
    log.write_bytes(b"one\ntw")
    assert tail.read()
    assert tail.lines == ["one", "tw"]
    assert not tail.read()
    with log.open("ab") as file:
        file.write(b"o\r\n\xff\n")
    assert tail.read()
    assert tail.lines == ["one", "two", "\ufffd"]
    log.write_bytes(b"anew\n")
    assert tail.read()
    assert tail.lines == ["anew"]


def test_of_a_long_log_the_end_is_kept(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_text("".join(f"{number:09}\n" for number in range(1000)))
    tail = LogTail(log, most=1000)
    tail.read()
    assert tail.lines[-1] == "000000999"
    assert len(tail.lines) <= 100
    assert tail.left_out == 10 * (1000 - len(tail.lines))
    for number in range(1000, 1200):
        with log.open("a") as file:
            file.write(f"{number:09}\n")
        tail.read()
        assert tail.left_out == 10 * (number + 1 - len(tail.lines))
    assert tail.lines[-1] == "000001199"
    assert len(tail.lines) <= 100


def test_one_endless_line_is_cut(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_bytes(b"x" * 5000)
    tail = LogTail(log, most=1000)
    tail.read()
    assert len(tail.lines) == 1


def test_what_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="cannot be read"):
        LogTail(tmp_path).read()


def test_a_log_is_written_beside_others(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_bytes(b"text")
    assert export(log, tmp_path, "id").name == "id.log"
    assert export(log, tmp_path, "id").name == "id.2.log"
    with pytest.raises(JobError, match="cannot be written"):
        export(log, tmp_path / "nowhere", "id")
