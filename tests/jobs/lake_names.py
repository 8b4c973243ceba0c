"""A task of the tests that tells which Rucio it would open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from atlasod_tui.jobs.context import Outcome
from atlasod_tui.lake import profiles

if TYPE_CHECKING:
    from atlasod_tui.jobs.context import JobContext


def run(arguments: dict[str, Any], _: JobContext) -> Outcome:
    """Write host and account of the lake ``lake`` to ``output``."""
    settings = profiles.rucio_settings(arguments["lake"])
    assert settings is not None
    Path(arguments["output"]).write_text(f"{settings.host} {settings.account} {settings.vo}")
    return Outcome()
