"""Finished pieces of an event loop on disk: what a resumed job does not do again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from atlasod_tui.engine.histograms import Layout
from atlasod_tui.engine.program import Program
from atlasod_tui.engine.sums import Sums
from atlasod_tui.errors import JobError
from atlasod_tui.jobs.folder import write_atomic

_HEAD = 2  # first and last entry, before the sums


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a file of a sample of an analysis."""

    analysis: str
    sample: str
    file: int
    number: int
    start: int
    stop: int

    @property
    def events(self) -> int:
        """How many events it has."""
        return self.stop - self.start

    @property
    def source(self) -> tuple[str, str, int]:
        """The file it is a piece of: analysis, sample and number."""
        return self.analysis, self.sample, self.file

    @property
    def name(self) -> str:
        """The name of its file in ``parts/``."""
        return f"{self.analysis}.{self.sample}.{self.file}.{self.number}.f8"


class Parts:
    """The folder of finished pieces; each is one array of 8-byte floats, written in one go."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, part: Part, sums: Sums) -> None:
        """Keep the sums of a piece."""
        whole = np.concatenate([[part.start, part.stop], sums.sums, sums.counts.astype(np.float64)])
        write_atomic(self._folder / part.name, whole.tobytes())

    def load(self, part: Part, layout: Layout) -> Sums | None:
        """Return the sums of a piece, or None if it is not there or was not written whole."""
        try:
            whole = np.frombuffer((self._folder / part.name).read_bytes())
        except (OSError, ValueError):
            return None
        size = _HEAD + layout.sums_size
        if whole.size != size + layout.counts_size or (whole[0], whole[1]) != (part.start, part.stop):
            return None
        return Sums(whole[_HEAD:size], whole[size:].astype(np.int64))

    def check(self, fingerprints: dict[str, str]) -> None:
        """Refuse to mix pieces of two versions of an analysis; the first run of a job records the versions.

        Raises:
            JobError: If an analysis changed since the job began.
        """
        self._folder.mkdir(exist_ok=True)
        path = self._folder / "made-with.json"
        if not path.exists():
            write_atomic(path, msgspec.json.encode(fingerprints))
            return
        before = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
        for name, fingerprint in fingerprints.items():
            if before.get(name) != fingerprint:
                raise JobError(f"the analysis {name} changed since the job began", "Start it anew with 'analyse'.")


def fingerprint(program: Program, *, corrected: bool, piece_events: int) -> str:
    """Return a hash of all that decides what the pieces of an analysis are and hold."""
    return hashlib.sha256(f"{piece_events} {corrected} {program.version}".encode()).hexdigest()
