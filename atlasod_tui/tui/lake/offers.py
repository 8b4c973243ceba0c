"""What is offered where no lake is configured: texts of the welcome, and whether a folder or the sandbox will do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from atlasod_tui import paths, shown
from atlasod_tui.errors import LakeAwayError, UsageError
from atlasod_tui.lake import profiles
from atlasod_tui.lake.profiles import Profile
from atlasod_tui.tui.equivalent import Equivalent

SANDBOX, PORTAL, FOLDER, RUCIO = "sandbox", "portal", "folder", "rucio"
_MOST_LOOKED_AT = 20_000
"""Entries of a folder, and of those in it, that are looked at for a ROOT file."""
_LONGEST = 200


class Offer(NamedTuple):
    """A lake that one can have at once.

    Attributes:
        name: One of the constants of this module; the action is ``welcome.<name>``.
        title: What it is.
        about: What one gets, and what it costs.
        same: The command and the Python that do the same.
    """

    name: str
    title: str
    about: str
    same: Equivalent


OFFERS = (
    Offer(
        SANDBOX,
        "A practice lake on this machine: the sandbox",
        "New here? Begin with this: a real Rucio with storage elements, rules and samples, to try things on. "
        "Installed once: a minute, 350 MB.",
        Equivalent(
            "start the sandbox",
            ("sandbox", "up"),
            "from atlasod_tui.sandbox import control\n\nserver = control.up(print)\nprint(server.url)\n",
        ),
    ),
    Offer(
        PORTAL,
        "The CERN Open Data portal",
        "The releases as they were published, to browse and to fetch; no login.",
        Equivalent(
            "list the portal",
            ("ls", "opendata", "--lake", "opendata"),
            "from atlasod_tui.lake.profiles import open_lake\n\n"
            'for dataset in open_lake("opendata").datasets("opendata"):\n    print(dataset.did, dataset.bytes)\n',
        ),
    ),
    Offer(
        FOLDER,
        "A folder of ROOT files",
        "Files that are here already: browse, multiply and analyse them.",
        Equivalent(
            "list a folder",
            ("ls", "local", "--lake", "FOLDER"),
            "from atlasod_tui.lake.profiles import open_lake\n\n"
            'for dataset in open_lake(".").datasets("local"):\n    print(dataset.did, dataset.bytes)\n',
        ),
    ),
    Offer(
        RUCIO,
        "The Rucio of your experiment or site",
        "How to tell this program of it, and to log in.",
        Equivalent(
            "see what is configured, and what is not",
            ("doctor",),
            "from atlasod_tui.doctor.examine import examine\n\n"
            "for finding in examine():\n    print(finding.sentence, finding.hint)\n",
        ),
    ),
)


def lakes() -> list[Profile]:
    """Return the lakes that can be gone to; the sandbox is one of them before it is installed.

    Raises:
        UsageError: If ``config.toml`` names a lake as none can be.
    """
    found = profiles.available()
    if _has_sandbox(found):
        return found
    before_the_portal = next(at for at, one in enumerate(found) if one.name == profiles.OPENDATA)
    new = Profile(SANDBOX, "for practice; not installed yet: installs it")
    return [*found[:before_the_portal], new, *found[before_the_portal:]]


class Sandbox(NamedTuple):
    """Whether the sandbox is installed, and why it cannot be asked now; None if it runs."""

    installed: bool
    away: LakeAwayError | None


def sandbox() -> Sandbox:
    """Return how the sandbox stands.

    Raises:
        UsageError: If ``config.toml`` names a lake as none can be.
    """
    if not _has_sandbox(profiles.available()):
        return Sandbox(installed=False, away=LakeAwayError("the sandbox is not installed yet"))
    return Sandbox(installed=True, away=profiles.why_stopped(SANDBOX))


def _has_sandbox(found: list[Profile]) -> bool:
    return any(one.name == SANDBOX for one in found)


def how_to_configure() -> str:
    """Return how to tell this program of a Rucio, as lines that can be copied."""
    return f"""\
1. A rucio.cfg, as Rucio's own client reads it; then start this program again, or press R:

     export RUCIO_CONFIG=~/rucio.cfg

2. Or a section of {_from_home(paths.config_dir() / "config.toml")}:

     [lakes.vre]
     host = "https://vre-rucio.cern.ch"
     auth_host = "https://vre-rucio-auth.cern.ch"
     auth_type = "oidc"            # userpass, x509, x509_proxy
     account = "jdoe"

3. Then log in, and see whether all is in order:

     atlasod-tui login --lake vre
     atlasod-tui doctor --lake vre
"""


def checked_folder(text: str) -> Path:
    """Return the folder that a text names, which has ROOT files in it.

    Raises:
        UsageError: If it does not; as a sentence.
    """
    if not text.strip():
        raise UsageError("no folder was named", "Type its path; ~ is your home.")
    try:
        folder = Path(os.path.abspath(Path(text.strip()).expanduser()))  # noqa: PTH100 - links stay as they are
        there = folder.is_dir()
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError(f"there is no folder {_short(text)}", "Type its path; ~ is your home.") from error
    if not there:
        what = "is a file, no folder" if folder.exists() else "is not there"
        raise UsageError(f"{_short(str(folder))} {what}", "Type the path of a folder; ~ is your home.")
    if not _has_root_files(folder):
        raise UsageError(
            f"{_short(str(folder))} has no ROOT files", "`atlasod-tui samples generate --to FOLDER` makes some."
        )
    return folder


def _has_root_files(folder: Path) -> bool:
    """Return whether there is one; of a folder with very many entries, whether there may be."""
    looked_at = 0
    for _, folders, files in os.walk(folder):
        if any(name.endswith(".root") and not name.startswith(".") for name in files):
            return True
        folders[:] = [name for name in folders if not name.startswith(".")]
        looked_at += len(folders) + len(files)
        if looked_at > _MOST_LOOKED_AT:
            return True
    return False


def _from_home(path: Path) -> str:
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return shown.escape(str(path))


def _short(text: str) -> str:
    escaped = shown.escape(text)
    return escaped if len(escaped) <= _LONGEST else f"{escaped[:_LONGEST]}..."
