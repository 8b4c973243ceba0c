"""Storage elements that are closed for writing in the middle of an upload."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from atlasod_tui.lake.model import StorageElement
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.lake.rucio.storage import ElementError, Storage
from atlasod_tui.lake.uploading.upload import Uploader
from tests.lake.uploading import CC, LAPP, check_whole, opened, some_file, target

if TYPE_CHECKING:
    from tests.lake.conftest import Sandbox

Patch = pytest.MonkeyPatch


@pytest.fixture
def lake(sandbox: Sandbox, monkeypatch: Patch) -> Iterator[RucioLake]:
    with opened(sandbox, monkeypatch) as found:
        yield found


@pytest.mark.parametrize("told_by", ["the lake", "the disk"])
def test_a_storage_element_that_is_closed_in_the_middle_is_written_to_no_more(
    sandbox: Sandbox, lake: RucioLake, tmp_path: Path, monkeypatch: Patch, told_by: str
) -> None:
    where, warnings, tried = target(LAPP, CC), list[str](), list[str]()
    files = [some_file(tmp_path, f"{letter}.root", 1000) for letter in "abc"]
    uploader = Uploader(lake, where, warn=warnings.append)
    uploader.upload(files[0])
    element, write = RucioLake.element, Storage.write

    def closed(self: RucioLake, name: str) -> Any:
        found, settings = element(self, name)
        return msgspec.structs.replace(found, writable=name != LAPP, why_not="closed for writing"), settings

    def read_only(self: Storage, path: Path, *arguments: Any, **options: Any) -> None:
        tried.append(self.name)
        if self.name == LAPP:
            raise ElementError(f"{LAPP} is read-only") from OSError(errno.EROFS, "Read-only file system")
        write(self, path, *arguments, **options)

    with monkeypatch.context() as patch:
        if told_by == "the lake":
            patch.setattr(RucioLake, "element", closed)
            patch.setattr("atlasod_tui.lake.uploading.enrolment._LOOK_AGAIN", 0.0)
        patch.setattr(Storage, "write", read_only)
        where_to = [uploader.upload(file).storage_element for file in files[1:]]
    assert where_to == [CC, CC]
    assert tried == ([CC, CC] if told_by == "the lake" else [LAPP, CC, CC])
    assert len(warnings) == 1
    assert LAPP in warnings[0]
    first, second = uploader.result().elements
    assert (first.closed, second.closed) == (True, False)
    assert first.problem in warnings[0]
    check_whole(sandbox, lake, where, *files)  # it is open by now


def test_the_only_storage_element_that_is_closed_ends_it_with_a_sentence(
    lake: RucioLake, tmp_path: Path, monkeypatch: Patch
) -> None:
    uploader, file = Uploader(lake, target(LAPP), patience=60), some_file(tmp_path)
    uploader.refuse(None)
    monkeypatch.setattr("atlasod_tui.lake.uploading.enrolment._LOOK_AGAIN", 0.0)
    closed = StorageElement(LAPP, why_not="closed for writing")
    monkeypatch.setattr(RucioLake, "element", lambda *_: (closed, {}))
    for _ in range(2):
        with pytest.raises(ElementError, match=f"^the storage element {LAPP} is closed for writing$"):
            uploader.upload(file)
