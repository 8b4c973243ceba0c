"""The login verbs against the server of the sandbox."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from atlasod_tui.cli.main import run
from atlasod_tui.doctor import examine, lakes
from atlasod_tui.doctor.finding import Finding, State
from atlasod_tui.errors import LoginError
from atlasod_tui.lake import profiles
from atlasod_tui.lake.login import tokens
from atlasod_tui.lake.login.tokens import Token
from atlasod_tui.lake.login.validate import lifetime, ping
from atlasod_tui.lake.rucio.enter import Terms, enter
from atlasod_tui.lake.rucio_settings import Settings
from tests.lake.conftest import Sandbox, living_in


@pytest.fixture
def settings(sandbox: Sandbox) -> Settings:
    with living_in(sandbox.data):
        return profiles.sandbox_settings()


def test_the_server_says_who_it_is(settings: Settings) -> None:
    pong = ping(settings)
    assert pong.version.startswith("41.")
    assert pong.ahead is not None
    assert abs(pong.ahead) < 5


def test_a_login_says_how_long_its_token_lasts(
    sandbox: Sandbox, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with living_in(sandbox.data):
        assert run(["login", "--lake", "sandbox", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["account"], shown["kind"], shown["problem"]) == (sandbox.server.account, "userpass", "")
    kept = tokens.kept(settings)
    assert kept is not None
    assert kept.expires is not None
    assert 3500 < (kept.expires - datetime.now(UTC)).total_seconds() <= 3601
    said = lifetime(settings, kept)
    assert said is not None
    assert abs((said - kept.expires).total_seconds()) < 2


def test_a_token_that_the_server_does_not_know_is_refused(settings: Settings) -> None:
    with pytest.raises(LoginError, match="does not accept the token from somewhere"):
        lifetime(settings, Token("eve-eve-unknown-0123", "somewhere", None))


def test_the_doctor_finds_it_well(sandbox: Sandbox) -> None:
    found: list[Finding] = []
    with living_in(sandbox.data):
        for look in lakes.looks("sandbox", offline=False):
            if look.in_use:
                found += look.find()
    assert [one.state for one in found] == [State.OK, State.OK]
    assert examine.exit_code(found) == 0
    assert "Rucio 41." in found[0].sentence


def test_a_server_without_an_identity_provider_is_a_sentence(settings: Settings) -> None:
    who = Settings("vre", settings.host, settings.auth_host, "oidc", account=settings.account)
    with pytest.raises(LoginError, match="gave no address to log in at: its login in the browser does not work"):
        enter(who, Terms(lambda _: pytest.fail("a page was shown")))
