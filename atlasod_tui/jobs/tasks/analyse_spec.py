"""What an analysis job is asked to do: which files of which samples, for which analyses."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import msgspec

from atlasod_tui import config
from atlasod_tui.engine.author import Analysis, Variant
from atlasod_tui.engine.registry import BrokenAnalysis, analysis, find_analyses
from atlasod_tui.errors import UsageError
from atlasod_tui.jobs.tasks.output_folder import refuse_unwritable
from atlasod_tui.samples import catalogue, groups, starter
from atlasod_tui.samples.find import CountedTwiceError, Found, find

Only = Literal["data", "mc"]

ANALYSIS_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+-]*")
"""What an analysis may be called: its name becomes that of a folder."""


class InputFile(msgspec.Struct, frozen=True):
    """A file as it was when the job was made; a job does not resume over inputs that changed."""

    path: str
    sample: str
    """The sample its events are counted for; data files by period (``dataA``)."""
    skim: str
    factor: int
    size: int
    mtime_ns: int


class AnalysisInput(msgspec.Struct, frozen=True):
    """One analysis of a job and its files, in the order in which they are summed."""

    name: str
    framework_name: str
    file: str
    samples: dict[str, list[InputFile]]
    """The framework's sample (one of data: ``data``, or ``dataA`` to ``dataD``) to its files."""
    absent: list[str]


class AnalyseSpec(msgspec.Struct, frozen=True):
    """All that is needed to do an analysis job again; paths are absolute."""

    analyses: list[AnalysisInput]
    variant: Variant
    output: str
    piece_events: int
    """The setting as it was when the job was made: finished pieces are of use only to a run that cuts alike."""
    force: bool = False
    fill_missing: bool = False
    interpreted: bool = False
    input: str = ""
    """The folder as the user named it; empty for the built-in sample."""
    starter: str = ""
    """Where the built-in sample is to be generated before its files can be found; empty where they have been found."""
    only: str = ""
    choose: str = ""
    everything: bool = False
    """Whether the analyses are all there are: those without files are left out."""
    skip: list[str] = []
    """Files to leave out: those on which an earlier run of the job died."""
    unreadable: list[str] = []
    """Folders of the input that could not be listed: files may be missing."""
    notes: list[str] = []
    """Analyses of ``all`` that are left out, and why."""
    ignored: list[str] = []
    """ROOT files of the input whose names are those of no sample."""

    def summary(self) -> list[dict[str, Any]]:
        """Return one row per analysis and sample: analysis, sample, files, bytes."""
        return [
            {
                "analysis": item.framework_name,
                "sample": sample,
                "files": len(files),
                "bytes": sum(file.size for file in files),
            }
            for item in self.analyses
            for sample, files in item.samples.items()
        ]


def plan(  # noqa: PLR0913 - one for each option of the command
    names: list[str],
    *,
    input: Path | None,  # noqa: A002 - the option's name
    only: str | None,
    samples: str | None,
    variant: str,
    output: Path | None,
    force: bool,
    fill_missing: bool,
    interpreted: bool,
    dry_run: bool = False,
) -> AnalyseSpec:
    """Find analyses and files and say what a job would do.

    Args:
        names: Analyses; ``all`` stands for all there are files for.
        input: A folder, or None for the built-in synthetic sample.
        only: ``data`` or ``mc`` or None for both.
        samples: A glob that chooses samples or files.
        variant: ``framework`` or ``fixed``.
        output: Folder of the results; None for ``atlasod-<names>`` in the current one.
        force: Whether results that exist there may be replaced.
        dry_run: Whether nothing is to be run, so that the output need not be writable.

    Raises:
        UsageError: If an analysis or any file for it is missing, a sample would be counted twice, or results exist or
            cannot be written.
    """
    everything = "all" in {name.casefold() for name in names}
    if everything and len(names) > 1:
        raise UsageError(
            "'all' stands for every analysis and takes no name beside it", "Name the analyses, or only all."
        )
    notes: list[str] = []
    found = _all(notes) if everything else list({item.name: item for item in map(analysis, names)}.values())
    for item in found:
        _refuse_wrong(item)
    if output is None:
        output = Path.cwd() / f"atlasod-{'all' if everything else '-'.join(item.name for item in found)}"
    spec = AnalyseSpec(
        analyses=[AnalysisInput(item.name, item.framework_name, str(item.path), {}, []) for item in found],
        variant="fixed" if variant == "fixed" else "framework",
        output=str(output),
        force=force,
        fill_missing=fill_missing,
        interpreted=interpreted,
        input="" if input is None else str(input),
        starter="" if input is not None else str(starter.folder()),
        only=only or "",
        choose=samples or "",
        everything=everything,
        piece_events=config.load().piece_events,
        notes=notes,
    )
    if input is not None or starter.is_complete(starter.folder(), wanted_of(found, only)):
        spec = msgspec.structs.replace(with_inputs(spec, found), starter="")
    elif dry_run:
        notes.append(f"the built-in sample would be generated first, in {spec.starter}: its files are not known yet")
    else:
        refuse_unwritable(Path(spec.starter), "XDG_CACHE_HOME")
    _refuse_existing(output, spec.analyses, force=force)
    if not dry_run:
        refuse_unwritable(output)
    return spec


