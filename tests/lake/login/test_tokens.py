from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from atlasod_tui.errors import LakeError
from atlasod_tui.lake.login import tokens
from atlasod_tui.lake.login.credentials import credentials
from atlasod_tui.lake.rucio_settings import Settings, write_client_file
from tests.lake.login.tls_rucio import jwt

WHEN = datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.fixture
def vre() -> Settings:
    return Settings("vre", "https://vre.example", "https://vre.example", "oidc", account="ada")


def test_a_web_token_tells_when_it_ends() -> None:
    assert tokens.expiry(jwt("ada", WHEN)) == WHEN


@pytest.mark.parametrize(
    "text", ["a-b-c", "a.b.c", "a.e30.c", "a.eyJleHAiOiAieCJ9.c", "a.eyJleHAiOiAxZTk5fQ.c", "..", "a.\xff.c"]
)
def test_any_other_does_not(text: str) -> None:
    assert tokens.expiry(text) is None


@pytest.mark.parametrize(
    ("header", "moment"),
    [
        ("Mon, 03 Feb 2031 04:05:06 UTC", WHEN),
        (str(int(WHEN.timestamp())), WHEN),
        ("", None),
        (None, None),
        ("soon", None),
        ("9" * 12, None),
        ("9" * 50, None),
    ],
)
def test_what_a_server_says_of_the_end_is_understood(header: str | None, moment: datetime | None) -> None:
    assert tokens.said(header) == moment


def test_a_token_is_kept_for_its_owner_only(vre: Settings) -> None:
    tokens.keep(vre, "ada-x-y", WHEN)
    kept = tokens.kept(vre)
    assert kept is not None
    assert (kept.text, kept.expires, kept.lent) == ("ada-x-y", WHEN, False)
    assert "ada-x-y" not in repr(kept)
    assert {path.stat().st_mode & 0o777 for path in vre.folder.iterdir()} == {0o600}
    assert vre.folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_others_may_look_into_is_closed_to_them(vre: Settings) -> None:
    vre.folder.mkdir(parents=True)
    vre.folder.chmod(0o777)
    tokens.keep(vre, "ada-x-y")
    assert vre.folder.stat().st_mode & 0o777 == 0o700


def test_a_link_in_the_place_of_the_token_is_replaced_and_not_followed(vre: Settings, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("mine", encoding="ascii")
    vre.folder.mkdir(parents=True)
    for file in (vre.token_file, vre.client_file):
        file.symlink_to(other)
    tokens.keep(vre, "ada-x-y")
    write_client_file(vre)
    assert other.read_text(encoding="ascii") == "mine"
    assert not vre.token_file.is_symlink()
    assert not vre.client_file.is_symlink()


def test_nothing_is_kept_in_or_taken_from_what_is_another_users(vre: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens.keep(vre, "ada-x-y")
    with monkeypatch.context() as patch:
        patch.setattr(os, "geteuid", lambda: 4242)
        assert tokens.kept(vre) is None
        with pytest.raises(LakeError, match="cannot be written: it belongs to another user"):
            tokens.keep(vre, "ada-z")
        with pytest.raises(PermissionError):
            write_client_file(vre)


def test_several_at_once_leave_one_whole_token(vre: Settings) -> None:
    texts = [f"token-{number}-" + "x" * 4000 for number in range(8)]

    def renew(text: str) -> None:
        for _ in range(20):
            tokens.keep(vre, text, WHEN)
            write_client_file(vre)

    threads = [threading.Thread(target=renew, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert (kept := tokens.kept(vre)) is None or kept.text in texts
    assert len(list(vre.folder.iterdir())) == 3


def test_the_end_of_another_token_is_not_taken_for_its_own(vre: Settings) -> None:
    tokens.keep(vre, "one", WHEN)
    tokens.keep(vre, "two")
    kept = tokens.kept(vre)
    assert kept is not None
    assert kept.expires is None


@pytest.mark.parametrize("content", [b"", b"\n", b"a\x07b\n", b"\x1b]0;x", b"x" * 100_000])
def test_a_file_without_a_token_holds_none(vre: Settings, content: bytes) -> None:
    vre.folder.mkdir(parents=True)
    vre.token_file.write_bytes(content)
    assert tokens.kept(vre) is None


def test_tokens_of_the_environment_are_found_in_the_order_of_the_wlcg(
    vre: Settings, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = home / "run" / f"bt_u{os.geteuid()}"
    named = tmp_path / "named"
    runtime.write_text("third\n", encoding="ascii")
    found = []
    for variable, value in (("", ""), ("BEARER_TOKEN_FILE", str(named)), ("BEARER_TOKEN", " first ")):
        if variable:
            named.write_text(" second \nrest", encoding="ascii")
            monkeypatch.setenv(variable, value)
        found.append([(token.text, token.place) for token in tokens.found(vre)])
    assert found == [[("third", str(runtime))], [("second", str(named))], [("first", "BEARER_TOKEN")]]


def test_only_a_login_by_oidc_looks_at_the_environment(vre: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEARER_TOKEN", "first")
    other = Settings("vre", vre.host, vre.host, "userpass", username="ada")
    assert tokens.found(other) == []


def test_credentials_tell_what_there_is_without_asking(vre: Settings) -> None:
    shown = credentials(vre)
    assert shown.problem == "nobody has logged in to the lake vre"
    assert "atlasod-tui login --lake vre" in shown.hint
    tokens.keep(vre, jwt("ada", WHEN))
    assert (credentials(vre).problem, credentials(vre).expires) == ("", WHEN)
    tokens.keep(vre, jwt("ada", datetime.now(UTC) - timedelta(seconds=1)))
    shown = credentials(vre)
    assert shown.problem == "the login to the lake vre has ended"
    assert shown.seconds is not None
    assert shown.seconds < 0


def test_credentials_of_a_password(vre: Settings) -> None:
    def by_password(username: str | None = None, password: str | None = None) -> Settings:
        return Settings(
            "vre", vre.host, vre.host, "userpass", username=username, password=password, source="config.toml"
        )

    full = credentials(by_password("ada", "pw"))
    assert (full.problem, full.expires, full.place, full.account) == ("", None, "config.toml", "ada")
    assert credentials(by_password()).problem == "no user name is known for the lake vre"
    who = by_password("ada")
    assert credentials(who).problem == "no password is known for the lake vre"
    tokens.keep(who, "ada-x", WHEN)
    assert (credentials(who).problem, credentials(who).expires) == ("", WHEN)


def test_other_kinds_of_login_are_left_to_rucios_client(vre: Settings) -> None:
    assert credentials(Settings("vre", vre.host, vre.host, "gss", account="ada")).problem == ""
    assert "cannot log in by saml" in credentials(Settings("vre", vre.host, vre.host, "saml", account="ada")).problem
