from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from atlasod_tui import config as settings
from atlasod_tui.errors import LakeAwayError, LakeError, UsageError
from atlasod_tui.lake import profiles
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.lake.rucio_settings import Settings, write_client_file

ROOT = Path(__file__).resolve().parents[2]
CONFIG = """
[client]
rucio_host = https://vre.example
auth_host = https://auth.example
auth_type = userpass
username = ada
password = se%%cret
account = ada
ca_cert =
[policy]
schema = escape
[other]
password = hidden
"""


@pytest.fixture(autouse=True)
def _no_rucio(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "HOME", "ACCOUNT", "AUTH_TYPE", "VO"):
        monkeypatch.delenv(f"RUCIO_{name}", raising=False)
    monkeypatch.setenv("VIRTUAL_ENV", "/nowhere")
    monkeypatch.setenv("CONDA_PREFIX", "/nowhere")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "rucio.cfg"
    path.write_text(CONFIG, encoding="utf-8")
    monkeypatch.setenv("RUCIO_CONFIG", str(path))
    return path


_LOCKS: list[int] = []


@pytest.fixture(autouse=True)
def _stop_sandbox() -> Iterator[None]:
    yield
    while _LOCKS:
        os.close(_LOCKS.pop())


def start_sandbox(home: Path) -> None:
    folder = home / "data" / "atlasod-tui" / "sandbox"
    folder.mkdir(parents=True)
    _LOCKS.append(os.open(folder / "server.lock", os.O_RDWR | os.O_CREAT))
    fcntl.flock(_LOCKS[-1], fcntl.LOCK_EX)
    server = {"url": "http://127.0.0.1:4242", "port": 4242, "account": "student", "pid": 1, "host": "here"}
    (folder / "server.json").write_text(json.dumps(server), encoding="utf-8")
    (folder / "settings.json").write_text(json.dumps({"password": "pw", "port": 4242}), encoding="utf-8")


def test_without_any_configuration_the_sandbox_is_named() -> None:
    with pytest.raises(LakeError, match="no lake is configured") as caught:
        profiles.open_lake()
    assert "sandbox up" in caught.value.hint
    assert caught.value.exit_code == 3
    assert [profile.name for profile in profiles.available()] == ["opendata", "local"]


def test_the_users_rucio_comes_first(config: Path, home: Path) -> None:
    start_sandbox(home)
    assert [profile.name for profile in profiles.available()] == ["rucio", "sandbox", "opendata", "local"]
    lake = profiles.open_lake(read_only=True)
    assert isinstance(lake, RucioLake)
    assert (lake.name, lake.read_only) == ("rucio", True)
    settings = lake.settings
    assert (settings.host, settings.auth_host) == ("https://vre.example", "https://auth.example")
    assert (settings.username, settings.password, settings.account) == ("ada", "se%cret", "ada")
    assert settings.source == str(config)
    assert "se%cret" not in repr(settings)


def test_the_environment_wins(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert config.exists()
    monkeypatch.setenv("RUCIO_ACCOUNT", "eve")
    monkeypatch.setenv("RUCIO_AUTH_TYPE", "x509_proxy")
    settings = profiles.user_settings()
    assert (settings.account, settings.auth_type) == ("eve", "x509_proxy")


def test_rucio_home_is_looked_into(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (config.parent / "etc").mkdir()
    config.rename(config.parent / "etc" / "rucio.cfg")
    monkeypatch.delenv("RUCIO_CONFIG")
    monkeypatch.setenv("RUCIO_HOME", str(config.parent))
    assert profiles.user_settings().host == "https://vre.example"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "no section"),
        ("[database]\ndefault=x\n", "no section"),
        ("[client]\naccount=a\n", "where the server is"),
        ("no ini", "not a rucio.cfg"),
        ("[client]\nrucio_host=https://u:s3cret@h\n", "in the address of the server"),
        ("[client]\nrucio_host=https://h\nauth_host=https://u:s3cret@h\n", "in the address of the server"),
        ("[client]\nrucio_host=h\npassword=a%b\n", "not a rucio.cfg"),
        ("[client]\nrucio_host=\xe9\n", "not a rucio.cfg"),
    ],
)
def test_a_configuration_that_cannot_do_is_a_sentence(config: Path, content: str, sentence: str) -> None:
    config.write_bytes(content.encode("latin-1"))
    with pytest.raises(LakeError, match=sentence) as caught:
        profiles.open_lake()
    assert "s3cret" not in caught.value.message


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ("password = ab%s3cret", "the value of password holds a single %"),
        ("password s3cret", "not understood is line 4"),
        ("account = x\naccount = s3cret", "its line 5 repeats an earlier one"),
    ],
)
def test_no_words_of_a_configuration_are_shown(config: Path, lines: str, what: str) -> None:
    config.write_text(f"[client]\nrucio_host = https://h\n\n{lines}\n", encoding="utf-8")
    with pytest.raises(LakeError, match=what) as caught:
        profiles.open_lake()
    assert "s3cret" not in caught.value.message + caught.value.hint
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_a_folder_that_is_gone_is_no_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    assert [profile.name for profile in profiles.available()] == ["opendata"]
    with pytest.raises(UsageError, match="is gone"):
        profiles.open_lake("local")


