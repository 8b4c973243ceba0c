"""The dialog that multiplies picks: how often, into how many files, where to, and what that comes to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from textual.containers import Horizontal
from textual.widgets import Static

from atlasod_tui import shown
from atlasod_tui.errors import AtlasodError
from atlasod_tui.tui.dialogs.confirm import Asked
from atlasod_tui.tui.dialogs.form import Form, Line
from atlasod_tui.tui.orders import estimate, orders
from atlasod_tui.tui.widgets.field import Field
from atlasod_tui.tui.widgets.folder import FolderField, here
from atlasod_tui.tui.widgets.lifetime import LifetimeField, told
from atlasod_tui.tui.widgets.rse_list import RseList, named

if TYPE_CHECKING:
    from atlasod_tui.tui.basket import Pick
    from atlasod_tui.tui.world import World

NEW = "a new one, whose name is made"
"""What an upload goes into where no dataset is named."""
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
            factor=int(self.typed("#factor").value),
            files=int(self.typed("#files").value),
            to=self._folder.path,
            upload=self._upload(),
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

    def told(self) -> list[Line]:
        """Return what the order comes to."""
        amounts = self._amounts()
        files_in, files_out = (estimate.count(number, "file") for number in (amounts.files_in, amounts.files_out))
        bytes_out = estimate.size(amounts.bytes_out, exact=amounts.exact)
        lines = [Line(f"reads {files_in}, {estimate.size(amounts.bytes_in)}; writes {files_out}, {bytes_out}")]
        if amounts.files_in is None and self.plan is None:
            lines = [Line("how much is read and written is told when the lake has listed the files")]
        if amounts.fetched:
            lines.append(Line(f"{shown.size(amounts.fetched, 'B')} are fetched first, unless they are here already"))
        lines.append(Line(estimate.lasts(amounts, estimate.speed(self.world.jobs.jobs, "multiply"), "multiply")))
        lines += disk_lines(self._folder, amounts.bytes_out)
        elements = self.query_one(RseList)
        if not elements.chosen:
            lines.append(Line("nothing is uploaded: no storage element is chosen"))
        elif self.plan is None:  # the verb has asked the lake, which knows who is above its quotas
            lines += [Line(sentence, wrong=True) for sentence in elements.short]
        if self.plan is not None and (sentence := estimate.skipped(self.plan)):
            lines.append(Line(sentence))
        return lines

    def asked(self, order: Any, plan: dict[str, Any]) -> Asked:
        """Return what is to be confirmed."""
        amounts = estimate.of_multiply(plan)
        bytes_out = estimate.size(amounts.bytes_out, exact=amounts.exact)
        sentences = [f"{estimate.count(amounts.files_out, 'file')}, {bytes_out}, written to {shown.path(order.to)}."]
        if order.upload is not None:
            sentences += upload_sentences(order.upload, plan, self.world)
        if sentence := estimate.skipped(plan):
            sentences.append(f"{sentence[0].upper()}{sentence[1:]}.")
        rows = tuple((estimate.size(row["bytes"]), str(row["output"])) for row in plan["plan"])
        return Asked(f"{self._heading}?", "Multiply", tuple(sentences), rows, order.equivalent)

    def _amounts(self) -> estimate.Amounts:
        if self.plan is not None:
            return estimate.of_multiply(self.plan)
        factor, files = (self.typed(selector).value.strip() for selector in ("#factor", "#files"))
        if _factor(factor) or _files(files):
            return estimate.at_once(self._picks, 1, 1)._replace(files_out=None, bytes_out=None)
        return estimate.at_once(self._picks, int(factor), int(files))

    def _upload(self) -> orders.Upload | None:
        chosen = self.query_one(RseList).chosen
        if not chosen or self.world.lake is None:
            return None
        lifetime = self.query_one(LifetimeField).lifetime.seconds
        return orders.Upload(self.world.lake.name, chosen, lifetime, self.typed("#dataset").value.strip())

    @property
    def _folder(self) -> FolderField:
        return self.query_one("#to", FolderField)


def described(picks: Sequence[Pick]) -> str:
    """Return picks in a few words: the name of one, or how many; it may hold text from outside."""
    if len(picks) == 1:
        return str(picks[0].did)
    sizes = [pick.bytes for pick in picks]
    known = sum(size for size in sizes if size is not None)
    return f"{len(picks)} picks" + (f", {shown.size(known, 'B')}" if None not in sizes else "")


def sources_of(picks: Sequence[Pick], world: World) -> list[str]:
    """Return the lakes of picks; one without a name is that in front."""
    front = world.lake.name if world.lake is not None else ""
    return list(dict.fromkeys(pick.lake or front for pick in picks))


def one_lake(picks: Sequence[Pick], world: World) -> str:
    """Return why picks make no order, as a sentence: one job takes those of one lake."""
    lakes = sources_of(picks, world)
    if not lakes:
        return "Nothing is picked: space on a file picks it."
    return f"The picks are of {len(lakes)} lakes ({', '.join(lakes)}): one job takes those of one." if lakes[1:] else ""


def disk_lines(folder: FolderField, needed: int | None) -> list[Line]:
    """Return what is told of the disk of a folder."""
    if folder.disk is None:
        return [Line("disk of the folder: not known yet")]
    if folder.disk.problem:
        return []  # which the field says
    text, enough = estimate.disk(folder.disk.free, needed)
    return [Line(text, wrong=not enough)]


def upload_sentences(upload: orders.Upload, plan: dict[str, Any], world: World) -> list[str]:
    """Return where an upload goes and until when, in lines."""
    known = plan.get("upload", {})
    scope = str(known.get("dataset", "")).partition(":")[0]
    new = f"a new dataset of {scope}" if scope else "a new dataset"
    into = f"the dataset {upload.dataset}" if upload.dataset else new
    host = f" ({known['host']})" if known.get("host") else ""
    return [
        f"Uploaded to {named(upload.rses)},",
        f"into {into} in the lake {upload.lake}{host},",
        f"for {told(upload.lifetime, world.now()).removeprefix('for ')}.",
    ]


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


def dataset_problem(text: str) -> str:
    """Return why a text can be no name of a dataset, as a sentence; empty if it can."""
    from atlasod_tui.lake.uploading.names import check_name  # noqa: PLC0415 - seldom

    try:
        if text.strip():
            check_name(text.strip(), "dataset")
    except AtlasodError as error:
        return f"{error.message}. {error.hint}"
    return ""
