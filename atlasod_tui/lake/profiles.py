"""Which lakes there are: the Rucio of ``rucio.cfg``, those of ``config.toml``, the sandbox, the portal, any folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from configparser import (
    ConfigParser,
    DuplicateOptionError,
    DuplicateSectionError,
    Error,
    InterpolationError,
    MissingSectionHeaderError,
    ParsingError,
)
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from atlasod_tui import config, paths, processes
from atlasod_tui.errors import LakeAwayError, LakeError, UsageError
from atlasod_tui.lake import sections
from atlasod_tui.lake.face import Lake
from atlasod_tui.lake.rucio.lake import RucioLake
from atlasod_tui.lake.rucio_settings import Settings

RUCIO, SANDBOX, OPENDATA, LOCAL = "rucio", "sandbox", "opendata", "local"
_BUILT_IN = (RUCIO, SANDBOX, OPENDATA, LOCAL)

_FOLDERS = ("RUCIO_HOME", "VIRTUAL_ENV", "CONDA_PREFIX")
_COPIED = ("client", "policy", "upload", "download")
"""Sections of a user's ``rucio.cfg`` that the clients read."""
_FILES = {
    "RUCIO_CLIENT_CERT": "client_cert",
    "RUCIO_CLIENT_KEY": "client_key",
    "RUCIO_CLIENT_PROXY": "client_x509_proxy",
    "X509_CERT_DIR": "ca_cert",
}
"""Variables that go before the user's ``rucio.cfg``, as they do for Rucio's own client."""
_SANDBOX_DOWN = ("the sandbox is not running", "Start it with `atlasod-tui sandbox up`.")
_ACCOUNT = "student"
"""Of the sandbox, which its server tells while it runs."""
_NO_LAKE = (
    "Start a Rucio on this machine with `atlasod-tui sandbox up`, set RUCIO_CONFIG to the rucio.cfg of your lake, "
    "describe it in config.toml, or name one: --lake opendata, --lake FOLDER."
)


_LONGEST_NAME = 200


class Profile(msgspec.Struct, frozen=True):
    """A lake that may be chosen."""

    name: str
    """What ``--lake`` takes; for a folder, its path."""
    about: str
    """Where it is, in a few words."""


class Beginning(NamedTuple):
    """The lake that the screen begins with."""

    lake: str
    lost: str = ""
    """That the last one cannot be had, in a clause."""


class _Server(msgspec.Struct):
    """What the sandbox says of itself while it runs."""

    url: str
    account: str


class _Kept(msgspec.Struct):
    """What the sandbox keeps while it does not run."""

    password: str
    port: int = 0
    """Where it listened last."""


def available() -> list[Profile]:
    """Return the lakes that can be named; without a name the first that is a Rucio is taken.

    Raises:
        UsageError: If ``config.toml`` names a lake as none can be.
    """
    found = []
    if (path := rucio_config()) is not None:
        found.append(Profile(RUCIO, f"the Rucio of {path}"))
    found += [Profile(name, f"the Rucio at {sections.host(name)}") for name in sections.names(_BUILT_IN)]
    if (_sandbox() / "settings.json").exists():
        found.append(Profile(SANDBOX, "a Rucio on this machine"))
    found.append(Profile(OPENDATA, "the public portal, read-only"))
    if (here := _here()) is not None:
        found.append(Profile(LOCAL, f"the folder {here}"))
    return found


def open_lake(name: str | None = None, *, read_only: bool = False) -> Lake:
    """Return a lake by its name, or by the path of a folder; nothing is asked of it yet.

    Without a name it is the ``lake`` of the settings, or else the Rucio of the user's ``rucio.cfg``, the first of
    ``config.toml``, the sandbox.

    Raises:
        LakeError: If there is none, or its settings are wrong.
        UsageError: If no lake has this name, or ``config.toml`` is wrong.
    """
    name = name or default()
    settings = rucio_settings(name, even_dead=True)
    if settings is not None:
        return RucioLake(settings, read_only=read_only)
    if name == OPENDATA:
        from atlasod_tui.lake.opendata import OpenData  # noqa: PLC0415 - one lake is opened, not all

        portal = config.load().portal
        return OpenData(portal, root="") if portal else OpenData()
    folder = _here() if name == LOCAL else _folder(name)
    if folder is not None:
        from atlasod_tui.lake.local import LocalLake  # noqa: PLC0415

        return LocalLake(folder)
    if name == LOCAL:
        raise UsageError("the folder that this program was started in is gone", "Go to another one.")
    known = ", ".join(profile.name for profile in available())
    short = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."
    raise UsageError(f"there is no lake {short!r}", f"There are {known}, and any folder.")


