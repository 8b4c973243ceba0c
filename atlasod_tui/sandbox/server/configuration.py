"""Rucio's configuration of a lake; Rucio reads it when it is imported, so ``use`` must run before that."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

DATABASE = "rucio.db"

_SERVER_CFG = """\
[common]
loglevel = ERROR
logdir = {home}
[client]
rucio_host = http://127.0.0.1
auth_host = http://127.0.0.1
[database]
default = sqlite:///{home}/rucio.db?timeout=60
pool_size = 20
max_overflow = 40
[policy]
permission = generic
schema = generic
[conveyor]
transfertool = local
scheme = file
[transfers]
stats_enabled = False
"""


def use(lake: Path) -> None:
    """Let this process be a server of a lake: import Rucio, which looks for its settings, with those of the lake."""
    path = lake / "server.cfg"
    path.write_text(_SERVER_CFG.format(home=str(lake).replace("%", "%%")), encoding="utf-8")
    for name in list(os.environ):
        if name.startswith("RUCIO_"):
            del os.environ[name]
    os.environ["RUCIO_CONFIG"] = str(path)
    logging.captureWarnings(capture=True)
    import patches  # noqa: PLC0415 - Rucio reads its configuration when it is imported

    patches.apply()
