"""Starting analyses: which events, which variant, where the results go; what that comes to, and then a job."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from atlasod_tui import shown
from atlasod_tui.tui.analyses.details import together
from atlasod_tui.tui.analyses.order import ALL, Analyse
from atlasod_tui.tui.dialogs.confirm import Asked
from atlasod_tui.tui.dialogs.form import Form, Remark, disk_lines
from atlasod_tui.tui.dialogs.uploading import chosen_upload, upload_sentences
from atlasod_tui.tui.orders import estimate
from atlasod_tui.tui.widgets.field import Field
from atlasod_tui.tui.widgets.folder import FolderField
from atlasod_tui.tui.widgets.lifetime import LifetimeField
from atlasod_tui.tui.widgets.one_line import OneLine
from atlasod_tui.tui.widgets.one_of import OneOf
from atlasod_tui.tui.widgets.rse_list import RseList

if TYPE_CHECKING:
    from atlasod_tui.engine.author import Analysis
    from atlasod_tui.errors import AtlasodError
    from atlasod_tui.tui.analyses.inputs import Input
    from atlasod_tui.tui.world import World

_EVENTS = (("", "data and MC"), ("data", "data"), ("mc", "MC"))
_VARIANTS = (("framework", "framework"), ("fixed", "fixed"))
_FRAMEWORK = "as the original does it: agrees with the published plots"
_MOST_WORKERS = 1024
_SOME = 6
"""Absent samples that are named."""
_DISK = 1_000_000
"""Bytes that the results of an analysis take, about."""


class AnalyseDialog(Form):
    """Asks how analyses are to be run.

    Args:
        world: What pages share.
        analyses: Which.
        source: What they read.
        output: The folder of the results that is proposed.
        everything: Whether these are all there are: those without files are left out then.
        lacking: Whether not one of their samples was found in what they read.
    """

    CSS_PATH: ClassVar[Any] = ["dialogs.tcss", "analyse.tcss"]
    yes = "Run ..."

    def __init__(  # noqa: PLR0913 - what is asked, and what is known of it
        self,
        world: World,
        analyses: Sequence[Analysis],
        source: Input,
        output: Path,
        *,
        everything: bool = False,
        lacking: bool = False,
    ) -> None:
        names = [one.name for one in analyses]
        called = f"all {len(names)} analyses" if everything else ", ".join(names)
        super().__init__(world, f"Run {called}")
        self._analyses, self._source, self._lacking = tuple(analyses), source, lacking
        self._names = (ALL,) if everything else tuple(names)
        self._first_output = output
        self.ordered: Analyse | None = None
        """What was confirmed."""

    def fields(self) -> Iterable[Any]:
        """Compose them."""
        source = OneLine(self._source.sentence(), self.world.look.glyphs.more)
        yield _line("reads", Static(source, id="source"))
        yield _line("events", OneOf(_EVENTS, id="only"))
        yield _line("variant", OneOf(_VARIANTS, id="variant"))
        yield Static("", id="meaning")
        yield Field("samples", otherwise="all; or a glob, as *Zee*", id="samples")
        yield Field("threads", "", _workers, otherwise="one for each core", id="workers")
        yield FolderField("results to", self._first_output, id="output")
        with Vertical(id="upload"):
            yield Static(Text("and upload them to: space chooses, nowhere unless one is chosen"), classes="caption")
            yield RseList(self.world)
            yield LifetimeField(self.world)

    def order(self) -> Analyse | None:
        """Return what is filled in."""
        return Analyse(
            self._names,
            self._source,
            self._folder.path,
            only=self.query_one("#only", OneOf).chosen,
            samples=self.typed("#samples"),
            variant=self.query_one("#variant", OneOf).chosen,
            workers=int(self.typed("#workers") or 0),
            upload=chosen_upload(self),
        )

    def on_one_of_changed(self) -> None:
        """See what is chosen now."""
        self.changed()

    def changed(self) -> None:
        """See also what the variant means, and what only matters to an upload."""
        chosen = bool(self.query_one(RseList).chosen)
        lifetime = self.query_one(LifetimeField)
        lifetime.disabled = not chosen
        lifetime.display = chosen
        self.query_one("#meaning", Static).update(Text(self.meaning()))
        super().changed()

    def action_choose(self) -> None:
        """Choose the next of a line, or the line under the cursor."""
        if isinstance(self.focused, OneOf):
            self.focused.next()
        else:
            super().action_choose()

    def meaning(self) -> str:
        """Return what the variant means, as a sentence."""
        if self.query_one("#variant", OneOf).chosen == "framework":
            return _FRAMEWORK
        mended = {quirk.name: None for one in self._analyses for quirk in one.quirks if quirk.fixed}
        if not mended:
            return "there is no quirk to correct: the same as framework"
        return f"corrects {', '.join(name.replace('_', ' ') for name in mended)}"

    def told(self) -> list[Remark]:
        """Return what the order comes to."""
        lines = [Remark(text) for text in plan_lines(self.plan)] if self.plan is not None else []
        lines += [line for line in disk_lines(self._folder, _DISK * len(self._analyses)) if line.wrong]
        if self.plan is None:
            lines += [Remark(sentence, wrong=True) for sentence in self.query_one(RseList).short]
        return lines

    def refused(self, error: AtlasodError) -> str:
        """Say also what to do about an input that has nothing for them."""
        return f"{error.whole} esc, then i, chooses another input." if self._lacking else error.whole

    def asked(self, order: Any, plan: dict[str, Any]) -> Asked:
        """Return what is to be confirmed."""
        self.ordered = order
        sentences = [shown.sentence(text) for text in plan_lines(plan)]
        sentences.append(f"The results go to {shown.path(plan.get('output', order.output))}.")
        if order.upload is not None:
            sentences += upload_sentences(order.upload, plan, self.world)
        rows = tuple(
            (shown.size(row["bytes"], "B"), f"{row['analysis'].removesuffix('Analysis')}: {row['sample']}")
            for row in plan.get("plan") or ()
        )
        return Asked(f"{self._heading}?", "Run", tuple(sentences), rows, order.equivalent)

    @property
    def _folder(self) -> FolderField:
        return self.query_one("#output", FolderField)


def plan_lines(plan: dict[str, Any]) -> list[str]:
    """Return what the verb says it would read, in clauses; they may hold text from outside."""
    rows = plan.get("plan")
    if rows is None:
        return ["the built-in sample is generated first, which takes some seconds"]
    files = estimate.count(sum(row["files"] for row in rows), "file")
    samples = estimate.count(len(rows), "sample")
    lines = [f"reads {files} of {samples}, {shown.size(plan.get('bytes') or 0, 'B')}"]
    if plan.get("bytes_elsewhere"):
        lines.append(f"{shown.size(plan['bytes_elsewhere'], 'B')} of these are fetched, unless they are here already")
    absent = plan.get("absent") or {}
    for name, missing in absent.items():
        if missing:
            which = f"{name.removesuffix('Analysis')} is run " if len(absent) > 1 else ""
            lines.append(
                f"{which}without {estimate.count(len(missing), 'sample')}: {shown.some(together(missing), _SOME)}"
            )
    return [*lines, *plan.get("notes", ())]


def _line(label: str, widget: Any) -> Horizontal:
    return Horizontal(Static(Text(label), classes="label"), widget, classes="line")


def _workers(text: str) -> str:
    text = text.strip()
    if not text or (text.isdecimal() and text.isascii() and 1 <= int(text[:9]) <= _MOST_WORKERS):
        return ""
    return f"A whole number from 1 to {_MOST_WORKERS} is needed, or nothing: one for each core."
