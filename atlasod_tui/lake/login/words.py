"""What to do to be let in, as a sentence."""

from __future__ import annotations

from atlasod_tui.lake.rucio_settings import Settings

_OWN = "rucio"
"""The profile of the user's ``rucio.cfg``, which may hold a password."""


def log_in(settings: Settings) -> str:
    """Return the hint that names the verb ``login``, and what else would do."""
    command = f"Log in with `atlasod-tui login --lake {settings.profile}`"
    if settings.auth_type == "oidc":
        return f"{command}, or name the file of a token in BEARER_TOKEN_FILE."
    if settings.auth_type == "userpass" and settings.profile == _OWN:
        return f"{command}, or set username and password in {settings.source or 'the section [client] of rucio.cfg'}."
    return f"{command}."
