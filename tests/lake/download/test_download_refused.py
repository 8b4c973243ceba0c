from __future__ import annotations

import errno
import os
from pathlib import Path

import msgspec
import pytest

from atlasod_tui.errors import LakeError
from atlasod_tui.lake.fetching.download import Downloader
from atlasod_tui.lake.fetching.wanted import target
from tests.lake.download.fetching import CONTENT, NAME, QUICK, SIZE, adler, fetch, names, wanted
from tests.lake.https_server import Fault, Server, serve


def test_http_is_taken_too_but_https_does_not_lead_there(server: Server, tmp_path: Path) -> None:
    with serve(tmp_path, plain=True) as plain:
        plain.files[NAME] = CONTENT
        assert fetch(wanted(plain), tmp_path / "plain").path.read_bytes() == CONTENT
        server.always = Fault(status=302, headers=(("Location", plain.url(NAME)),))
        with pytest.raises(LakeError, match="it leads on to an address without https"):
            fetch(wanted(server), tmp_path)
        assert len(plain.asked) == 1  # not even asked
    server.always = None
    server.faults = [Fault(status=302, headers=(("Location", server.url("elsewhere")),))]
    server.files["elsewhere"] = CONTENT
    assert fetch(wanted(server), tmp_path).path.read_bytes() == CONTENT


def test_a_redirect_is_followed_without_its_body_and_not_for_ever(server: Server, tmp_path: Path) -> None:
    server.files["elsewhere"] = CONTENT
    server.faults = [Fault(status=302, headers=(("Location", "/elsewhere"),), silent=True)]
    fetch(wanted(server), tmp_path)
    assert [path for path, _ in server.asked] == [f"/{NAME}", "/elsewhere"]
    server.always = Fault(status=302, headers=(("Location", server.url("again")),))
    with pytest.raises(LakeError, match="its address leads nowhere"):
        fetch(wanted(server, name="other.root"), tmp_path)
    server.always = Fault(status=302, headers=(("Location", "file:///etc/passwd"),))
    with pytest.raises(LakeError, match="it leads on to an address without https"):
        fetch(wanted(server, name="other.root"), tmp_path)
    assert names(tmp_path) == {NAME}


@pytest.mark.parametrize(
    ("old", "sentence"),
    [
        (b"old", f"is there already with 3 bytes; {SIZE} were expected"),
        (bytes(SIZE), f"with Adler-32 {adler(bytes(SIZE))}; {adler(CONTENT)} was expected"),
    ],
)
def test_another_file_is_replaced_only_when_asked_to(server: Server, tmp_path: Path, old: bytes, sentence: str) -> None:
    (tmp_path / NAME).write_bytes(old)
    with pytest.raises(LakeError, match=sentence) as caught:
        fetch(wanted(server), tmp_path)
    assert "issued again" in caught.value.hint
    assert caught.value.exit_code == 3
    assert (tmp_path / NAME).read_bytes() == old
    assert server.asked == []
    fetch(wanted(server), tmp_path, force=True)
    assert (tmp_path / NAME).read_bytes() == CONTENT


def test_links_are_not_written_through(server: Server, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"precious")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / f"{NAME}.part").symlink_to(outside)
    (folder / f"{NAME}.part.json").symlink_to(outside)
    (folder / NAME).symlink_to(outside)
    fetch(wanted(server), folder, force=True)
    assert outside.read_bytes() == b"precious"
    assert not (folder / NAME).is_symlink()
    assert names(folder) == {NAME}


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../up.root",
        "/etc/passwd",
        "a/b.root",
        "a\0b",
        "a\nb",
        "\x1b[31m.root",
        "\ud800",
        "a.root.part",
        "a.root.part.json",
        "A.PART",
        "x" * 300,
        "a\n" * 9999,
    ],
)
def test_names_that_are_no_files_are_refused(server: Server, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "folder"
    with pytest.raises(LakeError) as caught:
        fetch(wanted(server, name=name), folder)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 200
    assert names(tmp_path) == set()
    assert server.asked == []


def test_markup_in_a_name_is_a_name(tmp_path: Path) -> None:
    assert target(tmp_path, "[bold]µ.root") == tmp_path / "[bold]µ.root"


def test_an_untrusted_certificate_is_refused(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(LakeError, match="its certificate is not valid") as caught:
        fetch(wanted(server), tmp_path)
    assert "REQUESTS_CA_BUNDLE" in caught.value.hint
    assert server.asked == []
    assert names(tmp_path) == set()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    with pytest.raises(LakeError, match="CA certificate"):
        fetch(wanted(server), tmp_path)


def test_a_session_that_does_not_verify_is_overruled(server: Server, tmp_path: Path) -> None:
    with Downloader(QUICK) as downloader:
        downloader.session.verify = False
        downloader.session.trust_env = False
        with pytest.raises(LakeError, match="its certificate is not valid"):
            downloader.download(wanted(server), tmp_path)


def test_a_file_too_large_for_the_disk_is_not_begun(server: Server, tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="the disk is too full") as caught:
        fetch(wanted(server, bytes=10**18), tmp_path)
    assert caught.value.hint == "Make room or choose another folder."
    assert server.asked == []
    assert names(tmp_path) == set()


def test_a_folder_that_may_not_be_written(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)  # the tests may run as root, who may write everywhere
        with pytest.raises(LakeError, match="could not be written: Permission denied"):
            fetch(wanted(server), tmp_path)
    assert server.asked == []


def test_a_file_in_place_of_the_folder_or_a_folder_in_place_of_the_file(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(LakeError, match="could not be made: File exists"):
        fetch(wanted(server), tmp_path / "file")
    (tmp_path / NAME).mkdir()
    with pytest.raises(LakeError, match="is there and is no file"):
        fetch(wanted(server), tmp_path, force=True)


def test_what_is_no_file_is_not_replaced(server: Server, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / NAME)
    with pytest.raises(LakeError, match="is there and is no file"):
        fetch(wanted(server, bytes=None), tmp_path, force=True)


@pytest.mark.parametrize(("element", "reissued"), [("CERN-OPENDATA", True), ("CC_DCACHE", False)])
def test_only_files_of_the_portal_were_issued_again(
    server: Server, tmp_path: Path, element: str, *, reissued: bool
) -> None:
    what = wanted(server)
    (tmp_path / what.name).write_bytes(b"other")
    sources = tuple(msgspec.structs.replace(source, storage_element=element) for source in what.sources)
    with pytest.raises(LakeError, match="is there already") as caught:
        fetch(msgspec.structs.replace(what, sources=sources), tmp_path)
    assert ("issued again" in caught.value.hint) == reissued
