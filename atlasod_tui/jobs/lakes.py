"""Which Rucio a job is of: kept in its spec, so that whoever resumes it comes to the same one, or is refused."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from atlasod_tui.errors import AtlasodError, LakeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from atlasod_tui.lake.rucio_settings import Settings


class JobLake(msgspec.Struct, frozen=True):
    """A Rucio as it was when the job was made; how to log in there is a matter of whoever runs the job."""

    host: str
    account: str | None = None
    """As the settings name it; ``None``: the one the server chooses."""
    vo: str | None = None
    config: str = ""
    """Path of the user's ``rucio.cfg``, absolute; empty for a lake of ``config.toml``."""


def chosen(arguments: Mapping[str, Any]) -> dict[str, JobLake]:
    """Return the Rucios that the arguments of a job name, by the names they have there.

    The sandbox is none of them: there is one, wherever it listens. What is wrong with settings is left for the job to
    tell.
    """
    found: dict[str, JobLake] = {}
    for name in _names(arguments):
        from atlasod_tui.lake import profiles  # noqa: PLC0415 - most jobs have no lake

        with suppress(AtlasodError):
            settings = None if name == profiles.SANDBOX else profiles.rucio_settings(name)
            if settings is not None:
                config = os.path.abspath(settings.source) if name == profiles.RUCIO else ""  # noqa: PTH100 - links stay
                found[name] = JobLake(settings.host, settings.account, settings.vo, config)
    return found


def refuse_others(lakes: Mapping[str, JobLake]) -> None:
    """Do nothing, unless a name would open another Rucio than the job was made for.

    Raises:
        LakeError: If so, or its settings are gone.
        UsageError: If ``config.toml`` names it no longer.
    """
    for name, lake in lakes.items():
        now = _settings(name, lake)
        if now.host != lake.host:
            raise LakeError(
                f"the lake {name} is {now.host} by now, and the job is one of {lake.host}",
                f"Let {now.source} name that server again, or start a new job.",
            )
        if not lake.config and now.account != lake.account:
            raise LakeError(
                f"the account of the lake {name} is {_account(now.account)} by now, and the job is one of "
                f"{_account(lake.account)}",
                f"Let {now.source} name that account again, or start a new job.",
            )


def enter(lakes: Mapping[str, JobLake]) -> None:
    """Let this process, which is the runner of a job, open the job's Rucios, whatever the environment says of others.

    Raises:
        AtlasodError: As `refuse_others` does.
    """
    for lake in lakes.values():
        if lake.config:
            os.environ["RUCIO_CONFIG"] = str(_config(lake))
            for key, value in (("RUCIO_ACCOUNT", lake.account), ("RUCIO_VO", lake.vo)):
                os.environ[key] = value or ""  # of which an empty one counts as none
    refuse_others(lakes)


def _names(arguments: Mapping[str, Any]) -> Iterator[str]:
    for key in ("lake", "target", "upload"):
        value = arguments.get(key)
        name = value.get("lake") if isinstance(value, dict) else value
        if name and isinstance(name, str) and (key == "lake" or isinstance(value, dict)):
            yield name


def _settings(name: str, lake: JobLake) -> Settings:
    from atlasod_tui.lake import profiles  # noqa: PLC0415 - most jobs have no lake

    settings = profiles.user_settings(_config(lake)) if lake.config else profiles.rucio_settings(name)
    if settings is None:
        profiles.open_lake(name)  # or that there is none of this name
        raise LakeError(f"the lake {name} is no Rucio by now, and the job is one of {lake.host}", "Start a new job.")
    return settings


def _config(lake: JobLake) -> Path:
    """Return the ``rucio.cfg`` of a job; where it has gone, the one that is there."""
    from atlasod_tui.lake import profiles  # noqa: PLC0415 - most jobs have no lake

    path = Path(lake.config)
    return path if path.exists() else profiles.rucio_config() or path


def _account(name: str | None) -> str:
    return name or "the one the server chooses"
