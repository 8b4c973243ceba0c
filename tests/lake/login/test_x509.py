"""Certificates and proxies, against a server whose TLS handshake requires them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from atlasod_tui.errors import LakeError, LoginError
from atlasod_tui.lake.login import files
from atlasod_tui.lake.login.credentials import credentials
from atlasod_tui.lake.rucio.enter import Terms, enter
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.lake.rucio_settings import Settings
from tests.lake.login.certificates import Authority, User
from tests.lake.login.tls_rucio import Lake, settings

NOBODY = Terms(lambda _: pytest.fail("a page was shown"))
HOUR = timedelta(hours=1)


@pytest.fixture
def ada(lake: Lake, tmp_path: Path) -> User:
    lake.authority.folder = tmp_path
    return lake.authority.user("ada")


def by_certificate(lake: Lake, user: User, **changes: object) -> Settings:
    client = {"client_cert": str(user.certificate), "client_key": str(user.key)}
    return settings(lake, "x509", client={**client, **changes})


def by_proxy(lake: Lake, path: Path) -> Settings:
    return settings(lake, "x509_proxy", client={"client_x509_proxy": str(path)})


def reading(who: Settings) -> Iterator[str]:
    vre = RucioLake(who)
    try:
        yield from (scope.name for scope in vre.scopes())
    finally:
        vre.close()


def failure(who: Settings) -> LoginError:
    with pytest.raises(LoginError) as caught:
        enter(who, NOBODY)
    assert caught.value.exit_code == 3
    return caught.value


def test_a_certificate_lets_the_lake_be_read(lake: Lake, ada: User, capfd: pytest.CaptureFixture[str]) -> None:
    who = by_certificate(lake, ada)
    assert list(reading(who)) == ["ATLAS_OD_EDU"]
    shown = enter(who, NOBODY)
    assert (shown.kind, shown.account, shown.problem) == ("x509", "ada", "")
    assert (shown.expires, shown.place) == (ada.ends, str(ada.certificate))
    assert shown.token_expires == lake.grants[who.token_file.read_text(encoding="latin-1")].ends
    assert lake.paths().count("/auth/x509") == 2, "a login that is asked for is made even where there is a token"
    assert capfd.readouterr() == ("", "")


def test_a_proxy_lets_the_lake_be_read(lake: Lake, ada: User) -> None:
    path = ada.proxy(ends=12 * HOUR)
    who = by_proxy(lake, path)
    assert list(reading(who)) == ["ATLAS_OD_EDU"]
    shown = enter(who, NOBODY)
    assert (shown.kind, shown.account, shown.place) == ("x509_proxy", "ada", str(path))
    assert shown.seconds == pytest.approx(12 * 3600, abs=10)
    assert lake.paths().count("/auth/x509_proxy") == 2


def test_a_proxy_ends_with_the_certificate_behind_it(lake: Lake) -> None:
    user = lake.authority.user("ada", ends=2 * HOUR)
    shown = credentials(by_proxy(lake, user.proxy(ends=12 * HOUR)))
    assert shown.expires == user.ends


def test_the_environment_names_the_proxy(lake: Lake, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X509_USER_PROXY", str(ada.proxy()))
    assert enter(settings(lake, "x509_proxy"), NOBODY).account == "ada"


def test_the_handshake_requires_a_certificate(lake: Lake) -> None:
    who = settings(lake, "userpass", username="ada", password=lake.passwords["ada"], auth_host=lake.certificate_url)
    vre = RucioLake(who)
    with pytest.raises(LakeError):
        list(vre.scopes())
    assert lake.asked == []
    vre.close()


def test_a_certificate_of_another_authority_is_refused_by_the_handshake(lake: Lake, tmp_path: Path) -> None:
    stranger = Authority(tmp_path).user("ada")
    vre = RucioLake(by_certificate(lake, stranger))
    with pytest.raises(LakeError) as caught:
        list(vre.scopes())
    assert "localhost" in caught.value.message
    assert lake.asked == []
    vre.close()


def test_a_server_of_another_authority_is_not_trusted(lake: Lake, ada: User, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other")
    with pytest.raises(LakeError, match="not one that this machine trusts") as caught:
        enter(by_certificate(lake, ada, ca_cert=str(other.file)), NOBODY)
    assert "ca_cert" in caught.value.hint
    assert lake.asked == []


def test_a_certificate_that_is_not_registered_is_a_sentence(lake: Lake) -> None:
    error = failure(by_certificate(lake, lake.authority.user("eve")))
    assert "does not know the identity of ada: The identity does not exist" in error.message
    assert "registered" in error.hint


def test_a_proxy_that_has_expired_is_refused_here(lake: Lake, ada: User) -> None:
    path = ada.proxy(ends=-HOUR)
    error = failure(by_proxy(lake, path))
    assert error.message.startswith(f"the proxy {path} expired on ")
    assert "voms-proxy-init" in error.hint
    assert lake.asked == []
    shown = credentials(by_proxy(lake, path))
    assert shown.problem == error.message
    assert shown.seconds == pytest.approx(-3600, abs=10)


@pytest.mark.parametrize("kind", ["x509", "x509_proxy"])
def test_what_the_server_finds_expired_is_a_sentence_too(
    lake: Lake, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = lake.authority.user("ada", ends=-HOUR)
    monkeypatch.setattr(files, "check", lambda _: None)  # as if this machine's clock were wrong
    who = by_certificate(lake, user) if kind == "x509" else by_proxy(lake, user.proxy(ends=HOUR))
    with pytest.raises(LoginError, match="says that the certificate or proxy of ada has expired"):
        enter(who, NOBODY)
    assert lake.asked == []


def test_a_proxy_that_expires_leaves_the_token_that_is_held(lake: Lake, ada: User) -> None:
    who = by_proxy(lake, ada.proxy())
    assert list(reading(who))
    ada.proxy(ends=-HOUR)
    assert list(reading(who)) == ["ATLAS_OD_EDU"]
    lake.grants.clear()
    with pytest.raises(LoginError, match="expired on"):
        list(reading(who))


def test_a_token_refused_in_the_middle_is_renewed(lake: Lake, ada: User) -> None:
    vre = RucioLake(by_certificate(lake, ada))
    assert list(vre.scopes())
    lake.grants.clear()
    assert list(vre.scopes())
    assert lake.paths().count("/auth/x509") == 2
    lake.grants.clear()
    lake.identities.clear()
    with pytest.raises(LoginError, match="does not know the identity"):
        list(vre.scopes())
    vre.close()


def test_a_token_that_has_ended_is_renewed_before_it_is_refused(lake: Lake, ada: User) -> None:
    lake.lasts = timedelta(seconds=-1)
    who = by_certificate(lake, ada)
    with pytest.raises(LakeError):
        list(reading(who))
    lake.lasts = HOUR
    lake.asked.clear()
    assert list(reading(who))
    assert lake.paths() == ["/auth/x509", "/scopes/owner"]


def test_a_certificate_that_is_not_valid_yet_points_at_the_clock(lake: Lake) -> None:
    error = failure(by_certificate(lake, lake.authority.user("ada", begins=HOUR)))
    assert "is not valid before" in error.message
    assert "clock" in error.hint


def test_a_key_of_another_certificate_is_told(lake: Lake, ada: User, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    lake.authority.folder = tmp_path / "other"
    other = lake.authority.user("ada")
    assert "is not that of the certificate" in failure(by_certificate(lake, ada, client_key=str(other.key))).message


@pytest.mark.parametrize(
    ("option", "content", "sentence"),
    [
        ("client_cert", None, "there is no certificate"),
        ("client_key", None, "there is no key"),
        ("client_cert", b"no certificate", "holds no certificate"),
        ("client_key", b"no key", "holds no key"),
        ("client_key", b"-----BEGIN ENCRYPTED PRIVATE KEY-----", "protected by a passphrase"),
    ],
)
def test_files_that_cannot_do_are_sentences(
    lake: Lake, ada: User, tmp_path: Path, option: str, content: bytes | None, sentence: str
) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o600)
    who = by_certificate(lake, ada, **{option: str(path)})
    assert sentence in failure(who).message
    assert sentence in credentials(who).problem


def test_a_key_that_others_may_read_is_refused(lake: Lake, ada: User) -> None:
    ada.key.chmod(0o640)
    assert "chmod 600" in failure(by_certificate(lake, ada)).hint


def test_a_certificate_that_is_not_named_is_a_sentence(lake: Lake) -> None:
    error = failure(settings(lake, "x509"))
    assert (error.message, error.hint) == (
        "no certificate is named for the lake vre",
        "Set client_cert and client_key in config.toml.",
    )


def test_a_file_in_tmp_that_somebody_else_laid_down_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bt_u0"
    path.write_text("token", encoding="utf-8")
    assert files.owned(path)
    user = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    assert not files.owned(path)
    assert not files.owned(tmp_path / "none")
