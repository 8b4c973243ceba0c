"""What an analysis job is asked to do: which files of which samples, for which analyses."""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

from atlasod_tui.engine.author import Variant
from atlasod_tui.jobs.tasks.places import file_name, is_elsewhere, public

Only = Literal["data", "mc"]

ANALYSIS_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+-]*")
"""What an analysis may be called: its name becomes that of a folder."""


class InputFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file as it was when the job was made; a job does not resume over inputs that changed."""

    path: str
    """Of a file of a lake its DID; or an address."""
    sample: str
    """The sample its events are counted for; data files by period (``dataA``)."""
    skim: str
    factor: int
    size: int
    mtime_ns: int
    did: str = ""
    """Of a file of the job's lake."""
    adler32: str = ""

    @property
    def elsewhere(self) -> bool:
        """Whether it is not, or need not be, on this machine."""
        return is_elsewhere(self)

    @property
    def name(self) -> str:
        """Its name, without folder, scope and host."""
        return file_name(self)

    @property
    def shown(self) -> str:
        """What it goes by where others may see it."""
        return public(self.path)


class AnalysisInput(msgspec.Struct, frozen=True):
    """One analysis of a job and its files, in the order in which they are summed."""

    name: str
    framework_name: str
    file: str
    samples: dict[str, list[InputFile]]
    """The framework's sample (one of data: ``data``, or ``dataA`` to ``dataD``) to its files."""
    absent: list[str]


class AnalyseSpec(msgspec.Struct, frozen=True):
    """All that is needed to do an analysis job again; paths are absolute."""

    analyses: list[AnalysisInput]
    variant: Variant
    output: str
    piece_events: int
    """The setting as it was when the job was made: finished pieces are of use only to a run that cuts alike."""
    force: bool = False
    fill_missing: bool = False
    interpreted: bool = False
    inputs: list[str] = []
    """Folders, files, DIDs and addresses that were given; empty for the built-in sample."""
    lake: str = ""
    """What opens the lake of the DIDs, as with ``--lake``."""
    stream: bool = False
    """Whether the files of the lake are read where they are, without a copy."""
    upload: dict[str, Any] | None = None
    """Where the bundles go in the end: a `lake.uploading.target.Target`, which the lake's own modules know."""
    starter: str = ""
    """Where the built-in sample is to be generated before its files can be found; empty where they have been found."""
    only: str = ""
    choose: str = ""
    everything: bool = False
    """Whether the analyses are all there are: those without files are left out."""
    skip: list[str] = []
    """Files to leave out: those on which an earlier run of the job died."""
    unreadable: list[str] = []
    """Folders of the input that could not be listed: files may be missing."""
    notes: list[str] = []
    """Analyses of ``all`` that are left out, and why."""
    ignored: list[str] = []
    """ROOT files of the input whose names are those of no sample."""

    def summary(self) -> list[dict[str, Any]]:
        """Return one row per analysis and sample: analysis, sample, files, bytes."""
        return [
            {
                "analysis": item.framework_name,
                "sample": sample,
                "files": len(files),
                "bytes": sum(file.size for file in files),
            }
            for item in self.analyses
            for sample, files in item.samples.items()
        ]

    def files_elsewhere(self) -> list[InputFile]:
        """Return the files that are to be fetched, or read where they are, once each and in order."""
        every = (file for item in self.analyses for files in item.samples.values() for file in files)
        found = {file.path: file for file in every if file.elsewhere and file.shown not in self.skip}
        return list(found.values())
