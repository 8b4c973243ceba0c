"""What a verb writes back to a lake: refused before a job is made, and told by ``--dry-run``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from atlasod_tui import shown
from atlasod_tui.cli import output
from atlasod_tui.cli.options import READ_ONLY, common_with
from atlasod_tui.cli.targets import target_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from atlasod_tui.cli.targets import UploadOptions
    from atlasod_tui.lake.uploading.target import Target
    from atlasod_tui.lake.uploading.upload import Uploader


def lake_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a verb that may do without a lake: the common ones, and ``source`` (a name or None)."""
    source = click.option("--from", "source", metavar="NAME", help="Lake of the DIDs, where it is another than --lake.")
    of_all = common_with(lake="Lake of the DIDs and of --rse; the default one without it.", read_only=READ_ONLY)
    return source(of_all(function))


def target(upload: UploadOptions, lake: str | None, title: str) -> Target | None:
    """Return where the outputs go; None, without a look at any lake, if nothing is to be uploaded.

    Raises:
        UsageError: If an option's value cannot be, or one came without ``--rse``.
        LakeError: If there is no lake.
    """
    return target_from(upload, lake, title) if any((upload.rse is not None, upload.scope, upload.dataset)) else None


def upload_to(where: Target, names: Iterable[str], total_bytes: int | None, *, read_only: bool) -> Uploader:
    """Return what would upload there, which has been asked whether it may.

    Args:
        where: Where to.
        names: What the files will be called.
        total_bytes: How much that will be, where it is known.
        read_only: Whether the user forbids to write.

    Raises:
        UsageError: If a name cannot be.
        LakeError: If the lake would not take it, knows no such storage element, wants a login, or is away.
    """
    from atlasod_tui.lake.profiles import open_lake  # noqa: PLC0415 - only where there is a lake
    from atlasod_tui.lake.uploading.upload import Uploader  # noqa: PLC0415

    uploader = Uploader(open_lake(where.lake, read_only=read_only), where)
    uploader.refuse(total_bytes)
    for name in names:
        uploader.did(name)
    return uploader


def document(uploader: Uploader, where: Target, total_bytes: int | None) -> dict[str, Any]:
    """Return what would be uploaded where, for JSON."""
    return {
        "upload": {
            "lake": uploader.lake,
            "host": uploader.host,
            "dataset": uploader.dataset,
            "rses": where.rses,
            "bytes": total_bytes,
            "lifetime": where.lifetime,
            "expires": _ends(where),
            "metadata": where.metadata,
        }
    }


def say(uploader: Uploader, where: Target, total_bytes: int | None, what: str) -> None:
    """Print what would be uploaded where, until when, and to which lake."""
    ends = _ends(where)
    until = "for ever" if ends is None else f"until {ends:%Y-%m-%d %H:%M} UTC"
    size = "" if total_bytes is None else f" ({shown.size(total_bytes, 'B')})"
    places = ", ".join(where.rses)
    output.say(shown.escape(f"{what}{size} would be uploaded to {places} {until}: {uploader.dataset}"))
    say_lake(uploader.lake, uploader.host)


def say_lake(name: str, host: str) -> None:
    """Print which lake is written to."""
    output.say(shown.escape(f"lake: {name} ({host})"))


def _ends(where: Target) -> datetime | None:
    return None if where.lifetime is None else datetime.now(UTC) + timedelta(seconds=where.lifetime)
