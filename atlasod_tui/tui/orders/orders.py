"""What a dialog orders: the command that does it, the same command asked for its plan, and Python that does it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from atlasod_tui import shown
from atlasod_tui.tui.equivalent import Equivalent, option
from atlasod_tui.tui.orders import python
from atlasod_tui.tui.orders.upload import Upload


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
        return f"multiply {shown.some(self.dids, 1)} x{self.factor}"

    @property
    def equivalent(self) -> Equivalent:
        """The command and Python that do it."""
        wishes = {"factor": self.factor, "files": self.files if self.files > 1 else None, "lake": self.source}
        code = python.multiply(self.dids, self.to, self.title, self.upload, wishes)
        return Equivalent("Multiply", detached(self), code)


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
        code = python.put(self.paths, f"put {Path(self.paths[0]).name}", self.upload, {})
        return Equivalent("Upload", detached(self), code)


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
        code = python.get(self.dids, self.to, f"get {self.dids[0].partition(':')[2]}", self.lake, {})
        return Equivalent("Fetch", detached(self), code)