def lasting(name: str) -> str:
    """Return a name that means the same lake in whatever folder it is used: that of a folder is its absolute path.

    Raises:
        UsageError: If ``config.toml`` names a lake as none can be.
    """
    if os.path.isabs(name) or name in {RUCIO, SANDBOX, OPENDATA, *sections.names(_BUILT_IN)}:  # noqa: PTH117 - a text
        return name
    folder = _here() if name == LOCAL else _folder(name)
    return name if folder is None else os.path.abspath(folder)  # noqa: PTH100 - links stay as they are


def _here() -> Path | None:
    """Return the folder that this process is in; ``None`` where that was removed."""
    try:
        return Path.cwd()
    except OSError:
        return None


def _folder(name: str) -> Path | None:
    """Return the folder that a name is the path of."""
    try:
        path = Path(name).expanduser()
        return path if path.is_dir() else None
    except (OSError, RuntimeError):  # too long, in a folder that may not be entered; ~ of nobody
        return None


def to_begin_with(named: str | None, last: str) -> Beginning:
    """Return the lake that the screen begins with: the one named, that of the settings, the last one, the default one.

    Args:
        named: As in ``--lake NAME``.
        last: The one that the last session ended with.

    Raises:
        LakeError: If there is none.
        UsageError: If ``config.toml`` is wrong, or the last one is lost and there is no other.
    """
    if wanted := named or config.load().lake:
        return Beginning(lasting(wanted))
    # A relative path was of the folder that the program was started in then.
    if last in {profile.name for profile in available()} or (os.path.isabs(last) and _folder(last)):  # noqa: PTH117
        return Beginning(last)
    short = f"the lake of the last session, {last[:100]}, is no longer there, or cannot be reached"
    lost = short if last else ""
    try:
        return Beginning(default(), lost)
    except LakeError as error:
        if lost:
            raise UsageError(lost) from error
        raise


def default() -> str:
    """Return the name of the lake that is taken where none is named.

    Raises:
        LakeError: If there is none.
    """
    first = available()[0].name
    if name := config.load().lake:
        return name
    if first in {OPENDATA, LOCAL}:
        raise LakeError("no lake is configured", _NO_LAKE)
    return first


def rucio_settings(name: str, *, even_dead: bool = False) -> Settings | None:
    """Return how to reach the Rucio that has this name; ``None`` for a name of anything else.

    Args:
        name: As in ``--lake NAME``.
        even_dead: Whether the settings of a sandbox that does not run will do, which only tell what it was.

    Raises:
        LakeError: If its settings are wrong, or it does not run.
        UsageError: If ``config.toml`` is wrong.
    """
    if name in sections.names(_BUILT_IN):
        return sections.settings(name)
    if name == RUCIO:
        return user_settings()
    if name == SANDBOX:
        return _sandbox_settings() if even_dead else sandbox_settings()
    return None


def rucio_config() -> Path | None:
    """Return the user's ``rucio.cfg``, looked for where Rucio does; one that RUCIO_CONFIG names may be missing."""
    if named := os.environ.get("RUCIO_CONFIG"):
        return Path(named)
    folders = [Path(os.environ[variable], "etc") for variable in _FOLDERS if os.environ.get(variable)]
    files = [folder / "rucio.cfg" for folder in (*folders, Path("/opt/rucio/etc"))]
    return next((path for path in files if path.exists()), None)


