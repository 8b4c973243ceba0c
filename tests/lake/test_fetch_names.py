"""A lake whose names are hostile: no real server takes them, so a stub has them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from atlasod_tui.cli.main import run
from tests.lake.rucio_stub import Answer, document, logging_in, refusal, rows, serving

Captured = pytest.CaptureFixture[str]
GOOD = b"some bytes"
HOSTILE = [
    "../evil.root",
    "../../../../evil.root",
    "..",
    ".",
    "/evil.root",
    "sub/../../evil.root",
    "x\x1b[2J\x1b[31mevil.root",
    "evil\u202etoor.root",
    "new\nline.root",
    "nul\0.root",
    "half\ud800.root",
    "good.root.part",
    "good.root.part.json",
    "x" * 300,
    "",
]
HARMLESS = ["good.root", "[bold red]markup[/].root", "$(touch evil.root)", "sub/good.root", "a b'\"\\µ.root", "-rf"]


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    path = tmp_path / "storage.root"
    path.write_bytes(GOOD)
    return path


@pytest.fixture(autouse=True)
def lake(tmp_path: Path, storage: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Rucio with the dataset ``s:d``, which ``rucio.cfg`` leads to."""
    files = [
        {"scope": "s", "name": name, "bytes": len(GOOD), "adler32": f"{zlib.adler32(GOOD):08x}"}
        for name in HOSTILE + HARMLESS
    ]
    twice = [{**files[-1], "scope": scope} for scope in ("s", "t")]

    held = {"d": files, "twice": twice, "nested": [{**files[-1], "name": name} for name in ("a", "a/b")], "empty": []}

    def answering(method: str, path: str) -> Answer:
        for name, found in held.items():
            if path.startswith(f"/dids/s/{name}/files"):
                return rows(*found)
        if method == "POST" and path.startswith("/replicas/list"):
            place = {"rse": "RSE", "type": "DISK", "priority": 1}
            pfns = {storage.as_uri(): place}
            return rows(*[{**file, "pfns": pfns, "states": {"RSE": "AVAILABLE"}} for file in files])
        if path.startswith("/scopes"):
            return document(["s"])
        return refusal(404, "DataIdentifierNotFound", f"{path}\x1b[31m")

    with serving(logging_in(answering)) as url:
        config = tmp_path / "rucio.cfg"
        lines = (f"rucio_host = {url}", f"auth_host = {url}", "auth_type = userpass", "username = ada", "account = ada")
        config.write_text("\n".join(("[client]", *lines, "password = secret")))
        monkeypatch.setenv("RUCIO_CONFIG", str(config))
        for name in ("RUCIO_ACCOUNT", "RUCIO_AUTH_TYPE", "RUCIO_VO"):
            monkeypatch.delenv(name, raising=False)
        yield


def get(*arguments: str | Path) -> int:
    return run(["get", "--lake", "rucio", *map(str, arguments)])


def test_hostile_names_write_nothing_and_are_listed(tmp_path: Path, capsys: Captured) -> None:
    before = set(tmp_path.rglob("*"))
    to = tmp_path / "deep" / "er" / "to"
    assert get("s:d", "--to", to) == 4
    captured = capsys.readouterr()
    for text in (captured.out, captured.err):
        assert all(line.isprintable() for line in text.splitlines())
    assert captured.out.count("skipped s:") == len(HOSTILE)
    assert f"{len(HOSTILE)} of {len(HOSTILE) + len(HARMLESS)} files could not be had" in captured.out
    assert "[bold red]markup[/].root" in captured.out
    files = {path for path in set(tmp_path.rglob("*")) - before if path.is_file()}
    assert {str(path.relative_to(to / "d")) for path in files} == set(HARMLESS)
    assert {path.read_bytes() for path in files} == {GOOD}


def test_the_plan_names_them_too(tmp_path: Path, capsys: Captured) -> None:
    assert get("s:d", "--to", tmp_path / "to", "--dry-run", "--json") == 4
    found = json.loads(capsys.readouterr().out)
    assert [one["path"] for one in found["skipped"]] == [f"s:{name}".replace("\ud800", r"\ud800") for name in HOSTILE]
    assert [row["path"] for row in found["plan"]] == [f"d/{name}" for name in HARMLESS]
    assert get("s:d", "--to", tmp_path / "to", "--dry-run") == 4
    assert all(line.isprintable() for line in capsys.readouterr().out.splitlines())
    assert not (tmp_path / "to").exists()


@pytest.mark.parametrize(
    ("did", "code", "sentence"),
    [
        ("s:twice", 2, "would both be called 'twice/-rf'"),
        ("s:nested", 2, "would be a file and a folder"),
        ("s:empty", 3, "holds no files"),
        ("s:\x1b[31m[red]", 3, "no such DID"),
        ("s:../../x", 3, ""),
        ("s:..", 3, "cannot be a DID"),
        ("../../x:d", 3, ""),
    ],
)
def test_what_cannot_be_fetched_is_refused_before_anything_is(
    tmp_path: Path, capsys: Captured, did: str, code: int, sentence: str
) -> None:
    assert get(did, "--to", tmp_path / "to") == code
    text = capsys.readouterr().err
    assert sentence in text
    assert all(line.isprintable() for line in text.splitlines())
    assert not (tmp_path / "to").exists()
