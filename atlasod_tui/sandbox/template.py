"""The lake as it is at first, made once at installation: the first start and each reset copy it."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path

import msgspec

from atlasod_tui import processes, samples
from atlasod_tui.errors import LakeError
from atlasod_tui.sandbox import children, disk, install, layout
from atlasod_tui.sandbox.children import Progress

_STAMP = "complete.json"
_ROOM = 200_000_000
_REASON = "`atlasod-tui sandbox reset --everything` begins anew"


class _Stamp(msgspec.Struct, frozen=True):
    """What a complete lake was made by; written last."""

    rucio: str
    """Whose tables it has."""
    content: str
    """Digest of all that decides what is in it."""


def complete() -> bool:
    """Return whether the template is there, was finished, and was made by this program."""
    return _stamp_of(layout.template()) == _wanted()


def make(progress: Progress, lock: int | None = None) -> None:
    """Make the template, unless it is complete; what was interrupted, or is another program's, is removed.

    Args:
        progress: Called while it goes on, with events generated and to be generated.
        lock: What ``layout.alone()`` gave.

    Raises:
        LakeError: If there is no room for it, or the generator or the server's part of it fails.
    """
    if complete():
        return
    folder = layout.template()
    part = folder.with_name("template.part")
    try:
        for old in (part, folder):
            layout.remove(old)
        disk.need(layout.home(), _ROOM, "the sandbox's lake")
        part.mkdir(mode=0o700)
        with layout.install_log().open("ab") as log:
            _generate(part / "generated", progress, log.fileno(), lock)
            _build(part, progress, log.fileno(), lock)
        shutil.rmtree(part / "generated")
        layout.write_private(part / _STAMP, msgspec.json.encode(_wanted()))
        part.rename(folder)
    except OSError as error:
        raise LakeError(f"the sandbox's lake cannot be made in {folder}: {error.strerror}") from error


def has_lake() -> bool:
    """Return whether there is a lake.

    Raises:
        LakeError: If there is one of another Rucio.
    """
    if not layout.lake().exists():
        return False
    stamp = _stamp_of(layout.lake())
    if stamp is None or stamp.rucio != _wanted().rucio:
        raise LakeError(
            "the sandbox's lake was made by another version of this program",
            "`atlasod-tui sandbox reset` makes a new one; what is in it is lost.",
        )
    return True


def copy() -> None:
    """Make the lake of the template, unless there is one.

    Raises:
        LakeError: If there is one of another Rucio, or no room for one.
    """
    if has_lake():
        return
    lake = layout.lake()
    part = lake.with_name("lake.part")
    try:
        layout.remove(part)
        disk.need(layout.home(), _ROOM // 2, "the sandbox's lake")
        shutil.copytree(layout.template(), part)
        part.rename(lake)
    except OSError as error:  # shutil.Error has no strerror
        raise LakeError(f"the sandbox's lake cannot be made in {lake}: {error.strerror or error}") from error


def _stamp_of(folder: Path) -> _Stamp | None:
    try:
        return msgspec.json.decode((folder / _STAMP).read_bytes(), type=_Stamp)
    except (OSError, msgspec.MsgspecError):
        return None


def _wanted() -> _Stamp:
    generator = Path(samples.__file__).parent
    sources = [install.CONSTRAINTS, layout.CATALOGUE, *sorted(layout.SERVER.glob("*.py"))]
    sources += [Path(__file__).with_name("generated.py"), generator / "release_2020.json"]
    sources += sorted((generator / "generate").glob("*.py"))
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.name.encode() + source.read_bytes())
    return _Stamp(install.PACKAGES[0], digest.hexdigest())


def _generate(folder: Path, progress: Progress, log: int, lock: int | None) -> None:
    # A program of its own: the caller may be a screen, which must not halt.
    command = [sys.executable, "-P", "-m", "atlasod_tui.sandbox.generated", str(folder)]

    def show(line: str) -> None:
        done, total = json.loads(line)
        progress("generating events", done, total)

    if children.run(command, log, lock=lock, line=show, environment=processes.environment()):
        raise install.failed("the sandbox's samples cannot be generated", _REASON)


def _build(part: Path, progress: Progress, log: int, lock: int | None) -> None:
    progress("making the lake", 0, 0)
    index = part / "generated" / "index.json"
    command = [str(install.python()), "-I", str(layout.SERVER), "build", str(part), str(layout.CATALOGUE), str(index)]
    if children.run(command, log, lock=lock, environment=children.of_another_python()):
        raise install.failed("the sandbox's lake cannot be made", _REASON)
