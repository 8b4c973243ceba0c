"""What ``doctor`` says of lakes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from atlasod_tui import config
from atlasod_tui.doctor import lakes
from atlasod_tui.doctor.examine import examine, exit_code
from atlasod_tui.doctor.finding import Finding, State
from atlasod_tui.lake import profiles
from atlasod_tui.lake.login import tokens
from tests.lake.login.tls_rucio import Answer, Lake, configure, jwt
from tests.lake.rucio_stub import document, serving, silent


@pytest.fixture(autouse=True)
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server that stands for the portal."""
    with serving(lambda *_: document([])) as url:
        monkeypatch.setenv("ATLASOD_TUI_PORTAL", url)
        yield url


def seen(chosen: str | None = None, *, offline: bool = False) -> list[Finding]:
    return [
        one
        for one in examine(chosen, offline=offline)
        if one.topic not in {"terminal", "machine", "disk", "python", "session"}
    ]


def of(findings: list[Finding], state: State) -> list[str]:
    return [one.sentence for one in findings if one.state is state]


@pytest.fixture
def vre(lake: Lake, home: Path) -> Lake:
    configure(lake, home, 'auth_type = "oidc"')
    return lake


def logged_in(lake: Lake) -> None:
    settings = profiles.rucio_settings("vre")
    assert settings is not None
    tokens.keep(settings, lake.grant("ada"))


def test_all_is_well(vre: Lake, portal: str) -> None:
    logged_in(vre)
    found = seen()
    assert exit_code(found) == 0
    assert of(found, State.PROBLEM) == of(found, State.NOTE) == []
    answers, credentials, *others = of(found, State.OK)
    assert answers.startswith(f"the lake vre ({vre.url}) answers in ")
    assert answers.endswith("ms: Rucio 41.5.1")
    assert credentials.startswith("ada is logged in to the lake vre with a token from ")
    assert credentials.endswith(" UTC, 1.0 h from now")
    assert others == [
        f"the portal of the lake opendata answers ({portal})",
        f"the lake local is the folder {Path.cwd()} on this machine",
    ]
    assert [one.in_use for one in found] == [True, True, False, False]
    assert vre.paths() == ["/ping", "/auth/validate"]


def test_nothing_is_changed(vre: Lake, home: Path) -> None:
    logged_in(vre)
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
    seen()
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before


def test_offline_nobody_is_asked(vre: Lake) -> None:
    logged_in(vre)
    assert exit_code(seen(offline=True)) == 0
    assert vre.asked == []


def test_a_missing_login_is_a_problem_of_the_lake_in_use(vre: Lake) -> None:
    found = seen()
    assert of(found, State.PROBLEM) == ["nobody has logged in to the lake vre"]
    assert exit_code(found) == 3
    assert any("atlasod-tui login --lake vre" in one.hint for one in found)
    assert vre.paths() == ["/ping"]


@pytest.mark.usefixtures("vre")
def test_of_another_lake_it_is_good_to_know() -> None:
    found = seen("local")
    assert of(found, State.NOTE) == ["nobody has logged in to the lake vre"]
    assert exit_code(found) == 0
    assert [one.in_use for one in found if "the folder" in one.sentence] == [True]


def test_a_token_that_the_server_does_not_accept_is_a_problem(vre: Lake) -> None:
    logged_in(vre)
    vre.grants.clear()
    found = seen()
    assert "does not accept the token from" in of(found, State.PROBLEM)[0]
    assert exit_code(found) == 3


def test_a_login_that_ends_soon_is_noted(vre: Lake) -> None:
    vre.lasts = timedelta(minutes=5)
    logged_in(vre)
    (note,) = of(seen(), State.NOTE)
    assert "0.1 h from now" in note


@pytest.mark.usefixtures("vre")
def test_an_expired_login_is_a_problem() -> None:
    settings = profiles.rucio_settings("vre")
    assert settings is not None
    tokens.keep(settings, jwt("ada", datetime.now(UTC) - timedelta(hours=1)))
    assert of(seen(), State.PROBLEM) == ["the login to the lake vre has ended"]


