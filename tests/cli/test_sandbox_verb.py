"""What the verbs of the sandbox show, ask and refuse, and how they end."""

from __future__ import annotations

import io
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
    assert run(["sandbox", "status"]) == 3
    told = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert run(["sandbox", "status", "--json"]) == 3
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


@pytest.mark.parametrize("state", ["absent", "incomplete", "down", "starting", "silent", "up"])
def test_only_one_that_answers_ends_with_0(state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "status", lambda: control.Status(state, "/sandbox", 0))
    assert run(["sandbox", "status", "--quiet"]) == (0 if state == "up" else 3)


def plan(capsys: Captured, *arguments: str) -> list[tuple[str, int]]:
    """Return the steps of a plan and their bytes; each is told in a line where no JSON is wanted."""
    assert run(["sandbox", *arguments, "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert run(["sandbox", *arguments, "--dry-run", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["bytes"] == sum(step["bytes"] for step in found["plan"])
    assert [line.partition(", ")[0] for line in lines] == [step["what"].partition(", ")[0] for step in found["plan"]]
    return [(step["step"], step["bytes"]) for step in found["plan"]]


def test_plans_start_and_stop_and_remove_nothing(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    for verb in ("up", "down", "reset"):
        monkeypatch.setattr(control, verb, lambda *_, **__: pytest.fail("it was done"))
    assert [step for step, _ in plan(capsys, "up")] == ["install", "generate", "copy", "start"]
    assert (plan(capsys, "down"), plan(capsys, "reset")) == ([], [])
    assert not layout.home().exists()
    server = Server(url="http://127.0.0.1:1", port=1, account="student", pid=2, host="here")
    monkeypatch.setattr(control, "server_here", lambda: server)
    layout.lake().mkdir(parents=True)
    (layout.lake() / "a.root").write_bytes(b"12345")
    monkeypatch.setattr("atlasod_tui.sandbox.template.has_lake", lambda: True)
    assert [step for step, _ in plan(capsys, "up", "--detach")] == ["stop", "install", "generate", "start"]
    assert plan(capsys, "down") == [("stop", 0)]
    assert plan(capsys, "reset", "--everything", "--force") == [("stop", 0), ("remove", 5)]
    monkeypatch.setattr(control, "status", lambda: control.Status("up", "/sandbox", 5, server))
    assert plan(capsys, "up") == []


@pytest.mark.parametrize("arguments", [["reset", "--read-only"], ["--read-only", "reset", "--dry-run", "--force"]])
def test_read_only_keeps_the_lake(arguments: list[str], capsys: Captured) -> None:
    layout.lake().mkdir(parents=True)
    assert run(["sandbox", *arguments]) == 3
    assert capsys.readouterr().err == "error: sandbox reset removes a lake\nLeave --read-only out.\n"
    assert layout.lake().exists()


@pytest.mark.parametrize(
    ("answer", "more", "code"),
    [
        ("y\n", [], 0),
        ("n\n", [], CANCELLED),
        ("\n", [], CANCELLED),
        ("", [], CANCELLED),
        ("", ["--force"], 0),
        ("", ["--json"], 0),
    ],
)
def test_a_reset_asks_whoever_sits_at_a_terminal(
    answer: str, more: list[str], code: int, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    a_lake_and_terminals(answer, monkeypatch)
    assert run(["sandbox", "reset", *more]) == code
    assert ("Remove the sandbox's lake with all that is in it (5 B)?" in capsys.readouterr().err) == (not more)
    assert layout.lake().exists() == (code != 0)


@pytest.mark.parametrize("stream", ["stdin", "stderr"])
def test_a_reset_asks_nobody_where_a_script_may_run_it(
    stream: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    a_lake_and_terminals("", monkeypatch)
    monkeypatch.setattr(getattr(sys, stream), "isatty", lambda: False)
    assert run(["sandbox", "reset"]) == 0
    assert capsys.readouterr().err == "removed the lake\n"


def a_lake_and_terminals(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a lake of five bytes, and give an answer on a terminal."""
    layout.lake().mkdir(parents=True)
    (layout.lake() / "a.root").write_bytes(b"12345")
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
    for stream in (sys.stdin, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)
