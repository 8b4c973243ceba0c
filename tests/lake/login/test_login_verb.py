"""``atlasod-tui login``, on a terminal and off it."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from datetime import timedelta
from pathlib import Path

import pytest

from atlasod_tui.cli.main import run
from atlasod_tui.lake.login import browser
from tests.cli.terminal import terminal
from tests.lake.login.tls_rucio import Lake, browse, configure

DEADLINE_S = 20.0


@pytest.fixture
def vre(lake: Lake, home: Path) -> Lake:
    configure(lake, home, 'auth_type = "oidc"')
    return lake


def until(descriptor: int, words: str) -> str:
    """Return what a terminal has shown as soon as it has shown some words."""
    shown, end = b"", time.monotonic() + DEADLINE_S
    while words not in shown.decode(errors="replace"):
        if time.monotonic() > end:
            pytest.fail(f"no {words!r} in {shown!r}")
        shown += os.read(descriptor, 4096)
    return shown.decode(errors="replace")


def test_a_page_is_shown_and_the_token_waited_for(
    vre: Lake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []

    def open_page(url: str) -> bool:
        opened.append(url)
        browse(vre, url)
        return True

    monkeypatch.setattr(browser, "open_page", open_page)
    assert run(["login", "--json"]) == 0
    out, err = capsys.readouterr()
    shown = json.loads(out)
    assert (shown["lake"], shown["kind"], shown["account"], shown["problem"]) == ("vre", "oidc", "ada", "")
    assert 3500 < shown["seconds_left"] <= 3600
    assert f"\n  {opened[0]}\n" in err
    assert not [token for token in vre.grants if token in out + err]


def test_the_words_on_the_screen(
    vre: Lake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    vre.lasts = timedelta(hours=2, seconds=30)
    monkeypatch.setattr(browser, "open_page", lambda url: bool(browse(vre, url)))
    assert run(["login", "--lake", "vre", "--dry-run"]) == 0
    assert capsys.readouterr() == (f"one would log in to vre, {vre.url} as ada: in the browser (OIDC)\n", "")
    assert run(["login", "--lake", "vre", "--dry-run", "--json"]) == 0
    plan = {"lake": "vre", "host": vre.url, "account": "ada", "kind": "oidc"}
    assert json.loads(capsys.readouterr().out) == {"plan": [plan], "bytes": 0}
    assert not vre.grants
    assert run(["login", "--lake", "vre"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [f"lake     vre, {vre.url}", "account  ada", "login    in the browser (OIDC)"]
    assert lines[-1].startswith("ends     ")
    assert lines[-1].endswith(" UTC, in 2 h 00 min")


def test_ctrl_c_ends_the_wait_within_a_second(vre: Lake) -> None:
    with terminal("login") as (process, end):
        until(end.fileno(), "Ctrl-C ends.")
        begin = time.monotonic()
        end.write(b"\x03")
        assert process.wait(timeout=5) == 130
        assert time.monotonic() - begin < 1
    assert vre.grants == {}


def test_a_silent_server_does_not_hold_ctrl_c_up(vre: Lake, home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(DEADLINE_S)
        configure(vre, home, 'auth_type = "oidc"', auth_host=f"https://localhost:{listener.getsockname()[1]}")
        with terminal("login") as (process, _):
            connection, _ = listener.accept()
            with connection:
                begin = time.monotonic()
                process.send_signal(signal.SIGINT)
                assert process.wait(timeout=5) == 130
                assert time.monotonic() - begin < 1


def test_a_code_is_asked_for_on_a_terminal_and_not_shown(vre: Lake, home: Path) -> None:
    configure(vre, home, 'auth_type = "oidc"', "oidc_polling = false")
    with terminal("login") as (process, end):
        until(end.fileno(), "(hidden)")
        (wish,) = vre.wishes
        page = browse(vre, f"{vre.url}/auth/oidc_redirect?{wish.message}")
        code = page.partition("<b>")[2].partition("</b>")[0]
        end.write(f"{code}\n".encode())
        shown = until(end.fileno(), "ends     ")
        assert process.wait(timeout=5) == 0
    assert "account  ada" in shown
    assert code not in shown


def test_without_a_terminal_the_code_comes_with_another_call(
    vre: Lake, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(vre, home, 'auth_type = "oidc"', "oidc_polling = false")
    assert run(["login"]) == 3
    assert "--code CODE" in capsys.readouterr().err
    (wish,) = vre.wishes
    code = browse(vre, f"{vre.url}/auth/oidc_redirect?{wish.message}").partition("<b>")[2].partition("</b>")[0]
    assert run(["login", "--code", code]) == 0
    assert "account  ada" in capsys.readouterr().out


def test_a_password_is_asked_for_and_kept_nowhere(lake: Lake, home: Path) -> None:
    configure(lake, home, 'username = "ada"')
    with terminal("login") as (process, end):
        until(end.fileno(), "Password: ")
        end.write(f"{lake.passwords['ada']}\n".encode())
        shown = until(end.fileno(), "ends     ")
        assert process.wait(timeout=5) == 0
    assert lake.passwords["ada"] not in shown
    assert run(["scopes", "--lake", "vre"]) == 0
    kept = [path for path in (home / "state").rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if lake.passwords["ada"].encode() in path.read_bytes()]


def test_a_password_of_the_environment_is_taken(
    lake: Lake, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(lake, home, 'username = "ada"')
    assert run(["scopes"]) == 3
    assert (
        "no password is known for the lake vre\nLog in with `atlasod-tui login --lake vre`." in capsys.readouterr().err
    )
    monkeypatch.setenv("ATLASOD_TUI_LAKES_VRE_PASSWORD", lake.passwords["ada"])
    assert run(["login"]) == 0
    out = capsys.readouterr().out
    assert "ends     when the password is changed" in out
    assert "then renewed by itself" in out
    monkeypatch.setenv("ATLASOD_TUI_LAKES_VRE_PASSWORD", "wrong")
    assert run(["login"]) == 3
    assert "did not accept the login of ada" in capsys.readouterr().err


def test_an_expired_login_names_the_verb(
    vre: Lake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(browser, "open_page", lambda url: bool(browse(vre, url)))
    assert run(["login"]) == 0
    assert run(["scopes"]) == 0
    vre.grants.clear()
    capsys.readouterr()
    assert run(["scopes"]) == 3
    assert "Log in with `atlasod-tui login --lake vre`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--lake", "opendata"], 2, "needs no login"),
        (["--lake", "pond"], 2, "no lake 'pond'"),
        (["--lake", "sandbox"], 3, "sandbox up"),
        (["--lake", "vre", "--code", "../../x"], 2, "no code of a login"),
    ],
)
def test_what_cannot_be_logged_in_to(
    vre: Lake, arguments: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["login", *arguments]) == code
    assert words in capsys.readouterr().err
    assert vre.grants == {}


def test_a_code_is_of_no_use_for_a_password(lake: Lake, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configure(lake, home, 'username = "ada"')
    assert run(["login", "--code", "0123456789"]) == 2
    assert "not logged in to with a code" in capsys.readouterr().err


@pytest.mark.parametrize("variable", ["SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"])
def test_no_browser_is_opened_at_the_other_end_of_ssh(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert not browser.possible()
    monkeypatch.setenv("DISPLAY", ":0")
    assert browser.possible()
    monkeypatch.setenv(variable, "somewhere")
    assert not browser.possible()
    assert not browser.open_page("https://vre.example")


def test_a_browser_is_started_and_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"):
        monkeypatch.delenv(name, raising=False)
    seen, program = tmp_path / "seen", tmp_path / "browser"
    program.write_text(f'#!/bin/sh\necho "$1" > {seen}.part && mv {seen}.part {seen}\n', encoding="ascii")
    program.chmod(0o700)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("BROWSER", f"{program} %s")
    assert browser.open_page("https://vre.example/auth?x=1&y=2")
    end = time.monotonic() + DEADLINE_S
    while not seen.exists() and time.monotonic() < end:
        time.sleep(0.02)
    assert seen.read_text(encoding="ascii") == "https://vre.example/auth?x=1&y=2\n"
