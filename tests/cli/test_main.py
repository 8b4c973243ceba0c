from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from atlasod_tui import __version__, plugins, shown
from atlasod_tui.cli import main, output, verbs
from atlasod_tui.errors import AtlasodError, LakeError

CLI = [sys.executable, "-m", "atlasod_tui"]


@pytest.mark.parametrize("arguments", [["--help"], ["-h"]])
def test_help_names_every_verb(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(arguments) == 0
    text = capsys.readouterr().out
    for verb in verbs._VERBS:
        assert f"\n  {verb} " in text


@pytest.mark.parametrize("verb", list(verbs._VERBS))
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run([verb, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: atlasod-tui {verb}")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["--version"]) == 0
    assert capsys.readouterr().out == f"atlasod-tui {__version__}\n"


@pytest.mark.parametrize(
    "arguments", [["fly"], ["--fly"], ["analyse"], ["jobs", "show"], ["analyse", "HZZ", "--only", "x"]]
)
def test_usage_errors_end_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(arguments) == 2
    error = capsys.readouterr().err
    assert re.fullmatch(r"error: [a-z].*[^.]\nSee `atlasod-tui( \w+)* --help`\.\n", error)


def test_an_error_is_a_sentence_and_a_hint(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(*_: object, **__: object) -> None:
        error = AtlasodError("the file \x1b[31mred\n is bad", "Fetch it again.")
        error.exit_code = 4
        raise error

    monkeypatch.setattr(verbs.program, "main", fail)
    assert main.run(["scopes"]) == 4
    assert capsys.readouterr().err == "error: the file \\x1b[31mred\\n is bad\nFetch it again.\n"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["fly", "--json"], 2, "no such command 'fly'"),
        (["jobs", "--json", "show"], 2, "missing argument 'ID'"),
        (["jobs", "show", "--json", "nobody\x1b"], 2, "there is no job 'nobody\\x1b'"),
        (["ls", "--json", "--lake", "nowhere"], 2, "nowhere"),
    ],
)
def test_an_error_before_there_is_a_job_is_json_too(
    arguments: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(arguments) == code
    captured = capsys.readouterr()
    (error,) = json.loads(captured.out).values()
    assert words in error["message"]
    assert error["exit_code"] == code
    assert captured.err == f"error: {shown.escape(error['message'])}\n{error['hint']}\n"
    plain = [argument for argument in arguments if argument != "--json"]
    for others in (plain, [*plain, "--", "--json"]):  # which is no option
        assert main.run(others) == 2
        assert capsys.readouterr().out == ""


def test_a_document_that_was_begun_is_not_followed_by_another(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        output.say('{"scopes": [')
        raise LakeError("the lake went away")

    monkeypatch.setattr(verbs.program, "main", fail)
    assert main.run(["scopes", "--json"]) == 3
    captured = capsys.readouterr()
    assert captured == ('{"scopes": [\n', "error: the lake went away\n")


def test_an_unforeseen_error_leaves_its_traceback_in_a_file(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setattr(verbs.program, "main", fail)
    assert main.run(["scopes"]) == 1
    error = capsys.readouterr().err
    assert "ZeroDivisionError: by\n" in error
    assert "Traceback" not in error
    (file,) = (home / "state" / "atlasod-tui" / "errors").iterdir()
    assert str(file) in error
    assert "Traceback" in file.read_text()


def test_an_interrupt_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(verbs.program, "main", interrupt)
    assert main.run(["scopes"]) == 130


def test_a_closed_pipe_is_met_in_silence() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as closed:
        done = subprocess.run([*CLI, "--help"], check=False, stdout=closed, stderr=subprocess.PIPE)
    assert done.stderr == b""


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_no_error_that_nobody_foresaw(home: Path, unbuffered: str) -> None:
    command, environment = [*CLI, "jobs", "--json"], os.environ | {"PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, check=False, env=environment, stdout=full, stderr=subprocess.PIPE, text=True)
    sentence = "error: the standard output cannot be written: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, f"{sentence}Make room there, or write elsewhere.\n")
    assert not (home / "state" / "atlasod-tui" / "errors").exists()


def test_what_a_plugin_prints_is_no_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own.py").write_text("print('hello')")
    plugins.load(tmp_path / "own.py")
    output.say("data")
    assert capsys.readouterr() == ("data\n", "hello\n")


class _Rules:
    """A lake that knows rules of one digit only."""

    name = "box"

    def remove_rule(self, rule_id: str, *_: object, **__: object) -> None:
        if len(set(rule_id)) > 1:
            raise LakeError(f"there is no rule {rule_id}")

    extend_rule = remove_rule


@pytest.mark.parametrize(("verb", "what"), [("remove", "ends now"), ("extend", "ends in 7 days")])
def test_what_was_done_before_an_error_is_told(
    verb: str, what: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("atlasod_tui.lake.profiles.open_lake", lambda *_, **__: _Rules())
    one, unknown, two = 32 * "1", 16 * "12", 32 * "2"
    assert main.run(["rules", verb, one, unknown, two]) == 3
    assert capsys.readouterr().err == f"rule {one} {what}\nerror: there is no rule {unknown}\n"
    assert main.run(["rules", verb, one, unknown, two, "--json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert told["changes"] == [{"did": None, "rules": [one], "done": True, "what": what}]
    assert (told["lake"], told["error"]["message"]) == ("box", f"there is no rule {unknown}")


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain é µ", "plain é µ"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\tb\r\n", "a\\tb\\r\\n"),
        ("\x9b31m", "\\x9b31m"),
        ("right\u202eleft", "right\\u202eleft"),
        ("\udcff", "\\udcff"),
    ],
)
def test_control_characters_are_shown(text: str, seen: str) -> None:
    assert shown.escape(text) == seen


def test_json_of_a_file_name_that_is_no_utf_8(capsys: pytest.CaptureFixture[str]) -> None:
    output.say_json({"name": os.fsdecode(b"\xff.root"), "yield": float("nan")})
    text = capsys.readouterr().out
    assert "NaN" not in text
    assert json.loads(text) == {"name": "\udcff.root", "yield": None}


def test_tables_are_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    output.say_table(("name", "n", "note"), [("a", "1", ""), ("long\x07", "1000", "x")], right=("n",))
    assert capsys.readouterr().out.splitlines() == [
        "name         n  note",
        "a            1",
        "long\\x07  1000  x",
    ]


def test_tables_are_folded_where_a_terminal_has_no_room(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "room", lambda _stream: 12)
    output.say_table(("name", "n", "note"), [("a", "1", ""), ("long", "1000", "what is long"), ("b", "2", "x")])
    assert capsys.readouterr().out.splitlines() == [
        "name  n",
        "  note",
        "a     1",
        "long  1000",
        "  what is long",
        "b     2",
        "  x",
    ]


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (999, "999"), (999.9, "1 k"), (1234, "1.23 k"), (999_999, "1 M"), (2.5e9, "2.5 G")]
)
def test_sizes(value: float, text: str) -> None:
    assert shown.size(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "0 s"),
        (59.6, "1 min 00 s"),
        (61, "1 min 01 s"),
        (3599.7, "1 h 00 min"),
        (7260, "2 h 01 min"),
        (86400, "1 day"),
        (172_800, "2 days"),
        (180_000, "2 days 2 h"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert shown.duration(seconds) == text
