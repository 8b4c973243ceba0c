"""What the dialogs that upload have in common: where to and for how long, as an order and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atlasod_tui.errors import AtlasodError
from atlasod_tui.tui.orders.upload import Upload
from atlasod_tui.tui.widgets.field import Field
from atlasod_tui.tui.widgets.lifetime import LifetimeField, told
from atlasod_tui.tui.widgets.rse_list import RseList, named

if TYPE_CHECKING:
    from atlasod_tui.tui.dialogs.form import Form
    from atlasod_tui.tui.world import World

NEW = "a new one, whose name is made"
"""What an upload goes into where no dataset is named."""


def chosen_upload(form: Form) -> Upload | None:
    """Return the upload that is filled in; None where no storage element is chosen."""
    chosen, lake = form.query_one(RseList).chosen, form.world.lake
    if not chosen or lake is None:
        return None
    dataset = "".join(field.text.strip() for field in form.query("#dataset").results(Field))
    return Upload(lake.name, chosen, form.query_one(LifetimeField).lifetime.seconds, dataset)


def upload_sentences(upload: Upload, plan: dict[str, Any], world: World) -> list[str]:
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


def dataset_problem(text: str) -> str:
    """Return why a text can be no name of a dataset, as a sentence; empty if it can."""
    from atlasod_tui.lake.names import check_name  # noqa: PLC0415 - seldom

    try:
        if text.strip():
            check_name(text.strip(), "dataset")
    except AtlasodError as error:
        return error.whole
    return ""
