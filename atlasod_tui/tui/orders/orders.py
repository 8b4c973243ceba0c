"""What a dialog orders: the command that does it, the same command asked for its plan, and Python that does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from atlasod_tui.tui.equivalent import Equivalent, option
from atlasod_tui.tui.equivalent import lifetime as lifetime_word

WEEK = 604800
"""Seconds that an upload lasts, if nothing else is asked for."""


class Order(Protocol):
    """What a dialog comes to."""

    @property
    def verb(self) -> str:
        """The verb."""
        ...

    @property
    def words(self) -> tuple[str, ...]:
        """What follows the verb: options, then names behind ``--``."""
        ...

    @property
    def equivalent(self) -> Equivalent:
        """The command and Python that do it."""
        ...


def detached(order: Order) -> tuple[str, ...]:
    """Return the command that makes a job of an order, as it is shown."""
    return (order.verb, "--detach", *order.words)


def asked_for_plan(order: Order) -> tuple[str, ...]:
    """Return the command that tells what would be done."""
    return (order.verb, "--dry-run", "--json", *order.words)


def submitted(order: Order) -> tuple[str, ...]:
    """Return the command that is run: the one that is shown, its answer in JSON."""
    return (order.verb, "--detach", "--json", *order.words)


@dataclass(frozen=True)
class Upload:
    """Where an order's files go in a lake.

    Attributes:
        lake: Name of the lake.
        rses: Storage elements; the first that takes them gets the bytes.
        lifetime: Seconds; None for ever.
        dataset: Empty: a new one, whose name is made.
    """

    lake: str
    rses: tuple[str, ...]
    lifetime: int | None = WEEK
    dataset: str = ""

    @property
    def words(self) -> list[str]:
        """The options that say it, but for the lake."""
        return [
            *option("--rse", ",".join(self.rses)),
            *option("--lifetime", lifetime_word(self.lifetime)),
            *option("--dataset", self.dataset),
        ]

    def target(self, title: str, metadata: str = "") -> list[str]:
        """Return the lines of Python that make a `Target` called ``target``."""
        lines = [
            "target = Target(",
            f"    rses={list(self.rses)!r},",
            "    run_id=new_run_id(),",
            f"    lake={self.lake!r},",
            f"    title={title},",
            f"    lifetime={self.lifetime!r},  # seconds; None: for ever",
        ]
        lines += [f"    dataset={self.dataset!r},"] if self.dataset else []
        lines += [f"    metadata={metadata},"] if metadata else []
        return [*lines, ")"]


_TARGET = (
    "from atlasod_tui.lake.uploading.names import new_run_id",
    "from atlasod_tui.lake.uploading.target import Target",
)


@dataclass(frozen=True)
class Multiply:
    """Files that hold the events of others several times.

    Attributes:
        dids: Of files, datasets and containers.
        source: Name of their lake.
        factor: Copies in each output.
        files: Outputs of each file.
        to: Folder of the outputs, absolute.
        upload: Where they go as well.
    """

    dids: tuple[str, ...]
    source: str
    factor: int
    files: int
    to: str
    upload: Upload | None = None
    verb: str = field(default="multiply", init=False)

    @property
    def words(self) -> tuple[str, ...]:
        """What follows the verb."""
        words = ["--factor", str(self.factor), *option("--files", str(self.files) if self.files > 1 else "")]
        words += option("--to", self.to)
        if self.upload is None:
            words += option("--lake", self.source)
        else:
            words += [*self.upload.words, *option("--lake", self.upload.lake)]
            words += option("--from", self.source if self.source != self.upload.lake else "")
        return (*words, "--", *self.dids)

    @property
    def title(self) -> str:
        """What the job is called."""
        more = f" and {len(self.dids) - 1} more" if len(self.dids) > 1 else ""
        return f"multiply {self.dids[0]}{more} x{self.factor}"

    @property
    def equivalent(self) -> Equivalent:
        """The command and Python that do it."""
        plan = [
            "spec = plan(",
            *_names(self.dids),
            f"    factor={self.factor},",
            f"    files={self.files},",
            f"    to=Path({self.to!r}),",
            f"    lake={self.source or None!r},",
            ")",
        ]
        upload = []
        if self.upload is not None:
            upload = [
                "factor = naming.parse(spec.outputs[0].name).factor",
                *self.upload.target("'multiply'", "{'source': source_of(spec.given), 'factor': factor}"),
                "spec = msgspec.structs.replace(spec, upload=msgspec.to_builtins(target))",
            ]
        imports = ["from atlasod_tui.jobs.tasks.multiply_spec import plan", *(_TARGET if upload else ())]
        if upload:
            imports += [
                "from atlasod_tui.jobs.tasks.write_back import source_of",
                "from atlasod_tui.samples import naming",
            ]
        python = _job(imports, [*plan, *upload], "multiply", self.title)
        return Equivalent("Multiply", detached(self), python)


@dataclass(frozen=True)
class Put:
    """Files into a lake.

    Attributes:
        paths: Files, and result folders, which stand for their bundles.
        upload: Where they go.
    """

    paths: tuple[str, ...]
    upload: Upload
    verb: str = field(default="put", init=False)

    @property
    def words(self) -> tuple[str, ...]:
        """What follows the verb."""
        return (*self.upload.words, *option("--lake", self.upload.lake), "--", *self.paths)

    @property
    def equivalent(self) -> Equivalent:
        """The command and Python that do it."""
        lines = [
            f"given = {list(self.paths)!r}",
            "files = plan(given)",
            *self.upload.target("title(given[0], files)"),
            "spec = PutSpec(files, target, given=given)",
        ]
        imports = ["from atlasod_tui.jobs.tasks.put_spec import PutSpec, plan, title", *_TARGET]
        called = f"put {Path(self.paths[0]).name}"
        return Equivalent("Upload", detached(self), _job(imports, lines, "put", called, queues=False))


@dataclass(frozen=True)
class Get:
    """Files of a lake into a folder.

    Attributes:
        dids: Of files, datasets and containers.
        lake: Name of their lake.
        to: Folder, absolute.
    """

    dids: tuple[str, ...]
    lake: str
    to: str
    verb: str = field(default="get", init=False)

    @property
    def words(self) -> tuple[str, ...]:
        """What follows the verb."""
        return (*option("--to", self.to), *option("--lake", self.lake), "--", *self.dids)

    @property
    def equivalent(self) -> Equivalent:
        """The command and Python that do it."""
        lines = [
            f"lake = open_lake({self.lake or None!r})",
            f"dids = [DID.parse(text) for text in {list(self.dids)!r}]",
            f"spec = plan(lake, dids, Path({self.to!r}))",
        ]
        imports = [
            "from atlasod_tui.jobs.tasks.get_spec import plan",
            "from atlasod_tui.lake.model import DID",
            "from atlasod_tui.lake.profiles import open_lake",
        ]
        called = f"get {self.dids[0].partition(':')[2]}"
        return Equivalent("Fetch", detached(self), _job(imports, lines, "get", called, queues=False))


def _names(names: Sequence[str]) -> list[str]:
    return ["    [", *(f"        {name!r}," for name in names), "    ],"]


def _job(imports: Sequence[str], lines: Sequence[str], task: str, title: str, *, queues: bool = True) -> str:
    """Return Python that makes ``spec`` and a job of it."""
    common = ["from atlasod_tui.jobs import launch", "from atlasod_tui.jobs.folder import Spec"]
    behind = "" if queues else ", queues=False"
    return "\n".join([
        *(["from pathlib import Path", ""] if any("Path(" in line for line in lines) else []),
        "import msgspec",
        "",
        *sorted([*common, *imports]),
        "",
        *lines,
        f"task = 'atlasod_tui.jobs.tasks.{task}:run'",
        "arguments = msgspec.to_builtins(spec)",
        f"job = launch.submit(Spec(task=task, title={title!r}, arguments=arguments{behind}))",
        "print(job.id)",
        "",
    ])  # fmt: skip
