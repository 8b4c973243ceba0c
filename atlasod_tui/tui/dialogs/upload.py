"""The dialog that uploads a result or files: which, to which storage elements, for how long."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.widgets import Static

from atlasod_tui import shown
from atlasod_tui.tui.acting import READ_ONLY
from atlasod_tui.tui.beside import beside
from atlasod_tui.tui.dialogs.confirm import Asked
from atlasod_tui.tui.dialogs.form import Form, Remark
from atlasod_tui.tui.dialogs.uploading import NEW, chosen_upload, dataset_problem, upload_sentences
from atlasod_tui.tui.jobs.speed import speed
from atlasod_tui.tui.orders import estimate, orders, uploadable
from atlasod_tui.tui.threads import Looking
from atlasod_tui.tui.widgets.choice_list import Choice, ChoiceList
from atlasod_tui.tui.widgets.field import Field
from atlasod_tui.tui.widgets.folder import PathField
from atlasod_tui.tui.widgets.lifetime import LifetimeField
from atlasod_tui.tui.widgets.rse_list import RseList

if TYPE_CHECKING:
    from atlasod_tui.tui.world import World


class UploadDialog(Form):
    """Uploads the bundles of a result, or files that are chosen; the answer is the id of the job.

    Args:
        world: What pages share.
        result: A result folder, a folder or a file; None: it is asked for.
    """

    yes = "Upload ..."

    def __init__(self, world: World, result: Path | None = None) -> None:
        super().__init__(world, f"Upload {result.name}" if result is not None else "Upload files")
        self._result = result
        self._looking = Looking(uploadable.look)
        self._found = uploadable.Found("")
        self._wanted: str | None = None

    def fields(self) -> Iterable[Any]:
        """Compose the fields."""
        yield PathField("of folder or file", self._result, id="of")
        yield ChoiceList(self.world.look, id="files")
        yield Static("to storage elements: the first gets the bytes, the others copies", classes="caption")
        yield RseList(self.world)
        yield LifetimeField(self.world)
        yield Field("dataset", "", dataset_problem, otherwise=NEW, id="dataset")

    def on_mount(self) -> None:
        """Begin with the list where it is known what is to be uploaded."""
        self.query_one("#of Input" if self._result is None else "#files").focus()

    def changed(self) -> None:
        """See also what there is to upload."""
        path = self.query_one("#of", PathField).path
        if path != self._wanted:
            self._wanted = path
            self._found = uploadable.Found(path)
            self.query_one("#files", ChoiceList).show(
                (), instead="looking for files" if path else "its files are listed here"
            )
            if path:
                beside(self, self._load_files, path, group="files")
        self.query_one(RseList).need(self._bytes if self._chosen else None)
        super().changed()

    async def _load_files(self, path: str) -> None:
        found = await self._looking.at(path)
        if path != self._wanted:
            return
        self._found = found
        files = self.query_one("#files", ChoiceList)
        files.show(map(_choice, found.files), instead=found.problem)
        first = found.files[:1] if len(found.files) == 1 else ()
        files.choose([file.path for file in found.bundles or first])
        self.changed()

    def order(self) -> orders.Put | None:
        """Return what is filled in."""
        upload = chosen_upload(self)
        return orders.Put(self._paths(), upload) if self._chosen and upload is not None else None

    def _paths(self) -> tuple[str, ...]:
        """Return what the command is given: the folder stands for its bundles where all of them are chosen."""
        bundles = {file.path for file in self._found.bundles}
        chosen = [file.path for file in self._chosen]
        if not bundles or not bundles <= set(chosen):
            return tuple(chosen)
        return (self._found.given, *(path for path in chosen if path not in bundles))

    def missing(self) -> str:
        """Return what there is no order without."""
        lake = self.world.lake
        if self.world.read_only or (lake is not None and lake.read_only):
            return READ_ONLY
        if lake is None:
            return "No lake is chosen: nothing can be uploaded."
        if self._found.problem or not self._wanted:
            return self._found.problem or "It is not said what to upload."
        if not self._chosen:
            return "No file is chosen: space chooses."
        return "No storage element is chosen: space chooses."

    def told(self) -> list[Remark]:
        """Return what the order comes to."""
        number = estimate.count(len(self._chosen), "file")
        amounts = estimate.Amounts(len(self._chosen), self._bytes, len(self._chosen), self._bytes, exact=True)
        lines = [Remark(f"uploads {number}, {estimate.size(self._bytes)}")]
        lines.append(Remark(estimate.lasts(amounts, speed(self.world.jobs.jobs, "put"), "upload")))
        if self._found.more:
            lines.append(Remark(f"only the first {uploadable.MOST} files of the folder are listed"))
        if self.plan is None:
            lines += [Remark(sentence, wrong=True) for sentence in self.query_one(RseList).short]
        return lines

    def asked(self, order: Any, plan: dict[str, Any]) -> Asked:
        """Return what is to be confirmed."""
        rows = tuple((estimate.size(row["bytes"]), os.path.relpath(row["path"], self._base)) for row in plan["plan"])
        number = estimate.count(len(rows), "file")
        sentences = [f"{number}, {shown.size(plan['bytes'], 'B')}.", *upload_sentences(order.upload, plan, self.world)]
        return Asked(f"{self._heading}?", "Upload", tuple(sentences), rows, order.equivalent)

    @property
    def _base(self) -> str:
        given = self._found.given
        return given if os.path.isdir(given) else str(Path(given).parent)  # noqa: PTH112 - no errors

    @property
    def _chosen(self) -> list[uploadable.Candidate]:
        keys = set(self.query_one("#files", ChoiceList).chosen)
        return [file for file in self._found.files if file.path in keys]

    @property
    def _bytes(self) -> int:
        return sum(file.bytes or 0 for file in self._chosen)


def _choice(file: uploadable.Candidate) -> Choice:
    size = "" if file.bytes is None else shown.size(file.bytes, "B")
    facts = f"{size}, all histograms of the analysis" if file.bundle else size
    return Choice(file.path, file.name, facts, file.why_not)
