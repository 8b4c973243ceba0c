"""What the environment says to the user's own Rucio is not said to another lake; and tokens that a server renews."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlasod_tui.errors import LoginError
from atlasod_tui.lake import profiles
from atlasod_tui.lake.login import tokens
from atlasod_tui.lake.rucio.lake import RucioLake
from tests.lake.login.tls_rucio import Answer, Asked, Lake, settings


def test_the_account_of_another_rucio_is_not_sent_here(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCOUNT", "VO", "AUTH_TYPE", "CLIENT_CERT", "CLIENT_PROXY"):
        monkeypatch.setenv(f"RUCIO_{name}", "eve")
    who = settings(lake, account=None)
    tokens.keep(who, lake.grant("ada"))
    vre = RucioLake(who)
    assert vre.account() == "ada"
    vre.close()
    (headers,) = [one.headers for one in lake.asked]
    assert "X-Rucio-Account" not in headers
    assert headers["X-Rucio-VO"] == "def"


def test_it_is_sent_to_the_users_own(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rucio.cfg"
    hosts = f"rucio_host = {lake.url}\nauth_host = {lake.certificate_url}\n"
    path.write_text(f"[client]\n{hosts}auth_type = x509\nca_cert = /nowhere\n", encoding="utf-8")
    lake.authority.folder = tmp_path
    ada = lake.authority.user("ada")
    for name, value in {
        "RUCIO_CONFIG": path,
        "RUCIO_ACCOUNT": "ada",
        "RUCIO_CLIENT_CERT": ada.certificate,
        "RUCIO_CLIENT_KEY": ada.key,
        "X509_CERT_DIR": lake.authority.file,
    }.items():
        monkeypatch.setenv(name, str(value))
    own = RucioLake(profiles.user_settings())
    assert list(own.scopes())
    own.close()
    assert {one.headers["X-Rucio-Account"] for one in lake.asked} == {"ada"}


def test_a_token_is_renewed_by_the_server_where_the_settings_say_so(lake: Lake) -> None:
    who = settings(lake, client={"auth_oidc_refresh_active": "True"})
    old, new = lake.grant("ada"), lake.grant("ada")
    ends = str(int(lake.grants[new].ends.timestamp()))

    def refresh(asked: Asked) -> Answer:
        assert asked.headers["X-Rucio-Auth-Token"] == old
        return Answer(200, headers={"X-Rucio-Auth-Token": new, "X-Rucio-Auth-Token-Expires": ends})

    lake.instead["/auth/oidc_refresh"] = refresh
    tokens.keep(who, old)
    vre = RucioLake(who)
    assert list(vre.scopes())
    vre.close()
    kept = tokens.kept(who)
    assert kept is not None
    assert kept.text == new
    assert lake.asked[-1].headers["X-Rucio-Auth-Token"] == new
    tokens.keep(who, new)
    assert {path.name for path in who.folder.iterdir()} == {who.token_file.name, who.client_file.name}


def test_a_login_by_password_in_another_terminal_is_noticed(lake: Lake) -> None:
    who = settings(lake, "userpass", username="ada")
    tokens.keep(who, lake.grant("ada"))
    vre = RucioLake(who)
    assert list(vre.scopes())
    lake.grants.clear()
    with pytest.raises(LoginError, match="no password is known for the lake vre") as caught:
        list(vre.scopes())
    assert "atlasod-tui login --lake vre" in caught.value.hint
    tokens.keep(who, lake.grant("ada"))
    assert list(vre.scopes())
    vre.close()
