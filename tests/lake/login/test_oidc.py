"""A login in the browser, through a server and an identity provider over TLS."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from atlasod_tui.errors import LakeAwayError, LakeError, LoginError
from atlasod_tui.lake.login import oidc, tokens
from atlasod_tui.lake.login.oidc import Pending
from atlasod_tui.lake.rucio.enter import Terms, enter
from atlasod_tui.lake.rucio.lake import RucioLake
from tests.lake.login.certificates import Authority
from tests.lake.login.tls_rucio import Answer, Asked, Lake, browse, jwt, settings

BY_CODE = {"oidc_polling": "False"}


def refused(_: Pending) -> None:
    pytest.fail("a page was shown")


def watching(lake: Lake) -> Terms:
    """Return the terms of a user who logs in as soon as the page is shown."""

    def show(pending: Pending) -> None:
        browse(lake, pending.url)

    return Terms(show)


def test_a_login_by_polling_lets_the_lake_be_read(lake: Lake, capfd: pytest.CaptureFixture[str]) -> None:
    who = settings(lake)
    shown = enter(who, watching(lake))
    assert (shown.kind, shown.account, shown.problem) == ("oidc", "ada", "")
    assert shown.seconds == pytest.approx(3600, abs=10)
    assert who.token_file.stat().st_mode & 0o777 == 0o600
    assert who.token_file.read_text(encoding="latin-1") in lake.grants
    vre = RucioLake(who)
    assert [scope.name for scope in vre.scopes()] == ["ATLAS_OD_EDU"]
    vre.close()
    assert lake.paths().count("/auth/oidc") == 1
    assert capfd.readouterr() == ("", "")


def test_the_server_is_asked_as_rucios_client_asks(lake: Lake) -> None:
    client = {"oidc_scope": "openid offline_access", "oidc_audience": "rucio", "oidc_issuer": "escape"}
    enter(settings(lake, client=client, vo="esc"), watching(lake))
    begun = next(one.headers for one in lake.asked if one.path == "/auth/oidc")
    wanted = {
        "X-Rucio-Account": "ada",
        "X-Rucio-VO": "esc",
        "X-Rucio-Client-Authorize-Polling": "True",
        "X-Rucio-Client-Authorize-Scope": "openid offline_access",
        "X-Rucio-Client-Authorize-Audience": "rucio",
        "X-Rucio-Client-Authorize-Issuer": "escape",
        "X-Rucio-Client-Authorize-Refresh-Lifetime": "None",
    }
    assert wanted.items() <= begun.items()
    polls = [one.headers for one in lake.asked if one.path == "/auth/oidc_redirect"]
    assert polls[-1]["X-Rucio-Client-Fetch-Token"] == "True"


def test_the_server_is_asked_again_until_the_user_has_logged_in(lake: Lake) -> None:
    pages: list[str] = []
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            browse(lake, pages[0])

    shown = enter(settings(lake), Terms(lambda pending: pages.append(pending.url), wait=wait))
    assert shown.account == "ada"
    assert waits == [2.0, 2.0, 2.0]


@pytest.mark.usefixtures("impatient")
def test_a_user_who_never_logs_in_is_not_waited_for(lake: Lake) -> None:
    with pytest.raises(LoginError, match="nobody logged in to the lake vre within") as caught:
        enter(settings(lake), Terms(lambda _: None))
    assert "atlasod-tui login --lake vre" in caught.value.hint
    assert not settings(lake).token_file.exists()


@pytest.mark.usefixtures("impatient")
def test_a_user_whom_the_provider_does_not_let_in_gets_no_token(lake: Lake) -> None:
    lake.provider_says_yes = False
    with pytest.raises(LoginError, match="or was not let in"):
        enter(settings(lake), watching(lake))
    assert lake.grants == {}


def test_a_wait_can_be_ended(lake: Lake) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        enter(settings(lake), Terms(lambda _: None, wait=interrupted))


def test_a_code_is_redeemed(lake: Lake) -> None:
    pages: list[str] = []

    def code() -> str:
        page = browse(lake, pages[0])
        return page.partition("<b>")[2].partition("</b>")[0]

    terms = Terms(lambda pending: pages.append(pending.url), code=code)
    assert enter(settings(lake, client=BY_CODE), terms).account == "ada"
    begun = next(one.headers for one in lake.asked if one.path == "/auth/oidc")
    assert begun["X-Rucio-Client-Authorize-Polling"] == "False"


def test_where_nobody_can_be_asked_the_code_comes_with_another_call(lake: Lake) -> None:
    who = settings(lake, client=BY_CODE)
    pages: list[str] = []
    with pytest.raises(LoginError, match="needs the code") as caught:
        enter(who, Terms(lambda pending: pages.append(pending.url)))
    assert "--code CODE" in caught.value.hint
    code = browse(lake, pages[0]).partition("<b>")[2].partition("</b>")[0]
    assert enter(who, Terms(refused), code).account == "ada"


def test_a_wrong_code_may_be_given_again_twice(lake: Lake) -> None:
    codes = iter(["what is this?", "0123456789", "9876543210"])
    said: list[str] = []
    terms = Terms(lambda _: None, code=lambda: next(codes), complain=lambda error: said.append(error.message))
    with pytest.raises(LoginError, match="does not know this code"):
        enter(settings(lake, client=BY_CODE), terms)
    assert said == ["this is no code of a login", "the lake vre does not know this code"]


def test_a_server_that_knows_no_such_login_is_a_sentence(lake: Lake) -> None:
    lake.knows_issuer = False
    with pytest.raises(LoginError, match="gave no address to log in at: Requirements of scope") as caught:
        enter(settings(lake), Terms(refused))
    assert "oidc_scope" in caught.value.hint


@pytest.mark.parametrize("url", ["http://elsewhere.example/auth", "file:///etc/passwd", "https://\x1b[31m.example", ""])
def test_an_address_that_cannot_be_trusted_is_not_shown(lake: Lake, url: str) -> None:
    lake.instead["/auth/oidc"] = lambda _: Answer(200, headers={"X-Rucio-OIDC-Auth-URL": url})
    with pytest.raises(LakeError, match=r"that can be trusted|did not answer as a Rucio"):
        enter(settings(lake), Terms(refused))


@pytest.mark.parametrize("text", ["\x07bell", "x" * 70_000])
def test_what_cannot_be_a_token_is_not_kept(text: str) -> None:
    assert not tokens.proper(text)


def test_a_server_of_another_authority_is_not_trusted(lake: Lake, tmp_path: Path) -> None:
    other = Authority(tmp_path)
    with pytest.raises(LakeError, match="not one that this machine trusts") as caught:
        enter(settings(lake, client={"ca_cert": str(other.file)}), Terms(refused))
    assert lake.url in caught.value.message
    assert lake.asked == []


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_that_is_away_is_a_sentence(lake: Lake, status: int) -> None:
    lake.instead["/auth/oidc"] = lambda _: Answer(status, "<html>")
    with pytest.raises(LakeAwayError, match=f"HTTP status {status}"):
        enter(settings(lake), Terms(refused))
    with pytest.raises(LakeError, match="nothing answers at https://localhost:1"):
        enter(settings(lake, auth_host="https://localhost:1"), Terms(refused))


def test_what_the_network_does_meanwhile_is_waited_out(lake: Lake) -> None:
    statuses = iter([503, 500, 401, 502])

    def shaky(_: Asked) -> Answer:
        status = next(statuses, None)
        if status is None:
            del lake.instead["/auth/oidc_redirect"]
        return Answer(status or 504)

    def show(pending: Pending) -> None:
        browse(lake, pending.url)
        lake.instead["/auth/oidc_redirect"] = shaky

    assert enter(settings(lake), Terms(show, wait=lambda _: None)).account == "ada"
    assert next(statuses, None) is None


def test_no_secret_is_in_a_sentence(lake: Lake) -> None:
    who = settings(lake, auth_host="https://localhost:1")
    with pytest.raises(LakeError) as caught:
        oidc.redeem(who, "0123456789secret")
    assert "secret" not in caught.value.message + caught.value.hint


def test_how_long_an_opaque_token_lasts_is_asked(lake: Lake) -> None:
    lake.opaque = True
    who = settings(lake)
    shown = enter(who, watching(lake))
    assert shown.seconds == pytest.approx(3600, abs=10)
    again = tokens.kept(who)
    assert again is not None
    assert again.expires == shown.expires


def test_a_token_of_the_environment_is_used_and_not_written(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEARER_TOKEN", lake.grant("ada"))
    who = settings(lake)
    shown = enter(who, Terms(refused))
    assert (shown.account, shown.place) == ("ada", "BEARER_TOKEN")
    vre = RucioLake(who)
    assert vre.account() == "ada"
    assert list(vre.scopes())
    vre.close()
    assert not who.token_file.exists()


@pytest.mark.parametrize("ends", [timedelta(hours=-1), timedelta(hours=1)])
def test_a_token_of_the_environment_that_is_refused_gives_way(
    lake: Lake, ends: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEARER_TOKEN", jwt("ada", datetime.now(UTC) + ends))
    who = settings(lake)
    shown = enter(who, watching(lake))
    assert shown.place == str(who.token_file)
    vre = RucioLake(who)
    assert list(vre.scopes())
    vre.close()


def test_a_token_refused_in_the_middle_names_the_verb(lake: Lake) -> None:
    who = settings(lake)
    enter(who, watching(lake))
    vre = RucioLake(who)
    assert list(vre.scopes())
    lake.grants.clear()
    with pytest.raises(LoginError, match="no longer accepts the token") as caught:
        list(vre.scopes())
    assert "atlasod-tui login --lake vre" in caught.value.hint
    enter(who, watching(lake))  # in another terminal, say
    assert list(vre.scopes())
    vre.close()


def test_a_token_that_has_ended_is_not_even_sent(lake: Lake) -> None:
    who = settings(lake)
    tokens.keep(who, jwt("ada", datetime(2026, 1, 2, 3, 4, tzinfo=UTC)))
    vre = RucioLake(who)
    with pytest.raises(LoginError, match="ended on 2026-01-02 at 03:04 UTC: a login in the browser is needed"):
        list(vre.scopes())
    vre.close()
    assert lake.asked == []
