"""Names that a lake takes, and names that cannot collide between users and runs."""

from __future__ import annotations

import re
import secrets

from atlasod_tui.errors import UsageError

RELEASES = frozenset({"ATLAS_OD_EDU", "ATLAS_OD_GENERATED"})
"""Scopes of the releases, which nothing is ever written to."""

_SCOPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,24}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,239}")
"""Rucio itself takes 250 characters, but on the way a file has a name of its own: 255 are the most on a disk."""
_RUN = re.compile(r"[0-9a-f]{8}")
_RULE = re.compile(r"[0-9a-fA-F]{32}")
_ALLOWED = "letters, digits, and after the first of them . _ -"

RULE_ID_HINT = "It has 32 digits, which `atlasod-tui rules list` tells."


def new_run_id() -> str:
    """Return the id of a new run: eight hexadecimal digits."""
    # A letter first: Rucio takes a text such as 12345678 or 1e234567 for a number, and would not find the run by it.
    return secrets.choice("abcdef") + secrets.token_hex(4)[1:]


def check_run_id(run_id: str) -> None:
    """Raise :class:`UsageError` where this is not the id of a run."""
    if not _RUN.fullmatch(run_id):
        raise UsageError(f"{run_id!r} is not the id of a run", "It has eight hexadecimal digits.")


def is_rule_id(text: str) -> bool:
    """Return whether this can be the id of a rule."""
    return _RULE.fullmatch(text) is not None


def check_scope(scope: str) -> None:
    """Raise :class:`UsageError` where Rucio takes no scope of this name, or it is a release's (rucio.common.schema)."""
    if not _SCOPE.fullmatch(scope) or ".." in scope:
        raise UsageError(f"{scope!r} cannot be the name of a scope", f"It has up to 25 {_ALLOWED}.")
    if scope in RELEASES:
        raise UsageError(f"nothing is written to {scope}, the scope of a release", "Choose your own: user.<account>.")


def check_name(name: str, what: str) -> None:
    """Raise :class:`UsageError` where Rucio takes no such name, or it would be a path (rucio.common.schema)."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot be the name of a {what} in a lake", f"It has up to 240 {_ALLOWED}.")


def prefix(account: str, run_id: str) -> str:
    """Return what the names of all that a run uploads begin with; ``samples.find.parse_name`` takes it off again."""
    return f"{account}.run{run_id}."


def slug(title: str) -> str:
    """Return a title as a part of a name; ``files`` if nothing is left of it."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", title)[:80].strip("-.") or "files"
