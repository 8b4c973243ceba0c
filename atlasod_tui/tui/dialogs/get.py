"""The dialog that fetches picks to a folder of this machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from atlasod_tui import shown
from atlasod_tui.tui.dialogs.confirm import Asked
from atlasod_tui.tui.dialogs.form import Form, Remark, disk_lines
from atlasod_tui.tui.dialogs.picked import described, one_lake, sources_of
from atlasod_tui.tui.jobs.speed import speed
from atlasod_tui.tui.orders import estimate, orders
from atlasod_tui.tui.widgets.folder import FolderField, here

if TYPE_CHECKING:
    from atlasod_tui.tui.basket import Pick
    from atlasod_tui.tui.world import World


class GetDialog(Form):
    """Fetches picks; the answer is the id of the job.

    Args:
        world: What pages share.
        picks: What is to be fetched.
    """

    yes = "Fetch ..."
    keys_line = "esc close   enter next   ctrl+y to the button   f4 command   f1 help"

    def __init__(self, world: World, picks: Sequence[Pick]) -> None:
        self._picks = tuple(picks)
        super().__init__(world, f"Fetch {described(self._picks)}")

    def fields(self) -> Iterable[Any]:
        """Compose the field."""
        yield FolderField("to the folder", here(), id="to")

    def order(self) -> orders.Get | None:
        """Return what is filled in."""
        sources = sources_of(self._picks, self.world)
        if len(sources) != 1:
            return None
        return orders.Get(tuple(str(pick.did) for pick in self._picks), sources[0], self._folder.path)

    def missing(self) -> str:
        """Return what there is no order without."""
        return one_lake(self._picks, self.world)

    def told(self) -> list[Remark]:
        """Return what the order comes to."""
        amounts = self._amounts()
        there = len(self.plan["plan"]) - (amounts.files_in or 0) if self.plan is not None else 0
        already = f"; {estimate.count(there, 'file')} there already" if there else ""
        known = f"fetches {estimate.count(amounts.files_in, 'file')}, {estimate.size(amounts.bytes_in)}{already}"
        lines = [
            Remark("how much it is is told when the lake has listed the files" if amounts.files_in is None else known),
            Remark(estimate.lasts(amounts, speed(self.world.jobs.jobs, "get"), "fetching")),
            *disk_lines(self._folder, amounts.bytes_in),
        ]
        if self.plan is not None and (sentence := estimate.skipped(self.plan)):
            lines.append(Remark(sentence))
        return lines

    def asked(self, order: Any, plan: dict[str, Any]) -> Asked:
        """Return what is to be confirmed."""
        amounts = estimate.of_get(plan)
        number = estimate.count(amounts.files_in, "file")
        sentences = [f"{number}, {estimate.size(amounts.bytes_in)}, fetched into {order.to} and verified."]
        if sentence := estimate.skipped(plan):
            sentences.append(shown.sentence(sentence))
        rows = tuple((estimate.size(row["bytes"]), str(row["path"])) for row in plan["plan"] if not row["there"])
        return Asked(f"{self._heading}?", "Fetch", tuple(sentences), rows, order.equivalent)

    def _amounts(self) -> estimate.Amounts:
        return estimate.at_once(self._picks, 1, 1) if self.plan is None else estimate.of_get(self.plan)

    @property
    def _folder(self) -> FolderField:
        return self.query_one("#to", FolderField)
