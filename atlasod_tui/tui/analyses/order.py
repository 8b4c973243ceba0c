"""What the dialog that starts analyses comes to: the command, and Python that does the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from atlasod_tui.tui.analyses.inputs import Input
from atlasod_tui.tui.equivalent import Equivalent, option
from atlasod_tui.tui.orders.orders import Upload, detached

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
        lines = [
            "spec = plan(",
            f"    {list(self.names)!r},",
            *_listed("inputs", self.source.given),
            f"    lake={own or None!r},",
            f"    only={self.only or None!r},",
            f"    samples={self.samples or None!r},",
            f"    variant={self.variant!r},",
            f"    output=Path({self.output!r}),",
            "    force=False,",
            "    fill_missing=False,",
            "    interpreted=False,",
            ")",
        ]
        imports = [
            "from atlasod_tui.jobs import launch",
            "from atlasod_tui.jobs.folder import Spec",
            "from atlasod_tui.jobs.tasks.analyse_plan import plan",
        ]
        if self.upload is not None:
            imports += [
                "from atlasod_tui.jobs.tasks.write_back import source_of",
                "from atlasod_tui.lake.uploading.names import new_run_id",
                "from atlasod_tui.lake.uploading.target import Target",
                "from atlasod_tui.samples import starter",
            ]
            lines += self.upload.target(repr(self.title), "{'source': source_of(spec.inputs) or starter.LABEL}")
            lines.append("spec = msgspec.structs.replace(spec, upload=msgspec.to_builtins(target))")
        workers = f", workers={self.workers}" if self.workers else ""
        python = [
            *("from pathlib import Path", "", "import msgspec", "", *imports, "", *lines),
            "task = 'atlasod_tui.jobs.tasks.analyse:run'",
            "arguments = msgspec.to_builtins(spec)",
            f"job = launch.submit(Spec(task=task, title={self.title!r}, arguments=arguments{workers}))",
            "print(job.id)",
            "",
        ]
        return Equivalent("Analyse", detached(self), "\n".join(python))


def showing(name: str) -> Equivalent:
    """Return what shows an analysis."""
    python = [
        "from atlasod_tui.engine import registry, words",
        "",
        f"analysis = registry.analysis({name!r})",
        "print(words.words(analysis))",
        "for histogram in analysis.histograms:",
        "    print(histogram.name, histogram.nbins, histogram.lo, histogram.hi, histogram.xtitle)",
        "",
    ]
    return Equivalent(f"Show {name}", ("analyses", "show", name), "\n".join(python))


def default_output(names: Sequence[str], folder: Path) -> str:
    """Return the folder of the results in a folder: the verb's own default, with a number where that is taken."""
    stem = f"atlasod-{'-'.join(names)}"
    path, number = folder / stem, 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}"
    return str(path)


def _listed(name: str, texts: Sequence[str]) -> list[str]:
    if not texts:
        return [f"    {name}=[],"]
    return [f"    {name}=[", *(f"        {text!r}," for text in texts), "    ],"]
