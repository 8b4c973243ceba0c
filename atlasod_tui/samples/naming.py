"""What multiplied files are called: ``data_A.GamGam.x10.root``, ``foo.x10.003.root``, ``foo.x10.virtual.root``.

In a lake the account and the run that uploaded a file stand before its name: ``jane.run0123abcd.data_A.GamGam.root``.
"""

from __future__ import annotations

import re

import msgspec

MAX_FACTOR = 999_999_999
"""The largest factor a name can say."""

RUN = r"[A-Za-z0-9_-]+\.run[0-9a-f]{8}\."
"""What stands before the name of an uploaded file, as a regular expression."""

# The same ending as in `find.parse_name`, after any name.
_NAME = re.compile(
    r"(?P<base>.+?)(?:\.x(?P<factor>[1-9][0-9]{0,8})(?P<virtual>\.virtual)?(?:\.(?P<part>[0-9]{3,9}))?)?(?:\.root)?",
    re.DOTALL,
)


class Copies(msgspec.Struct, frozen=True):
    """What the ending of a file's name says of the copies in it."""

    base: str
    """The name without this ending."""
    factor: int = 1
    part: int | None = None
    virtual: bool = False


def parse(name: str) -> Copies:
    """Return what a file's name (no folder) says; any name will do."""
    match = _NAME.fullmatch(name)
    if match is None:
        return Copies(name)
    factor, part = match["factor"], match["part"]
    return Copies(match["base"], int(factor or 1), int(part) if part else None, match["virtual"] is not None)


def without_run(name: str) -> str:
    """Return a file's name (no folder) without the run that uploaded it; a file of another run is made of it."""
    plain = re.sub(rf"\A(?:{RUN})+", "", name)
    return plain or name


def multiplied(name: str, factor: int, *, files: int = 1, virtual: bool = False) -> list[str]:
    """Return the names of the files that hold ``factor`` copies each of a file's events.

    The factor multiplies the one in the name, and a part of several becomes ``files`` parts in its place: of
    ``foo.x2.003.root``, two files of five copies are ``foo.x10.005.root`` and ``foo.x10.006.root``.

    Args:
        name: The file's name, without folder.
        factor: Copies.
        files: How many files there are to be.
        virtual: Whether the copies are entries of tables only, which the names tell.
    """
    known = parse(name)
    stem = f"{known.base}.x{known.factor * factor}" + (".virtual" if virtual else "")
    if files == 1 and known.part is None:
        return [f"{stem}.root"]
    first = files * ((known.part or 1) - 1) + 1
    width = max(3, len(str(first + files - 1)))
    return [f"{stem}.{number:0{width}d}.root" for number in range(first, first + files)]


def merged(name: str, factor: int, *, files: int = 1, virtual: bool = False) -> list[str]:
    """Return the names of files of several sources, called ``name``; without copies it stays as it is."""
    if factor == 1 and files == 1 and not virtual:
        return [name if name.endswith(".root") else f"{name}.root"]
    return multiplied(name, factor, files=files, virtual=virtual)
