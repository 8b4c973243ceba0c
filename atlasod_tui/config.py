"""Settings: environment, then the user's ``config.toml``, then the site's, then the defaults."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import msgspec

from atlasod_tui import paths
from atlasod_tui.errors import UsageError

SITE_FILE = Path("/etc/xdg/atlasod-tui/config.toml")

_Natural = Annotated[int, msgspec.Meta(ge=0)]
_Positive = Annotated[int, msgspec.Meta(ge=1)]


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a user, a teacher or a site may set; each field is also ``ATLASOD_TUI_<FIELD>`` in the environment."""

    workers: _Natural = 0
    """Threads of a job; 0 means what affinity and cgroup allow."""
    slots: _Positive = 1
    """Loop jobs that run at the same time on this host; others queue."""
    piece_events: _Positive = 250_000
    """Events of a piece, the unit that is saved and resumed; four of a file of a million keep as many cores busy."""
    checksum_max_bytes: _Natural = 10**9
    """Inputs up to this size are read once more for their Adler-32 in the manifest, in bytes."""
    max_bytes: _Natural = 10**12
    """What one job may write when it multiplies files, in bytes; more is refused."""
    portal: Annotated[str, msgspec.Meta(pattern=r"^(https?://.+)?$")] = ""
    """What serves the portal's files in place of https://opendata.cern.ch: a mirror, a class's own server."""
    local_folders: tuple[str, ...] = ()
    """Folders that may hold files of a lake already, looked through before one is fetched; ``:`` between them."""
    upload_scope: str = ""
    """Scope that uploads go to; empty for ``user.<account>``."""
    lake: str = ""
    """The lake that is meant where none is named; empty: the first that there is."""
    theme: str = ""
    """The theme of the screen; empty: what was chosen last, or what the terminal suggests."""
    ascii: bool = False
    """Whether the screen draws with ASCII only; so it does anyway where the locale is not UTF-8."""
    keys: dict[str, Any] = {}
    """Section ``[keys]``: keys of the screen by the id of their action, ``"lake.filter" = "f"``, several with commas;
    the user's go before the site's one by one. In the environment ``lake.filter=f:app.quit=Q``."""
    lakes: dict[str, dict[str, Any]] = {}
    """Sections ``[lakes.NAME]``: how to reach a Rucio, as ``lake.profiles`` reads them; the user's words go before the
    site's key by key, and ``ATLASOD_TUI_LAKES_<NAME>_<KEY>`` before both."""


@cache
def load() -> Config:
    """Return the settings in force.

    Raises:
        UsageError: If a file or a variable holds something that is not a setting.
    """
    values: dict[str, Any] = {}
    for path in (SITE_FILE, paths.config_dir() / "config.toml"):
        try:
            found = msgspec.toml.decode(path.read_bytes(), type=dict[str, Any])
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}") from error
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise UsageError(f"{path} is not valid TOML: {error}") from error
        values = {**values, **found, **_both(values, found), **_keys(values, found)}
    for name in Config.__struct_fields__:
        variable = f"ATLASOD_TUI_{name.upper()}"
        if variable in os.environ and name != "lakes":
            values[name] = _of_environment(name, os.environ[variable], values)
    try:
        return msgspec.convert(values, Config, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(f"a setting is wrong: {error}", f"Look at {paths.config_dir() / 'config.toml'}.") from error


def _of_environment(name: str, text: str, values: dict[str, Any]) -> Any:
    """Return what a variable says, as a file would say it."""
    parts = [part for part in text.split(os.pathsep) if part]
    if name == "keys":
        return _keys(values, {"keys": dict(_pair(part) for part in parts)}).get("keys", {})
    return parts if name == "local_folders" else text


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"a setting is wrong: ATLASOD_TUI_KEYS has {text!r}, which is no id=keys")
    return key.strip(), value.strip()


def _keys(earlier: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """Return the section of keys of two places, of which the later goes before; no section is left to be refused."""
    one, other = earlier.get("keys", {}), later.get("keys", {})
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return {}
    return {"keys": {**_flat(one), **_flat(other)}} if one or other else {}


def _flat(section: dict[str, Any]) -> dict[str, Any]:
    """Return a section whose ids may be written without quotes, which TOML takes for tables in it."""
    flat: dict[str, Any] = {}
    for name, value in section.items():
        flat |= {f"{name}.{rest}": keys for rest, keys in value.items()} if isinstance(value, dict) else {name: value}
    return flat


def _both(site: dict[str, Any], user: dict[str, Any]) -> dict[str, Any]:
    """Return the sections of lakes of two files, those of one name merged; what is no section is left to be refused."""
    one, other = site.get("lakes"), user.get("lakes")
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return {}
    merged = dict(one)
    for name, section in other.items():
        both = isinstance(section, dict) and isinstance(merged.get(name), dict)
        merged[name] = {**merged[name], **section} if both else section
    return {"lakes": merged}
