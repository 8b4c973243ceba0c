"""The lakes of ``config.toml``: each section ``[lakes.NAME]`` tells how to reach a Rucio and who to be there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from atlasod_tui import config, paths
from atlasod_tui.errors import UsageError
from atlasod_tui.lake.rucio_settings import Settings

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_SECRETS = ("password", "passwd", "secret", "token", "passphrase")


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What may stand in a section; empty is what the server, or Rucio's client, would choose."""

    host: str
    """Address of the server, with ``https://``."""
    auth_host: str = ""
    """Address of the server that logins go to, where it is another."""
    auth_type: Literal["userpass", "x509", "x509_proxy", "oidc"] = "userpass"
    account: str = ""
    username: str = ""
    vo: str = ""
    oidc_issuer: str = ""
    oidc_audience: str = ""
    oidc_scope: str = ""
    oidc_polling: bool = True
    """Whether the server is asked for the token until it is there; if not, the browser shows a code to be entered."""
    oidc_refresh: bool = False
    """Whether the server is asked for a new token before one ends; ``oidc_scope`` is to hold ``offline_access``."""
    ca_cert: str = ""
    """File or folder of the authorities that the server's certificate is checked with."""
    client_cert: str = ""
    client_key: str = ""
    proxy: str = ""
    """File of the X.509 proxy, where neither X509_USER_PROXY nor the usual place is meant."""


_IN_RUCIOS_WORDS = {
    "oidc_issuer": "oidc_issuer",
    "oidc_audience": "oidc_audience",
    "oidc_scope": "oidc_scope",
    "oidc_polling": "oidc_polling",
    "oidc_refresh": "auth_oidc_refresh_active",
    "ca_cert": "ca_cert",
    "client_cert": "client_cert",
    "client_key": "client_key",
    "proxy": "client_x509_proxy",
}


def names(taken: Iterable[str]) -> list[str]:
    """Return the names of the lakes in ``config.toml``, as they come.

    Raises:
        UsageError: If one cannot be a name, or is one of those that are ``taken``.
    """
    found = list(config.load().lakes)
    for name in found:
        if name in taken:
            raise UsageError(f"{_file()} names a lake {name!r}, which is another already", "Give it another name.")
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"{_file()} names a lake {name!r}, which is no name for one", "Letters, digits, _, - and . will do."
            )
    return found


def host(name: str) -> str:
    """Return the server of a section, whatever else is wrong with it, for a list."""
    return str(config.load().lakes[name].get("host", "an unknown place")).rpartition("@")[2]  # not a password before it


def settings(name: str) -> Settings:
    """Return the settings of a section, with what the environment says over it.

    A password comes from ``ATLASOD_TUI_LAKES_<NAME>_PASSWORD`` or is asked for by ``login``.

    Raises:
        UsageError: If something in the section cannot be.
    """
    values: dict[str, Any] = dict(config.load().lakes[name])
    for key in values:
        if any(word in key.lower() for word in _SECRETS):
            raise UsageError(
                f"{_file()} holds a {key} of the lake {name}, and no password belongs in a file of settings",
                f"Take it out: `atlasod-tui login --lake {name}` asks for it.",
            )
    for key in Section.__struct_fields__:
        if (text := os.environ.get(_variable(name, key))) is not None:
            values[key] = text
    try:
        section = msgspec.convert(values, Section, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"the lake {name} in {_file()} is wrong: {error}", f"It may have {', '.join(Section.__struct_fields__)}."
        ) from error
    return Settings(
        name,
        _address(name, section.host),
        _address(name, section.auth_host or section.host),
        section.auth_type,
        account=section.account or None,
        username=section.username or None,
        password=os.environ.get(_variable(name, "password")) or None,
        vo=section.vo or None,
        source=_file(),
        options={"client": dict(_options(section))},
    )


def _options(section: Section) -> Iterable[tuple[str, str]]:
    for key, word in _IN_RUCIOS_WORDS.items():
        if (value := getattr(section, key)) not in {"", None}:
            yield word, str(value).replace("%", "%%")  # a plain % refers to another option


def _address(name: str, text: str) -> str:
    try:
        parts = urlsplit(text.strip())
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        good = good and text.strip().isprintable() and " " not in text.strip()
    except ValueError:
        good = False
    if not good or parts.username or parts.password or parts.query or parts.fragment:
        shown = text.rpartition("@")[2]  # what stands before it may be a password
        raise UsageError(
            f"{shown!r}, the host of the lake {name} in {_file()}, is not the address of a server",
            "It is written https://rucio.example.org.",
        )
    return text.strip().rstrip("/")


def _variable(name: str, key: str) -> str:
    return f"ATLASOD_TUI_LAKES_{re.sub(r'[^A-Za-z0-9]', '_', name)}_{key}".upper()


def _file() -> str:
    return str(paths.config_dir() / "config.toml")
