"""Rucio's storage protocol on the bindings, as Rucio makes and calls it, against a real server."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from atlasod_tui.errors import CancelledError
from atlasod_tui.lake.transport import xrootd_client
from tests.lake.xrootd.server import Proxy, Server

CONTENT = random.Random(4).randbytes(6_000_000)  # noqa: S311 - any bytes will do
IMPLEMENTATION = "atlasod_tui.lake.rucio.xrootd_protocol.Default"
ADLER = f"{zlib.adler32(CONTENT):08x}"


def protocol(port: int, operation: str = "write") -> Any:
    from rucio.rse import rsemanager  # noqa: PLC0415 - configured first

    domains = {"wan": {"read": 1, "write": 1, "delete": 1}, "lan": {"read": 1, "write": 1, "delete": 1}}
    settings = {
        "rse": "HERE", "deterministic": True, "lfn2pfn_algorithm": "hash", "verify_checksum": True, "id": "0" * 32,
        "protocols": [{
            "scheme": "root", "hostname": "localhost", "port": port, "prefix": "//data/rse/", "impl": IMPLEMENTATION,
            "domains": domains, "extended_attributes": None,
        }],
    }  # fmt: skip
    made = rsemanager.create_protocol(settings, operation, scheme="root", domain="wan", auth_token=None)
    made.connect()
    return made


@pytest.fixture(autouse=True)
def _client_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rucio.cfg").write_text("[client]\nrucio_host = http://localhost:1\nauth_host = http://localhost:1\n")
    monkeypatch.setenv("RUCIO_CONFIG", str(tmp_path / "rucio.cfg"))


@pytest.fixture
def made(proxy: Proxy) -> Any:
    return protocol(proxy.port)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "a.root"
    path.write_bytes(CONTENT)
    return path


def test_the_life_of_a_file(made: Any, xrootd: Server, source: Path, tmp_path: Path) -> None:
    seen: list[int] = []
    made.progress = seen.append
    (url,) = made.lfns2pfns({"scope": "user.ada", "name": "life"}).values()
    assert not made.exists(url)
    made.put(str(source), f"{url}.part")
    assert seen == [*range(1 << 20, 6_000_000, 1 << 20), 6_000_000]
    assert made.stat(f"{url}.part") == {"filesize": len(CONTENT), "adler32": ADLER}
    made.rename(f"{url}.part", url)
    assert made.exists(url)
    assert not made.exists(f"{url}.part")
    (there,) = (xrootd.folder / "rse").rglob("life")
    assert there.read_bytes() == CONTENT
    made.get(url, str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == CONTENT
    made.delete(url)
    assert not there.exists()


def test_rucio_can_upload_with_it(proxy: Proxy, xrootd: Server, source: Path) -> None:
    from rucio.rse import rsemanager  # noqa: PLC0415 - configured first

    settings = protocol(proxy.port).rse
    lfn = {"scope": "user.ada", "name": "managed", "filename": source.name, "filesize": len(CONTENT), "adler32": ADLER}
    upload: Any = rsemanager.upload
    found = upload(settings, lfn, source_dir=str(source.parent))
    assert found["success"]
    (there,) = (xrootd.folder / "rse").rglob("managed")
    assert there.read_bytes() == CONTENT


def test_a_shorter_file_takes_the_place_of_a_longer_one(made: Any, source: Path) -> None:
    (url,) = made.lfns2pfns({"scope": "user.ada", "name": "shorter"}).values()
    made.put(source.name, url, str(source.parent))
    source.write_bytes(b"short")
    made.put(source.name, url, str(source.parent))
    assert made.stat(url)["filesize"] == 5
    source.write_bytes(b"")
    made.put(source.name, url, str(source.parent))
    assert made.stat(url) == {"filesize": 0, "adler32": "00000001"}


def test_what_fails_is_told_as_rucio_does(made: Any, xrootd: Server, source: Path, tmp_path: Path) -> None:
    from rucio.common import exception  # noqa: PLC0415 - configured first

    (url,) = made.lfns2pfns({"scope": "user.ada", "name": "none"}).values()
    works: list[Callable[[], object]] = [
        lambda: made.stat(url),
        lambda: made.delete(url),
        lambda: made.rename(url, f"{url}.new"),
        lambda: made.get(url, str(tmp_path / "back")),
        lambda: made.put("none", url, str(tmp_path)),
    ]
    for work in works:
        with pytest.raises(exception.SourceNotFound):
            work()
    with pytest.raises(exception.RSEAccessDenied, match="does not let this user"):
        made.put(str(source), f"root://localhost:{xrootd.port}//etc/passwd")
    with pytest.raises(exception.ServiceUnavailable, match="refused the connection"):
        protocol(1)


def test_a_cut_upload_can_be_repeated(made: Any, proxy: Proxy, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rucio.common import exception  # noqa: PLC0415 - configured first

    monkeypatch.setattr("atlasod_tui.lake.rucio.xrootd_protocol._SILENCE_S", 2)
    (url,) = made.lfns2pfns({"scope": "user.ada", "name": "cut"}).values()

    def progress(done: int) -> None:
        if done == 2 << 20:
            proxy.cut()

    made.progress = progress
    with pytest.raises(exception.ServiceUnavailable):
        made.put(str(source), url)
    made.progress = lambda _: None
    made.put(str(source), url)
    assert made.stat(url) == {"filesize": len(CONTENT), "adler32": ADLER}


def test_an_upload_ends_when_that_is_asked_for(made: Any, proxy: Proxy, source: Path) -> None:
    (url,) = made.lfns2pfns({"scope": "user.ada", "name": "ended"}).values()
    asked = 0

    def check() -> None:
        nonlocal asked
        asked += proxy.silent.is_set()
        if asked > 1:
            raise CancelledError("enough")

    made.check = check
    made.progress = lambda _: proxy.silent.set()
    with pytest.raises(CancelledError):
        made.put(str(source), url)
    proxy.silent.clear()
    made.check, made.progress = lambda: None, lambda _: None
    made.put(str(source), url)
    assert made.stat(url)["adler32"] == ADLER


def test_what_was_given_up_does_no_harm(proxy: Proxy, xrootd: Server) -> None:
    """Answers that come when nobody waits any more, of files that nobody has any more."""
    xrootd.put("given-up", CONTENT)

    def check() -> None:
        raise CancelledError("enough")

    for _ in range(20):
        file = xrootd_client.RemoteFile(proxy.url("given-up"), 5, lambda: None)
        proxy.silent.set()
        with pytest.raises(CancelledError):
            next(xrootd_client.answers([partial(file.native.read, 0, 1 << 20)], 0.001, check))
        with pytest.raises(CancelledError):
            next(xrootd_client.answers([partial(file.native.stat, True)], 0.001, check))
        file.close()
        del file
        proxy.silent.clear()
    file = xrootd_client.RemoteFile(proxy.url("given-up"), 5, lambda: None)
    assert file.stamp(lambda: None)[0] == len(CONTENT)
    file.close()
