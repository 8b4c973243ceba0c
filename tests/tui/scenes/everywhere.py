"""What is everywhere: help, commands, words, colours, errors, notices, and a terminal that is too small."""

from __future__ import annotations

from atlasod_tui.errors import LakeAwayError
from atlasod_tui.tui.dialogs.commands import Commands
from atlasod_tui.tui.dialogs.elements import Elements
from atlasod_tui.tui.dialogs.equivalent import EquivalentDialog
from atlasod_tui.tui.dialogs.error_card import ErrorCard
from atlasod_tui.tui.dialogs.glossary import Glossary
from atlasod_tui.tui.dialogs.help import Help
from atlasod_tui.tui.dialogs.themes import Themes
from atlasod_tui.tui.screens.lake import LakePage
from atlasod_tui.tui.widgets.too_small import TooSmall
from tests.tui.pictures import LARGE, LOOKS, SMALL, Scene, Seat, then
from tests.tui.scenes.lake import to_datasets, to_files

AWAY = LakeAwayError("the lake sandbox does not answer", "Its agent was ended after 30 s.")
EVERY = (*LOOKS, (LARGE, "projector"), (SMALL, "colour-blind"), (SMALL, "ansi16"))


async def fail(seat: Seat) -> None:
    """Show an error."""
    await to_datasets(seat)
    seat.app.page.fail(AWAY)


async def notices(seat: Seat) -> None:
    """Tell of something, warn, and tell of something bad."""
    await to_files(seat)
    seat.app.page.say("The job multiply data_A.4lep.root x3 has begun: 3 shows it.")
    seat.app.notify("themes/mine.toml: there is no colour 'blu'.", severity="warning", timeout=10)
    seat.app.notify("✖ analyse TTbar failed: the runner was killed by SIGKILL.", severity="error", timeout=10)


SCENES = (
    Scene("help", Help, then(to_datasets, "question_mark"), ("Keys: Lake",)),
    Scene("commands", Commands, then(to_datasets, "colon", *"an", "down"), ("analyse Hyy",)),
    Scene("glossary", Glossary, then(to_datasets, "f3", *"rule"), ("Lifetime",)),
    Scene("equivalent", EquivalentDialog, then(to_files, "d"), ("In a shell",)),
    Scene("elements", Elements, then(to_datasets, "E"), ("IN2P3_LAPP-DCACHE",)),
    Scene("error", ErrorCard, fail, ("asks again",)),
    Scene("themes", Themes, then(to_files, "t"), ("black on white",), looks=EVERY),
    Scene("notices", LakePage, notices, ("analyse TTbar",)),
    Scene("too-small", TooSmall, sees=("too small",), looks=(((52, 14), "dark"), ((52, 14), "mono"))),
)