def test_an_expired_proxy_is_a_problem(lake: Lake, home: Path, tmp_path: Path) -> None:
    lake.authority.folder = tmp_path
    proxy = lake.authority.user("ada").proxy(ends=timedelta(hours=-1))
    configure(lake, home, 'auth_type = "x509_proxy"', f'proxy = "{proxy}"', auth_host=lake.certificate_url)
    found = seen()
    assert of(found, State.PROBLEM)[0].startswith(f"the proxy {proxy} expired on")
    assert exit_code(found) == 3
    lake.authority.user("ada").proxy(ends=timedelta(hours=3))
    assert f"ada can log in to the lake vre with the proxy {proxy} until" in of(seen(), State.OK)[1]


def test_a_password_needs_no_end(lake: Lake, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(lake, home, 'username = "ada"')
    monkeypatch.setenv("ATLASOD_TUI_LAKES_VRE_PASSWORD", "secret")
    assert of(seen(), State.OK)[1] == "ada can log in to the lake vre with user name and password"


@pytest.mark.parametrize(("seconds", "state"), [(-400, State.PROBLEM), (60, State.NOTE), (0, State.OK)])
def test_a_wrong_clock_is_told(vre: Lake, seconds: int, state: State) -> None:
    logged_in(vre)
    there = format_datetime(datetime.now(UTC) - timedelta(seconds=seconds), usegmt=True)
    vre.instead["/ping"] = lambda _: Answer(200, '{"version": "41"}', {"Date": there})
    clocks = [one for one in seen() if "clock" in one.sentence]
    assert [one.state for one in clocks] == ([] if state is State.OK else [state])
    if clocks:
        assert ("behind" if seconds < 0 else "ahead of") in clocks[0].sentence


@pytest.mark.parametrize(
    "answer", [Answer(200, "<html>welcome</html>"), Answer(503), Answer(404, "{}"), Answer(200, '{"version": 1}')]
)
def test_what_is_no_rucio_is_a_problem(vre: Lake, answer: Answer) -> None:
    logged_in(vre)
    vre.instead["/ping"] = lambda _: answer
    assert len(of(seen(), State.PROBLEM)) == 1
    assert "/auth/validate" not in vre.paths()


@pytest.mark.usefixtures("vre")
def test_a_lake_that_is_silent_does_not_hold_the_others_up(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atlasod_tui.lake.login.validate.CONNECT_SECONDS", 0.2)
    with silent() as url:
        path = home / "config" / "atlasod-tui" / "config.toml"
        path.write_text(f'{path.read_text(encoding="utf-8")}\n[lakes.mute]\nhost = "{url}"\n', encoding="utf-8")
        config.load.cache_clear()
        found = seen("mute")
    assert any("did not answer in time" in sentence for sentence in of(found, State.PROBLEM))
    assert any("the lake vre" in sentence and "answers" in sentence for sentence in of(found, State.OK))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[lakes.rucio]\nhost = "https://x.example"', "another already"),
        ('[lakes.vre]\nhost = "x"', "not the address of a server"),
        ('lake = "pond"', "no lake 'pond'"),
    ],
)
def test_wrong_settings_are_a_problem(vre: Lake, home: Path, text: str, words: str) -> None:
    (home / "config" / "atlasod-tui" / "config.toml").write_text(text, encoding="utf-8")
    config.load.cache_clear()
    found = seen()
    assert any(words in sentence for sentence in of(found, State.PROBLEM))
    assert exit_code(found) == 3
    assert vre.asked == []


@pytest.mark.parametrize(
    ("address", "open_to_all"),
    [
        ("http://vre.example", True),
        ("https://vre.example", False),
        ("http://localhost:80", False),
        ("http://[::1]", False),
    ],
)
def test_a_way_that_others_can_listen_to_is_told(address: str, open_to_all: bool) -> None:
    assert lakes._unprotected(address) is open_to_all


def test_without_any_lake_that_is_said() -> None:
    found = seen(offline=True)
    assert of(found, State.NOTE) == ["no lake is configured"]
    assert exit_code(found) == 0


def test_a_portal_that_is_away_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLASOD_TUI_PORTAL", "http://127.0.0.1:1")
    config.load.cache_clear()
    assert any(
        "does not answer (http://127.0.0.1:1: ConnectionError)" in sentence for sentence in of(seen(), State.NOTE)
    )
    assert exit_code(seen("opendata")) == 3
