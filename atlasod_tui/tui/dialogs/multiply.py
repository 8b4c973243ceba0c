"""The dialog that multiplies picks: how often, into how many files, where to, and what that comes to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from textual.containers import Horizontal
from textual.widgets import Static

from atlasod_tui import shown
from atlasod_tui.tui.dialogs.confirm import Asked
from atlasod_tui.tui.dialogs.form import Form, Remark, disk_lines
from atlasod_tui.tui.dialogs.picked import described, one_lake, sources_of
from atlasod_tui.tui.dialogs.uploading import NEW, chosen_upload, dataset_problem, upload_sentences
from atlasod_tui.tui.jobs.speed import speed
from atlasod_tui.tui.orders import estimate, orders
from atlasod_tui.tui.widgets.field import Field
from atlasod_tui.tui.widgets.folder import FolderField, here
from atlasod_tui.tui.widgets.lifetime import LifetimeField
from atlasod_tui.tui.widgets.rse_list import RseList

if TYPE_CHECKING:
    from atlasod_tui.tui.basket import Pick
    from atlasod_tui.tui.world import World

_MOST_FACTOR, _MOST_FILES = 999_999_999, 9_999


class MultiplyDialog(Form):
    """Multiplies picks; the answer is the id of the job.

    Args:
        world: What pages share.
        picks: What is to be multiplied.
    """

    yes = "Multiply ..."

    def __init__(self, world: World, picks: Sequence[Pick]) -> None:
        self._picks = tuple(picks)
        super().__init__(world, f"Multiply {described(self._picks)}")

    def fields(self) -> Iterable[Any]:
        """Compose the fields."""
        with Horizontal(classes="pair"):
            yield Field("factor", "10", _factor, width=10, unit="copies", id="factor")
            yield Field("files", "1", _files, width=10, unit="of each", id="files")
        yield FolderField("to the folder", here(), id="to")
        yield Static("and to storage elements: the first gets the bytes, the others copies", classes="caption")
        yield RseList(self.world)
        yield LifetimeField(self.world)
        yield Field("dataset", "", dataset_problem, otherwise=NEW, id="dataset")

    def order(self) -> orders.Multiply | None:
        """Return what is filled in."""
        sources = sources_of(self._picks, self.world)
        if len(sources) != 1:
            return None
        return orders.Multiply(
            dids=tuple(str(pick.did) for pick in self._picks),
            source=sources[0],
            factor=int(self.typed("#factor")),
            files=int(self.typed("#files")),
            to=self._folder.path,
            upload=chosen_upload(self),
        )

    def changed(self) -> None:
        """See also what only matters to an upload."""
        self.query_one(RseList).need(self._amounts().bytes_out)
        chosen = bool(self.query_one(RseList).chosen)
        for selector in ("#lifetime", "#dataset"):
            self.query_one(selector).disabled = not chosen
        super().changed()

    def draw(self) -> None:
        """Show also what storage elements would have left."""
        self.query_one(RseList).need(self._amounts().bytes_out)
        super().draw()

    def missing(self) -> str:
        """Return what there is no order without."""
        return one_lake(self._picks, self.world)

    def told(self) -> list[Remark]:
        """Return what the order comes to."""
        amounts = self._amounts()
        files_in, files_out = (estimate.count(number, "file") for number in (amounts.files_in, amounts.files_out))
        bytes_out = estimate.size(amounts.bytes_out, exact=amounts.exact)
        lines = [Remark(f"reads {files_in}, {estimate.size(amounts.bytes_in)}; writes {files_out}, {bytes_out}")]
        if amounts.files_in is None and self.plan is None:
            lines = [Remark("how much is read and written is told when the lake has listed the files")]
        if amounts.fetched:
            lines.append(Remark(f"{shown.size(amounts.fetched, 'B')} are fetched first, unless they are here already"))
        elements = self.query_one(RseList)
        rate = speed(self.world.jobs.jobs, "multiply", uploads=bool(elements.chosen))
        what = "multiply-and-upload" if elements.chosen else "multiply"
        lines.append(Remark(estimate.lasts(amounts, rate, what)))
        lines += disk_lines(self._folder, amounts.bytes_out)
        if not elements.chosen:
            lines.append(Remark("nothing is uploaded: no storage element is chosen"))
        elif self.plan is None:  # the verb has asked the lake, which knows who is above its quotas
            lines += [Remark(sentence, wrong=True) for sentence in elements.short]
        if self.plan is not None and (sentence := estimate.skipped(self.plan)):
            lines.append(Remark(sentence))
        return lines

    def asked(self, order: Any, plan: dict[str, Any]) -> Asked:
        """Return what is to be confirmed."""
        amounts = estimate.of_multiply(plan)
        bytes_out = estimate.size(amounts.bytes_out, exact=amounts.exact)
        sentences = [f"{estimate.count(amounts.files_out, 'file')}, {bytes_out}, written to {shown.path(order.to)}."]
        if order.upload is not None:
            sentences += upload_sentences(order.upload, plan, self.world)
        if sentence := estimate.skipped(plan):
            sentences.append(shown.sentence(sentence))
        rows = tuple((estimate.size(row["bytes"]), str(row["output"])) for row in plan["plan"])
        return Asked(f"{self._heading}?", "Multiply", tuple(sentences), rows, order.equivalent)

    def _amounts(self) -> estimate.Amounts:
        if self.plan is not None:
            return estimate.of_multiply(self.plan)
        factor, files = (self.typed(selector) for selector in ("#factor", "#files"))
        if _factor(factor) or _files(files):
            return estimate.at_once(self._picks, 1, 1)._replace(files_out=None, bytes_out=None)
        return estimate.at_once(self._picks, int(factor), int(files))

    @property
    def _folder(self) -> FolderField:
        return self.query_one("#to", FolderField)


def _factor(text: str) -> str:
    return _natural(text, _MOST_FACTOR)


def _files(text: str) -> str:
    return _natural(text, _MOST_FILES)


def _natural(text: str, most: int) -> str:
    try:
        fits = 1 <= int(text.strip()) <= most and text.strip().isdecimal()
    except ValueError:
        fits = False
    return "" if fits else f"A number from 1 to {most:,}.".replace(",", " ")
