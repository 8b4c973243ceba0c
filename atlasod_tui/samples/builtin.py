"""The small synthetic sample that comes with the program, for a first run without any download.

53 files of all skims but exactly2lep with the release's names and schema, 5 000 events together, so that each of the
twelve analyses has something to read. Momenta come from a toy generator and cross-sections match no event count.
"""

from __future__ import annotations

from pathlib import Path

LABEL = "built-in synthetic sample: no physics"


def folder() -> Path:
    """Return the folder of the built-in sample, laid out as ``<skim>/Data`` and ``<skim>/MC``."""
    return Path(__file__).resolve().parent / "builtin"
