"""What pages and dialogs wish of the app: something that another page or a dialog does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from textual.message import Message

from atlasod_tui.tui.basket import Pick


@dataclass
class MultiplyWanted(Message):
    """Picks are to be multiplied."""

    picks: tuple[Pick, ...]


@dataclass
class AnalyseWanted(Message):
    """Picks are to be analysed."""

    picks: tuple[Pick, ...]


@dataclass
class GetWanted(Message):
    """Picks are to be fetched to this machine."""

    picks: tuple[Pick, ...]


@dataclass
class UploadWanted(Message):
    """A result, or files, are to be uploaded; ``result`` is the folder of an analysis' output, None: to be chosen."""

    result: Path | None = None


@dataclass
class ResultWanted(Message):
    """The plots of a result are to be shown; they fill while the job that makes it runs."""

    path: Path
    job_id: str | None = None


@dataclass
class LakeChosen(Message):
    """Another lake is to be in front."""

    name: str


@dataclass
class LoginWanted(Message):
    """The user is to log in to a lake, outside of the screen."""

    lake: str


@dataclass
class AnalysisWanted(Message):
    """An analysis is to be shown, ready to be started."""

    name: str


@dataclass
class JobWanted(Message):
    """A job is to be shown."""

    id: str
