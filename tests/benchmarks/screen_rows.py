"""Files as a lake may list them, as many as are wanted."""

from __future__ import annotations

from atlasod_tui.lake.model import DID, FileEntry

SAMPLES = ("ggH125_ZZ4lep", "llll", "Zee", "Zmumu", "Wplusenu", "ttbar_lep", "single_top_tchan", "VBFH125_ZZ4lep")


def entry(number: int) -> FileEntry:
    """Return a file with a name and numbers like those of the release, different from line to line."""
    name = f"mc_{301000 + number * 7919 % 100003:06}.{SAMPLES[number % len(SAMPLES)]}.4lep.{number:06}.root"
    return FileEntry(DID("opendata", name), 1_000_003 + number * 104729 % 997_000_000, f"{number:08x}", number * 37)