def test_a_configuration_that_is_missing_is_a_sentence(config: Path) -> None:
    config.unlink()
    with pytest.raises(LakeError, match="cannot be read: No such file"):
        profiles.open_lake()


def test_the_sandbox_is_found_while_it_runs(home: Path) -> None:
    with pytest.raises(LakeError, match="not running") as caught:
        profiles.open_lake("sandbox")
    assert "sandbox up" in caught.value.hint
    start_sandbox(home)
    lake = profiles.open_lake()
    assert isinstance(lake, RucioLake)
    settings = lake.settings
    assert (settings.profile, settings.host, settings.account) == ("sandbox", "http://127.0.0.1:4242", "student")


def test_a_folder_and_the_portal_are_lakes(tmp_path: Path) -> None:
    assert profiles.open_lake(str(tmp_path)).read_only
    assert profiles.open_lake("local").read_only
    assert profiles.open_lake("opendata").name == "opendata"
    with pytest.raises(UsageError, match="no lake 'pond'"):
        profiles.open_lake("pond")


def test_a_folder_keeps_its_meaning_wherever_its_name_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "sandbox").mkdir()
    data, home = str(tmp_path / "data"), str(Path.home())
    named = {"data": data, "sandbox/../data/": data, "local": str(tmp_path), "~": home, "/far/away": "/far/away"}
    assert {name: profiles.lasting(name) for name in named} == named
    for name in ("sandbox", "opendata", "pond"):  # lakes that have this name, and what is none
        assert profiles.lasting(name) == name


def test_the_screen_begins_with_what_is_named_else_set_else_was_last(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start_sandbox(home)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    lasts = {"": "sandbox", "opendata": "opendata", str(tmp_path): str(tmp_path), "/gone": "sandbox", "data": "sandbox"}
    assert {last: profiles.to_begin_with(None, last).lake for last in lasts} == lasts
    assert [bool(profiles.to_begin_with(None, last).lost) for last in lasts] == [False, False, False, True, True]
    assert profiles.to_begin_with("data", "/gone") == (str(tmp_path / "data"), "")
    monkeypatch.setenv("ATLASOD_TUI_LAKE", "opendata")
    settings.load.cache_clear()
    assert profiles.to_begin_with(None, "sandbox") == ("opendata", "")
    assert profiles.to_begin_with("data", "sandbox").lake == str(tmp_path / "data")


def test_a_last_lake_that_is_lost_is_told_where_there_is_no_other() -> None:
    with pytest.raises(UsageError, match="the lake of the last session, /gone, is no longer there"):
        profiles.to_begin_with(None, "/gone")
    with pytest.raises(LakeError, match="no lake is configured"):
        profiles.to_begin_with(None, "")


@pytest.mark.parametrize("name", ["x" * 5000, "~nobody-of-this-name", "a\0b", "\x1b[31m"])
def test_what_cannot_be_a_folder_is_no_lake(name: str) -> None:
    with pytest.raises(UsageError, match="there is no lake") as caught:
        profiles.open_lake(name)
    assert len(caught.value.message) < 300


def test_a_folder_that_may_not_be_looked_at_is_no_lake(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bool:
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(Path, "is_dir", refuse)
        with pytest.raises(UsageError, match="there is no lake"):
            profiles.open_lake("/closed/folder")


def test_opening_a_lake_imports_no_client(home: Path) -> None:
    start_sandbox(home)
    code = "import sys; from atlasod_tui.lake import profiles; profiles.open_lake(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    names = {name.partition(".")[0] for name in done.stdout.split()}
    assert not {"rucio", "requests", "numpy", "rich"} & names


def test_the_client_file_holds_no_secret_and_is_private(config: Path) -> None:
    settings = profiles.user_settings()
    path = write_client_file(settings)
    text = path.read_text(encoding="utf-8")
    assert path != config
    assert "cret" not in text
    assert "hidden" not in text
    assert "ca_cert" not in text
    assert "schema = escape" in text
    assert f"auth_token_file_path = {settings.token_file}" in text
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert list(path.parent.iterdir()) == [settings.client_file]


def test_a_token_is_never_sent_to_another_server_or_for_another_identity() -> None:
    settings = [
        Settings("p", "https://a", "https://a", account="ada"),
        Settings("p", "https://b", "https://a", account="ada"),
        Settings("p", "https://a", "https://b", account="ada"),
        Settings("p", "https://a", "https://a", account="eve"),
        Settings("p", "https://a", "https://a", "oidc", account="ada"),
        Settings("q", "https://a", "https://a", account="ada"),
    ]
    assert len({one.token_file for one in settings}) == len(settings)


def test_what_a_killed_server_said_is_not_believed(home: Path) -> None:
    start_sandbox(home)
    assert profiles.sandbox_settings().host == "http://127.0.0.1:4242"
    os.close(_LOCKS.pop())
    with pytest.raises(LakeAwayError, match="the sandbox is not running"):
        profiles.sandbox_settings()
    lake = profiles.open_lake("sandbox")  # which can tell what it answered earlier
    assert isinstance(lake, RucioLake)
    assert lake.settings.password is None
    with pytest.raises(LakeAwayError, match="the sandbox is not running") as caught:
        list(lake.scopes())
    assert "sandbox up" in caught.value.hint
