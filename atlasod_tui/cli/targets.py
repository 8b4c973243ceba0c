"""The options of every verb that uploads: ``--rse``, ``--lifetime``, ``--scope``, ``--dataset``."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlasod_tui.lake.uploading.target import Target


class UploadOptions(NamedTuple):
    """What was asked for; nothing is checked yet."""

    rse: str | None
    lifetime: str
    scope: str
    dataset: str


def upload_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a verb, which gets them as ``upload=UploadOptions(...)``."""

    @click.option(
        "--rse",
        "rses",
        metavar="RSE[,RSE...]",
        multiple=True,
        help="Upload to these storage elements (`atlasod-tui rses`); may be repeated.",
    )
    @click.option(
        "--lifetime",
        metavar="TIME",
        default="7d",
        show_default=True,
        help="How long the upload lasts: 12h, 7d, forever.",
    )
    @click.option("--scope", metavar="SCOPE", default="", help="Scope of the upload; user.<account> without it.")
    @click.option("--dataset", metavar="NAME", default="", help="Dataset of the upload; a new one without it.")
    @functools.wraps(function)
    def verb(*arguments: Any, rses: tuple[str, ...], lifetime: str, scope: str, dataset: str, **options: Any) -> Any:
        rse = ",".join(rses) if rses else None
        return function(*arguments, upload=UploadOptions(rse, lifetime, scope, dataset), **options)

    return verb


def target_from(
    upload: UploadOptions, lake: str | None, title: str, metadata: dict[str, Any] | None = None
) -> Target | None:
    """Return where the files go, with a new run's id; None if no storage element was named.

    Args:
        upload: What was asked for.
        lake: Name of the profile; None for the default.
        title: What it is, in a word or two: becomes part of the dataset's name.
        metadata: Of the dataset and each file.

    Raises:
        UsageError: If an option's value cannot be, or ``--scope`` or ``--dataset`` came without ``--rse``.
        LakeError: If there is no lake.
    """
    from atlasod_tui.cli.lake import lifetime_seconds  # noqa: PLC0415 - not for --help
    from atlasod_tui.errors import UsageError  # noqa: PLC0415
    from atlasod_tui.lake.names import new_run_id  # noqa: PLC0415
    from atlasod_tui.lake.profiles import default  # noqa: PLC0415
    from atlasod_tui.lake.uploading.target import Target  # noqa: PLC0415

    if upload.rse is None:
        for name, value in (("--scope", upload.scope), ("--dataset", upload.dataset)):
            if value:
                raise UsageError(f"{name} says where an upload goes, but nothing is uploaded", "Give --rse as well.")
        return None
    rses = list(dict.fromkeys(name for part in upload.rse.split(",") if (name := part.strip())))
    if not rses:
        raise UsageError("--rse names no storage element", "`atlasod-tui rses` lists them.")
    return Target(
        rses=rses,
        run_id=new_run_id(),
        lake=lake or default(),
        scope=upload.scope,
        dataset=upload.dataset,
        title=title,
        lifetime=lifetime_seconds(upload.lifetime),
        metadata=metadata or {},
    )