def user_settings(path: Path | None = None) -> Settings:
    """Return the settings of the user's ``rucio.cfg``, with what the environment says over it.

    Args:
        path: The file, where it is known; None: wherever Rucio would look for it.

    Raises:
        LakeError: If there is no such file, or it does not tell where the server is.
    """
    path = path or rucio_config()
    if path is None:
        raise LakeError("no rucio.cfg was found", _NO_LAKE)
    with _parsed(path) as parser:
        client = parser["client"]
        values = {key: client.get(key) or None for key in ("rucio_host", "auth_host", "username", "password")}
        for key in ("account", "auth_type", "vo"):
            values[key] = os.environ.get(f"RUCIO_{key.upper()}") or client.get(key) or None
        found = [name for name in _COPIED if parser.has_section(name)]
        options = {name: dict(parser.items(name, raw=True)) for name in found}
    host, auth_host, auth_type = values.pop("rucio_host"), values.pop("auth_host"), values.pop("auth_type")
    if not host:
        raise LakeError(f"{path} does not tell where the server is", "Set rucio_host in its section [client].")
    if "@" in f"{host}{auth_host}":
        raise LakeError(
            f"{path} has a user name or a password in the address of the server", "They have options of their own."
        )
    for variable, key in _FILES.items():
        if value := os.environ.get(variable):
            options["client"][key] = value.replace("%", "%%")
    return Settings(
        RUCIO,
        host,
        auth_host or host,
        auth_type or "userpass",
        account=values["account"],
        username=values["username"],
        password=values["password"],
        vo=values["vo"],
        source=str(path),
        options=options,
    )


@contextmanager
def _parsed(path: Path) -> Iterator[ConfigParser]:
    """Give what a ``rucio.cfg`` says; what is wrong with it is a sentence, be it found when a value is looked at."""
    parser = ConfigParser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"), source=path.name)
        if not parser.has_section("client"):
            raise LakeError(f"{path} has no section [client]", "It may be a server's: set RUCIO_CONFIG to a client's.")
        yield parser
    except OSError as error:
        raise LakeError(f"{path} cannot be read: {error.strerror}", "Check RUCIO_CONFIG.") from error
    except InterpolationError as error:
        raise LakeError(
            f"{path} is not a rucio.cfg: the value of {error.option} holds a single %", "In a value it is written %%."
        ) from None
    except (Error, UnicodeDecodeError) as error:
        raise LakeError(f"{path} is not a rucio.cfg: {_what_is_wrong(error)}", "Look at it in an editor.") from None


def _what_is_wrong(error: Exception) -> str:
    """Return what a file cannot be read for, without its words, of which one may be a password."""
    if isinstance(error, MissingSectionHeaderError):
        return f"its line {error.lineno} is in no section"
    if isinstance(error, ParsingError):
        return "not understood is line " + ", ".join(str(line) for line, _ in error.errors)
    if isinstance(error, DuplicateOptionError | DuplicateSectionError):
        return f"its line {error.lineno} repeats an earlier one"
    return "it is not written in UTF-8" if isinstance(error, UnicodeDecodeError) else type(error).__name__


def sandbox_settings() -> Settings:
    """Return the settings of the sandbox, which must be running.

    Raises:
        LakeAwayError: If it is not.
    """
    settings = _sandbox_settings()
    if settings.away:
        raise LakeAwayError(*settings.away)
    return settings


def why_stopped(name: str) -> LakeAwayError | None:
    """Return why a lake cannot be asked before it is started: it is the sandbox, which does not run."""
    if name != SANDBOX:
        return None
    try:
        sandbox_settings()
    except LakeAwayError as error:
        return error
    return None


def _sandbox_settings() -> Settings:
    """Return the settings of the sandbox; of one that does not run those it had, which only tell what it was.

    Raises:
        LakeAwayError: If nothing is known of it, because it never ran.
    """
    try:
        kept = msgspec.json.decode((_sandbox() / "settings.json").read_bytes(), type=_Kept)
    except (OSError, msgspec.MsgspecError) as error:
        raise LakeAwayError(*_SANDBOX_DOWN) from error
    try:
        server = msgspec.json.decode((_sandbox() / "server.json").read_bytes(), type=_Server)
    except (OSError, msgspec.MsgspecError) as error:
        if not kept.port:
            raise LakeAwayError(*_SANDBOX_DOWN) from error
        return _of_the_sandbox(_Server(f"http://127.0.0.1:{kept.port}", _ACCOUNT), None)
    # What a killed server said of itself may be true of somebody else's by now, who is not to get the password.
    return _of_the_sandbox(server, kept.password if processes.held(_sandbox() / "server.lock") else None)


def _of_the_sandbox(server: _Server, password: str | None) -> Settings:
    """Return the settings of a sandbox, which is away if it is to get no password."""
    return Settings(
        SANDBOX,
        server.url,
        server.url,
        account=server.account,
        username=server.account,
        password=password,
        vo="def",
        away=_SANDBOX_DOWN if password is None else None,
    )


def _sandbox() -> Path:
    """Return the sandbox's folder; its lock and two files here are all that this room knows of it."""
    return paths.data_dir() / "sandbox"
