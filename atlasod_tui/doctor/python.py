"""Python and the libraries whose versions matter."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from importlib import metadata, util
from typing import TYPE_CHECKING

from atlasod_tui import __version__
from atlasod_tui.doctor.finding import Finding, note, ok, problem

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

_OLDEST = (3, 11)
_TOLD = ("rucio-clients", "textual", "numpy", "numba", "uproot", "matplotlib")


def look() -> Iterator[Finding]:
    """Yield what is found of Python and of the libraries; none of them is imported."""
    yield _python()
    yield _libraries()
    yield _xrootd()


def _python() -> Finding:
    version, system = platform.python_version(), f"{platform.system()} {platform.machine()}"
    sentence = f"atlasod-tui {__version__} runs on Python {version}, {system}"
    facts = {"atlasod_tui": __version__, "python": version, "system": system, "executable": sys.executable}
    if sys.version_info[:2] < _OLDEST:
        return problem("python", sentence, "It needs Python 3.11 or newer.", **facts)
    if platform.system() not in {"Linux", "Darwin"}:
        return problem("python", sentence, "Rucio's clients run on Linux and macOS only: use WSL on Windows.", **facts)
    return ok("python", sentence, **facts)


def _libraries() -> Finding:
    wanted = _required()
    found = {name: version for name in wanted if (version := _version(name)) is not None}
    missing = [name for name in wanted if name not in found]
    missing += [
        f"{name} ({version} is not {wants})"
        for name, version in found.items()
        if (wants := wanted[name]) is not None and not wants.contains(version, prereleases=True)
    ]
    if missing:
        hint = "Install the program again: pip install --upgrade atlasod-tui"
        return problem("python", f"libraries are missing or of another version: {', '.join(missing)}", hint, **found)
    told = ", ".join(f"{name} {found[name]}" for name in _TOLD if name in found)
    return ok("python", f"the libraries are there: {told}", **found)


def _required() -> dict[str, SpecifierSet | None]:
    """Return what this program was installed to need, extras left out; where it was not installed, what it tells of."""
    from packaging.requirements import Requirement  # noqa: PLC0415 - comes with Rucio's clients

    try:
        lines = metadata.requires("atlasod-tui") or []
    except metadata.PackageNotFoundError:
        return dict.fromkeys(_TOLD)
    wanted = [Requirement(line) for line in lines]
    return {one.name: one.specifier for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})}


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _xrootd() -> Finding:
    version = _version("xrootd") or "(of an unknown version)"
    if util.find_spec("XRootD") is None:
        return note(
            "python",
            "the XRootD bindings are not installed: files at root:// addresses cannot be read",
            "pip install 'atlasod-tui[xrootd]'",
            xrootd=None,
        )
    return ok("python", f"the XRootD bindings {version} are installed: root:// can be read", xrootd=version)
