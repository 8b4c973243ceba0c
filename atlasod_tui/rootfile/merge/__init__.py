"""ROOT files from ROOT files: the same one N times, or different ones of one structure, by copying compressed baskets.

Nothing is decompressed but the trees' own records: `read_source` parses them, `plan` says what the output will be, to
the byte, and `copy` writes it at the speed of the disk.
"""

from __future__ import annotations

from atlasod_tui.rootfile.merge.copying import Copied, copy
from atlasod_tui.rootfile.merge.plan import Plan, plan
from atlasod_tui.rootfile.merge.source import Source, read_source

__all__ = ["Copied", "Plan", "Source", "copy", "plan", "read_source"]
