"""The lakes of ``config.toml``."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlasod_tui import config
from atlasod_tui.errors import LakeError, UsageError
from atlasod_tui.lake import profiles
from atlasod_tui.lake.login import files
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.lake.rucio_settings import Settings, write_client_file

VRE = """
[lakes.vre]
host = "https://vre.example/"
auth_host = "https://auth.example:8443"
auth_type = "oidc"
account = "ada"
vo = "esc"
oidc_issuer = "escape"
oidc_audience = "rucio"
oidc_scope = "openid 100%"
oidc_polling = false
oidc_refresh = true
ca_cert = "~/ca.pem"
"""


@pytest.fixture(autouse=True)
def _no_rucio(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RUCIO_CONFIG", "RUCIO_HOME", "X509_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VIRTUAL_ENV", "/nowhere")
    monkeypatch.setenv("CONDA_PREFIX", "/nowhere")


def configure(home: Path, text: str) -> Path:
    path = home / "config" / "atlasod-tui" / "config.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    config.load.cache_clear()
    return path


def opened(name: str | None = None) -> Settings:
    lake = profiles.open_lake(name)
    assert isinstance(lake, RucioLake)
    return lake.settings


def test_a_section_is_a_lake(home: Path) -> None:
    path = configure(home, VRE)
    vre = opened("vre")
    assert (vre.profile, vre.host, vre.auth_host) == ("vre", "https://vre.example", "https://auth.example:8443")
    assert (vre.auth_type, vre.account, vre.username, vre.password, vre.vo) == ("oidc", "ada", None, None, "esc")
    assert vre.source == str(path)
    assert files.authority(vre) == str(Path.home() / "ca.pem")
    first = profiles.available()[0]
    assert (first.name, first.about) == ("vre", "the Rucio at https://vre.example/")
    text = write_client_file(vre).read_text(encoding="utf-8")
    for line in (
        "oidc_issuer = escape",
        "oidc_audience = rucio",
        "oidc_scope = openid 100%%",
        "oidc_polling = False",
        "auth_oidc_refresh_active = True",
        "account = ada",
        "vo = esc",
    ):
        assert line in text.splitlines()


def test_the_first_section_is_the_lake_where_none_is_named(home: Path) -> None:
    configure(home, '[lakes.two]\nhost = "https://two.example"\n[lakes.one]\nhost = "https://one.example"\n')
    assert opened().profile == "two"
    assert profiles.default() == "two"


def test_the_users_rucio_comes_first_unless_the_settings_say_otherwise(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rucio = tmp_path / "rucio.cfg"
    rucio.write_text("[client]\nrucio_host = https://own.example\n", encoding="utf-8")
    monkeypatch.setenv("RUCIO_CONFIG", str(rucio))
    configure(home, VRE)
    assert opened().profile == "rucio"
    configure(home, f'lake = "vre"\n{VRE}')
    assert opened().profile == "vre"
    monkeypatch.setenv("ATLASOD_TUI_LAKE", "opendata")
    config.load.cache_clear()
    assert profiles.open_lake().name == "opendata"


def test_the_environment_goes_before_the_user_and_the_user_before_the_site(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site.toml"
    site.write_text(
        '[lakes.my-vre]\nhost = "https://site.example"\naccount = "class"\nvo = "edu"\n'
        '[lakes.other]\nhost = "https://other.example"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(config, "SITE_FILE", site)
    configure(home, '[lakes.my-vre]\naccount = "ada"\nvo = "esc"\n')
    monkeypatch.setenv("ATLASOD_TUI_LAKES_MY_VRE_VO", "env")
    monkeypatch.setenv("ATLASOD_TUI_LAKES_MY_VRE_PASSWORD", "pw")
    vre = opened("my-vre")
    assert (vre.host, vre.account, vre.vo, vre.password) == ("https://site.example", "ada", "env", "pw")
    assert [profile.name for profile in profiles.available()][:2] == ["my-vre", "other"]


@pytest.mark.parametrize("name", ["rucio", "sandbox", "opendata", "local"])
def test_a_lake_that_is_there_is_not_shadowed(home: Path, name: str) -> None:
    configure(home, f'[lakes.{name}]\nhost = "https://evil.example"\n')
    for ask in (profiles.available, lambda: profiles.open_lake(name), profiles.default):
        with pytest.raises(UsageError, match=f"names a lake '{name}', which is another already"):
            ask()


@pytest.mark.parametrize("name", ['"a/b"', '".."', '""', '"-x"', '"\\u001b[31m"', '"é"', f'"{"x" * 65}"'])
def test_what_can_be_no_name_is_refused(home: Path, name: str) -> None:
    configure(home, f'[lakes.{name}]\nhost = "https://evil.example"\n')
    with pytest.raises(UsageError, match="no name for one"):
        profiles.available()


@pytest.mark.parametrize("key", ["password", "PASSWORD", "client_secret", "token"])
def test_a_password_in_the_file_is_refused_in_a_sentence(home: Path, key: str) -> None:
    configure(home, f'[lakes.vre]\nhost = "https://vre.example"\n{key} = "s3cret"\n')
    with pytest.raises(UsageError, match="no password belongs in a file of settings") as caught:
        profiles.open_lake("vre")
    assert "s3cret" not in caught.value.message + caught.value.hint
    assert "login --lake vre" in caught.value.hint
    assert profiles.available()[0].name == "vre", "other lakes can still be opened"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('acount = "ada"', "unknown field `acount`"),
        ('auth_type = "magic"', "magic"),
        ("account = 3.5", "account"),
        ('oidc_polling = "perhaps"', "oidc_polling"),
    ],
)
def test_a_setting_that_cannot_be_is_a_sentence(home: Path, line: str, sentence: str) -> None:
    configure(home, f'[lakes.vre]\nhost = "https://vre.example"\n{line}\n')
    with pytest.raises(UsageError, match=sentence) as caught:
        profiles.open_lake("vre")
    assert "auth_host" in caught.value.hint


@pytest.mark.parametrize(
    "host",
    [
        *(
            "vre.example",
            "ftp://vre.example",
            "https://",
            "https://a:s3cret@vre.example",
            "https://[",
            "https://x?y",
            "",
        ),
        *("https://x/a b", "https://x\\nX-Y: z", "https://x\\u202e"),
    ],
)
def test_a_host_is_the_address_of_a_server(home: Path, host: str) -> None:
    configure(home, f'[lakes.vre]\nhost = "{host}"\n')
    with pytest.raises(UsageError, match="not the address of a server") as caught:
        profiles.open_lake("vre")
    assert "s3cret" not in caught.value.message
    assert "s3cret" not in repr(profiles.available())


def test_a_host_is_needed(home: Path) -> None:
    configure(home, '[lakes.vre]\naccount = "ada"\n')
    with pytest.raises(UsageError, match="host"):
        profiles.open_lake("vre")


@pytest.mark.parametrize("text", ["lakes = 3", "[lakes]\nvre = 3", '[[lakes]]\nhost = "x"'])
def test_lakes_are_sections(home: Path, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site.toml"
    site.write_text('[lakes.vre]\nhost = "https://vre.example"\n', encoding="utf-8")
    monkeypatch.setattr(config, "SITE_FILE", site)
    configure(home, text)
    with pytest.raises(UsageError, match="a setting is wrong"):
        profiles.available()


def test_a_lake_that_is_not_there_is_named_with_those_that_are(home: Path) -> None:
    configure(home, VRE)
    with pytest.raises(UsageError) as caught:
        profiles.open_lake("pond")
    assert "vre" in caught.value.hint


def test_without_any_lake_the_file_of_settings_is_named() -> None:
    with pytest.raises(LakeError) as caught:
        profiles.default()
    assert "config.toml" in caught.value.hint