def wanted_of(analyses: list[Analysis], only: str | None) -> set[tuple[str, str]]:
    """Return option name and skim of every sample that any of some analyses wants."""
    return {pair for item in analyses for pair in _wanted(item, only).items()}


def with_inputs(spec: AnalyseSpec, analyses: list[Analysis]) -> AnalyseSpec:
    """Return a spec with the files of its analyses, as they are now.

    Raises:
        UsageError: If any file for an analysis is missing (of ``all``: for each), or a sample would be counted twice.
    """
    folder = Path(spec.input or spec.starter or starter.folder())
    notes = list(spec.notes)
    inputs: list[AnalysisInput] = []
    unreadable: set[str] = set()
    ignored: set[str] = set()
    for item in analyses:
        try:
            found = find(folder, _wanted(item, spec.only or None), spec.choose or None)
        except CountedTwiceError:
            raise
        except UsageError as error:
            if not spec.everything:
                raise
            notes.append(f"{item.name} is left out: {error.message}")
            continue
        inputs.append(_input(item, found))
        unreadable.update(map(str, found.unreadable))
        ignored.update(map(str, found.ignored))
    if not inputs:
        raise UsageError(f"{str(folder)!r} has no file for any of the analyses", "See 'atlasod-tui samples list'.")
    return msgspec.structs.replace(
        spec, analyses=inputs, unreadable=sorted(unreadable), ignored=sorted(ignored), notes=notes
    )


def _all(notes: list[str]) -> list[Analysis]:
    """Return the analyses that can be run; the others are noted, or the runner would fail on one of them."""
    from atlasod_tui.engine.program import collect  # noqa: PLC0415 - of one analysis the runner finds it at once

    sound: list[Analysis] = []
    for item in find_analyses().values():
        if isinstance(item, BrokenAnalysis):
            notes.append(f"{item.name} is left out, it is broken: {item.error}")
            continue
        try:
            _refuse_wrong(item)
            collect(item)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a user's file, it harms no other
            notes.append(f"{item.name} is left out, it is broken: {error}")
        else:
            sound.append(item)
    return sound


def _refuse_wrong(item: Analysis) -> None:
    if not ANALYSIS_NAME.fullmatch(item.name):
        raise UsageError(f"{item.name!r} cannot be the name of an analysis", f"Look at {item.path}.")
    catalogue.table(item.table)


def _wanted(item: Analysis, only: str | None) -> dict[str, str]:
    data = dict.fromkeys(groups.DATA, item.skim) if only != "mc" else {}
    simulation = {name: item.skim_of(name) for name in item.samples()} if only != "data" else {}
    return data | simulation


def _input(item: Analysis, found: Found) -> AnalysisInput:
    samples: dict[str, list[InputFile]] = {}
    for name, files in found.files.items():
        key = "data" if item.data == "chain" and name in groups.DATA else name
        for file in files:
            status = file.path.stat()
            samples.setdefault(key, []).append(
                InputFile(str(file.path), name, file.skim, file.factor, status.st_size, status.st_mtime_ns)
            )
    for name, links in found.dead.items():  # the job skips what it cannot open
        key = "data" if item.data == "chain" and name in groups.DATA else name
        samples.setdefault(key, []).extend(
            InputFile(str(link.path), name, link.skim, link.factor, 0, 0) for link in links
        )
    return AnalysisInput(item.name, item.framework_name, str(item.path), samples, [*found.absent, *found.left_out])


def _refuse_existing(output: Path, inputs: list[AnalysisInput], *, force: bool) -> None:
    names = [name for item in inputs for name in (f"Output_{item.framework_name}", f"{item.framework_name}.root")]
    try:
        for path in (output / name for name in ("manifest.json", *names)):
            if path.exists() and not force:
                raise UsageError(
                    f"{str(path)!r} exists already", "Choose another --output, or replace it with --force."
                )
        if output.exists() and not output.is_dir():
            raise UsageError(f"{str(output)!r} is not a folder", "Choose another --output.")
    except OSError as error:
        raise UsageError(f"{str(output)!r} cannot be used: {error.strerror}", "Choose another --output.") from error
