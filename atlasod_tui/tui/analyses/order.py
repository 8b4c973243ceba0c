"""What the dialog that starts analyses comes to: the command, and Python that does the same."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from atlasod_tui.tui.analyses.inputs import Input
from atlasod_tui.tui.equivalent import Equivalent, option
from atlasod_tui.tui.orders import python
from atlasod_tui.tui.orders.orders import detached
from atlasod_tui.tui.orders.upload import Upload

ALL = "all"
"""The name that stands for every analysis there are files for."""


@dataclass(frozen=True)
class Analyse:
    """Analyses, what they read, and where their results go.

    Attributes:
        names: Of the analyses, or only ``all``.
        source: What they read.
        output: Folder of the results, absolute.
        only: ``data``, ``mc``, or nothing for both.
        samples: A glob that chooses samples or files, or nothing.
        variant: ``framework`` or ``fixed``.
        workers: Threads; 0: one for each core.
        upload: Where the results go as well.
    """

    names: tuple[str, ...]
    source: Input
    output: str
    only: str = ""
    samples: str = ""
    variant: str = "framework"
    workers: int = 0
    upload: Upload | None = None
    verb: str = field(default="analyse", init=False)

    @property
    def words(self) -> tuple[str, ...]:
        """What follows the verb."""
        words = [*self.names, *(word for text in self.source.given for word in option("--input", text))]
        words += [*option("--only", self.only), *option("--samples", self.samples)]
        words += option("--variant", self.variant if self.variant != "framework" else "")
        words += [*option("--output", self.output), *option("--workers", str(self.workers or ""))]
        own = self.source.lake if self.source.given else ""
        if self.upload is None:
            return (*words, *option("--lake", own))
        words += [*self.upload.words, *option("--lake", self.upload.lake)]
        return (*words, *option("--from", own if own != self.upload.lake else ""))

    @property
    def title(self) -> str:
        """What the job is called."""
        return f"analyse {' '.join(self.names)}"

    @property
    def equivalent(self) -> Equivalent:
        """The command and Python that do it."""
        own = self.source.lake if self.source.given else ""
        wishes = {
            "inputs": list(self.source.given),
            "lake": own,
            "only": self.only,
            "samples": self.samples,
            "variant": self.variant if self.variant != "framework" else "",
        }
        everything = self.names == (ALL,)
        code = python.analyse(
            self.names, self.output, self.title, self.upload, wishes, self.workers, everything=everything
        )
        return Equivalent("Analyse", detached(self), code)


def showing(name: str) -> Equivalent:
    """Return what shows an analysis."""
    code = [
        "from atlasod_tui.engine import registry, words",
        "",
        f"analysis = registry.analysis({name!r})",
        "print(words.words(analysis))",
        "for histogram in analysis.histograms:",
        "    print(histogram.name, histogram.nbins, histogram.lo, histogram.hi, histogram.xtitle)",
        "",
    ]
    return Equivalent(f"Show {name}", ("analyses", "show", name), "\n".join(code))


def asked_for(chosen: Sequence[str], there: Collection[str]) -> tuple[str, ...]:
    """Return what the verb is given for some analyses, of all there are: ``all`` stands for every one of them."""
    return (ALL,) if len(chosen) > 1 and len(chosen) == len(there) else tuple(chosen)


def default_output(names: Sequence[str], folder: Path) -> str:
    """Return the folder of the results in a folder: the verb's own default, with a number where that is taken."""
    stem = f"atlasod-{'-'.join(names)}"
    path, number = folder / stem, 1
    while os.path.lexists(path):
        number += 1
        path = folder / f"{stem}-{number}"
    return str(path)
