"""Copies that are on this machine: the cache, the user's folders, a local lake."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from atlasod_tui import config, paths
from atlasod_tui.errors import LakeError, UsageError
from atlasod_tui.lake.fetching import copies
from atlasod_tui.lake.fetching.copies import RemoteFile, cached_path, identity, local_copy, reference, remember
from atlasod_tui.lake.fetching.download import Patience
from atlasod_tui.lake.fetching.fetch import Fetcher
from atlasod_tui.lake.fetching.wanted import NotFetchedError
from atlasod_tui.lake.local import LocalLake
from atlasod_tui.lake.model import DID, FileEntry, Replica
from atlasod_tui.lake.opendata import OpenData
from atlasod_tui.lake.profiles import open_lake
from atlasod_tui.lake.rucio.lake import RucioLake
from tests.lake.download.fetching import CONTENT, NAME, SIZE, adler
from tests.lake.https_server import serve
from tests.lake.rucio_stub import settings

LAKE = OpenData()
FILE = RemoteFile("opendata", DID("opendata", NAME), SIZE, adler(CONTENT))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def lay(path: Path, content: bytes = CONTENT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_cached_file_is_taken_and_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert local_copy(LAKE, FILE) is None
    path = lay(cached_path("opendata", FILE.did))
    assert path == paths.cache_dir() / "files" / "opendata" / "opendata" / NAME
    assert local_copy(LAKE, FILE) == path
    with monkeypatch.context() as patch:
        patch.setattr(copies, "checksum", lambda *_: pytest.fail("it is read again"))
        assert local_copy(LAKE, FILE) == path
    os.utime(path, ns=(5, 5))
    lay(path, bytes(SIZE))
    assert local_copy(LAKE, FILE) is None


def test_what_was_verified_when_it_was_fetched_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    path = lay(cached_path("opendata", FILE.did))
    remember(path, adler(CONTENT))
    monkeypatch.setattr(copies, "checksum", lambda *_: pytest.fail("it is read again"))
    assert local_copy(LAKE, FILE) == path


@pytest.mark.parametrize(
    ("content", "bytes_", "sum_"),
    [(CONTENT[:-1], SIZE, adler(CONTENT)), (bytes(SIZE), SIZE, adler(CONTENT)), (CONTENT, None, None)],
)
def test_what_cannot_be_told_to_be_it_is_not_taken(content: bytes, bytes_: int | None, sum_: str | None) -> None:
    lay(cached_path("opendata", FILE.did), content)
    assert local_copy(LAKE, RemoteFile("opendata", FILE.did, bytes_, sum_)) is None


def test_folders_of_the_user_are_looked_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tmp_path / "mine" / "wrong" / NAME, bytes(SIZE))
    path = lay(tmp_path / "more" / "GamGam" / "Data" / NAME)
    monkeypatch.setenv("ATLASOD_TUI_LOCAL_FOLDERS", f"{tmp_path / 'mine'}:{tmp_path / 'nothing'}:{tmp_path / 'more'}")
    config.load.cache_clear()
    assert local_copy(LAKE, FILE) == path
    assert local_copy(LAKE, RemoteFile("opendata", DID("opendata", "../" + NAME), 1)) is None


def test_settings_are_checked(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    (home / "config" / "atlasod-tui").mkdir()
    (home / "config" / "atlasod-tui" / "config.toml").write_text('local_folders = ["/a", "/b"]\n')
    config.load.cache_clear()
    assert config.load().local_folders == ("/a", "/b")
    monkeypatch.setenv("ATLASOD_TUI_PORTAL", "mirror.example.org")
    config.load.cache_clear()
    with pytest.raises(UsageError, match="portal"):
        config.load()


def test_the_portal_can_be_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLASOD_TUI_PORTAL", "https://mirror.example.org/")
    config.load.cache_clear()
    (replica,) = open_lake("opendata").replicas([DID("opendata", "data_A.4lep.root")])
    (url,) = replica.urls
    assert url.startswith("https://mirror.example.org/eos/opendata/atlas/")


def test_a_file_of_a_local_lake_is_its_own_copy(tmp_path: Path) -> None:
    lake = LocalLake(tmp_path)
    path = lay(tmp_path / "sub" / NAME)
    (entry,) = lake.files(DID("local", "sub"))
    assert local_copy(lake, RemoteFile.of(lake, entry)) == path
    assert open_lake(reference(lake)).name == "local"
    lay(tmp_path.parent / "outside.root")
    for name in ("../outside.root", str(tmp_path.parent / "outside.root"), "sub/../../outside.root"):
        assert local_copy(lake, RemoteFile("", DID("local", name), SIZE)) is None


def test_lakes_are_told_apart_by_their_servers() -> None:
    assert identity(LAKE) == reference(LAKE) == "opendata"
    one, other = (RucioLake(settings(url)) for url in ("https://one.example.org:443/../x", "http://127.0.0.1:8000"))
    assert (identity(one), identity(other)) == ("one.example.org_443_.._x", "127.0.0.1_8000")
    assert reference(one) == "stub"


@pytest.mark.parametrize(
    "did",
    [
        DID("opendata", "../x"),
        DID("..", "x"),
        DID("a/b", "x"),
        DID("opendata", "/etc/passwd"),
        DID("opendata", "a//b"),
        DID("opendata", "a/./b"),
        DID("opendata", "\x1b[2J"),
        DID("opendata", "x" * 300),
        DID("opendata", ""),
    ],
)
def test_hostile_names_have_no_place_in_the_cache(did: DID) -> None:
    with pytest.raises(LakeError) as caught:
        cached_path("opendata", did)
    assert caught.value.message.isprintable()
    assert local_copy(LAKE, RemoteFile("", did, 5)) is None


@pytest.mark.parametrize("auth_type", ["x509", "x509_proxy", "userpass"])
def test_storage_elements_see_the_certificate_that_the_lake_sees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, auth_type: str
) -> None:
    for name in [name for name in os.environ if name.startswith(("X509", "REQUESTS_CA", "RUCIO"))]:
        monkeypatch.delenv(name)
    with serve(tmp_path, clients=True) as server:
        server.files[NAME] = CONTENT
        pem = str(tmp_path / "client.pem")
        options = {"client": {"ca_cert": str(server.ca), "client_cert": pem, "client_x509_proxy": pem}}
        lake = RucioLake(settings("http://127.0.0.1:1", auth_type=auth_type, options=options))
        replicas = [Replica(FILE.entry, "RSE", (server.url(NAME),))]
        with Fetcher(lake, Patience(tries=1)) as fetcher:
            if auth_type == "userpass":
                with pytest.raises(NotFetchedError):
                    fetcher.fetch(FILE, tmp_path / "to", replicas=replicas)
            else:
                assert fetcher.fetch(FILE, tmp_path / "to", replicas=replicas).path.read_bytes() == CONTENT


class _OneReplica(OpenData):
    """A lake whose only file is where it is told."""

    def __init__(self, *urls: str) -> None:
        super().__init__()
        self._urls = urls

    def replicas(self, files: Iterable[DID]) -> Iterator[Replica]:
        for did in files:
            yield Replica(FileEntry(did), "RSE", self._urls)


def test_one_file_is_fetched_with_the_replicas_of_the_lake(tmp_path: Path) -> None:
    storage = lay(tmp_path / "storage" / "x")
    with Fetcher(_OneReplica(storage.as_uri())) as fetcher:
        fetched = fetcher.fetch(FILE, tmp_path / "to", name="other.root")
    assert fetched.path == tmp_path / "to" / "other.root"
    assert fetched.source is not None
    assert fetched.source.storage_element == "RSE"
    with Fetcher(_OneReplica()) as fetcher:
        local = fetcher.fetch(FILE, tmp_path / "to", local=storage)
    assert local.source is not None
    assert local.source.storage_element == "this machine"
