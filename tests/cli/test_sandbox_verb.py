"""What ``sandbox up`` shows while it works."""

from __future__ import annotations

import json
import sys

import pytest

from atlasod_tui.cli.main import CANCELLED, run
from atlasod_tui.sandbox import control, layout
from atlasod_tui.sandbox.children import Progress
from atlasod_tui.sandbox.control import Server

Captured = pytest.CaptureFixture[str]
HINT = "it is the lake sandbox; for instance: atlasod-tui scopes --lake sandbox\n"


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start nothing, but say so."""

    def up(progress: Progress) -> Server:
        progress("fetching a", 1, 2)
        progress("fetching a", 1, 2)
        progress("starting", 0, 0)
        return Server(url="http://127.0.0.1:1", port=1, account="student", pid=2, host="here")

    monkeypatch.setattr(control, "up", up)


def test_each_step_has_a_line_where_there_is_no_terminal(capsys: Captured) -> None:
    assert run(["sandbox", "up"]) == 0
    told = capsys.readouterr()
    assert told.out == "url      http://127.0.0.1:1\naccount  student\npid      2\nhost     here\n"
    assert told.err == f"fetching a (1 of 2)\nstarting\n{HINT}"


def test_steps_share_a_line_of_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert run(["sandbox", "up"]) == 0
    clear = "\r\x1b[2K"
    assert capsys.readouterr().err == f"{clear}fetching a (1 of 2){clear}starting{clear}{HINT}"


def test_quiet_shows_the_server_alone(capsys: Captured) -> None:
    assert run(["sandbox", "up", "--quiet"]) == 0
    told = capsys.readouterr()
    assert (told.out.count("\n"), told.err) == (4, "")


def test_cancelled_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    def up(_progress: Progress) -> Server:
        raise KeyboardInterrupt

    monkeypatch.setattr(control, "up", up)
    assert run(["sandbox", "up"]) == CANCELLED
    assert capsys.readouterr().err.strip() == "cancelled; `atlasod-tui sandbox up` takes it up again"


def test_the_state_is_told_in_the_words_of_json(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    server = Server(url="http://127.0.0.1:1", port=1, account="student", pid=2, host="here")
    monkeypatch.setattr(control, "status", lambda: control.Status("silent", "/sandbox", 1500, server))
    assert run(["sandbox", "status"]) == 0
    told = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert run(["sandbox", "status", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert told.pop("state").partition(":")[0] == found["state"] == "silent"
    assert told.pop("bytes") == "1.5 kB"
    assert told == {"folder": found["folder"]} | {key: str(found["server"][key]) for key in told if key != "folder"}


def test_a_reset_of_nothing_says_so(capsys: Captured) -> None:
    for more in ([], ["--everything"]):
        assert run(["sandbox", "reset", *more]) == 0
        assert capsys.readouterr() == ("", "there was nothing to remove\n")
    assert run(["sandbox", "reset", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"reset": False, "everything": False}
    layout.lake().mkdir()
    assert run(["sandbox", "reset"]) == 0
    assert capsys.readouterr() == ("", "removed the lake\n")
