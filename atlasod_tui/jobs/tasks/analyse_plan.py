"""Which files of which samples an analysis job is to read: found and refused before the job is made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from atlasod_tui import config
from atlasod_tui.engine.author import Analysis
from atlasod_tui.engine.registry import BrokenAnalysis, analysis, find_analyses
from atlasod_tui.errors import UsageError
from atlasod_tui.jobs.folder import printable
from atlasod_tui.jobs.here import absolute
from atlasod_tui.jobs.tasks.analyse_spec import ANALYSIS_NAME, AnalyseSpec, AnalysisInput, InputFile
from atlasod_tui.jobs.tasks.given import Given, look
from atlasod_tui.jobs.tasks.output_folder import refuse_unwritable
from atlasod_tui.samples import catalogue, groups, starter
from atlasod_tui.samples.find import CountedTwiceError, Found, SampleFile, find_among, parse_name


def plan(  # noqa: PLR0913 - one for each option of the command
    names: list[str],
    *,
    inputs: Sequence[str] = (),
    only: str | None = None,
    samples: str | None = None,
    variant: str = "framework",
    output: Path | None = None,
    force: bool = False,
    fill_missing: bool = False,
    interpreted: bool = False,
    lake: str | None = None,
    stream: bool = False,
    dry_run: bool = False,
) -> AnalyseSpec:
    """Find analyses and files and say what a job would do.

    Args:
        names: Analyses; ``all`` stands for all there are files for.
        inputs: Folders, files, DIDs and addresses; none for the built-in synthetic sample.
        only: ``data`` or ``mc`` or None for both.
        samples: A glob that chooses samples or files.
        variant: ``framework`` or ``fixed``.
        output: Folder of the results; None for ``atlasod-<names>`` in the current one.
        force: Whether results that exist there may be replaced.
        lake: Name of the lake that DIDs are of; None for the default.
        stream: Whether the files of the lake are to be read where they are, without a copy.
        dry_run: Whether nothing is to be run, so that the output need not be writable.

    Raises:
        UsageError: If an analysis or any file for it is missing, a sample would be counted twice, or results exist or
            cannot be written.
        LakeError: If the lake is away, refuses, or does not know a DID.
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
        output = absolute(f"atlasod-{'all' if everything else '-'.join(item.name for item in found)}")
    given = look(inputs, lake) if inputs else None
    spec = AnalyseSpec(
        analyses=[AnalysisInput(item.name, item.framework_name, str(item.path), {}, []) for item in found],
        variant="fixed" if variant == "fixed" else "framework",
        output=str(output),
        force=force,
        fill_missing=fill_missing,
        interpreted=interpreted,
        inputs=given.names if given else [],
        lake=given.lake if given else "",
        stream=stream,
        starter="" if given else str(starter.folder()),
        only=only or "",
        choose=samples or "",
        everything=everything,
        piece_events=config.load().piece_events,
        notes=notes,
    )
    if given or starter.is_complete(starter.folder(), wanted_of(found, only)):
        spec = msgspec.structs.replace(with_inputs(spec, found, given), starter="")
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


def with_inputs(spec: AnalyseSpec, analyses: list[Analysis], given: Given | None = None) -> AnalyseSpec:
    """Return a spec with the files of its analyses, as they are now: from what was given, or the built-in sample.

    Raises:
        UsageError: If any file for an analysis is missing (of ``all``: for each), or a sample would be counted twice.
    """
    given = given or look([spec.starter or str(starter.folder())])
    notes = list(spec.notes)
    inputs: list[AnalysisInput] = []
    pipes: set[Path] = set()
    for item in analyses:
        try:
            found = find_among(given.listing, given.place, _wanted(item, spec.only or None), spec.choose or None)
        except CountedTwiceError:
            raise
        except UsageError as error:
            if not spec.everything:
                raise
            notes.append(f"{item.name} is left out: {error.message}")
            continue
        inputs.append(_input(item, found, given))
        ignored = list(map(printable, given.texts(found.ignored)))
        pipes |= {path for path in found.ignored if path in given.listing.dead and parse_name(path.name)}
    if not inputs:
        raise UsageError(f"{given.place} has no file for any of the analyses", "See 'atlasod-tui samples list'.")
    notes += [printable(f"{path} is left out: it is no file") for path in sorted(pipes)]
    unreadable = [printable(str(path)) for path in sorted(given.listing.unreadable)]
    return msgspec.structs.replace(spec, analyses=inputs, unreadable=unreadable, ignored=ignored, notes=notes)


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


def _input(item: Analysis, found: Found, given: Given) -> AnalysisInput:
    samples: dict[str, list[InputFile]] = {}
    for files_of, make in ((found.files, _file), (found.dead, _dead)):
        for name, files in files_of.items():
            key = "data" if item.data == "chain" and name in groups.DATA else name
            samples.setdefault(key, []).extend(make(name, file, given) for file in files)
    return AnalysisInput(item.name, item.framework_name, str(item.path), samples, [*found.absent, *found.left_out])


def _file(sample: str, file: SampleFile, given: Given) -> InputFile:
    origin = given.origins.get(file.path)
    if origin is None:
        status = file.path.stat()
        return InputFile(str(file.path), sample, file.skim, file.factor, status.st_size, status.st_mtime_ns)
    return InputFile(
        origin.path, sample, file.skim, file.factor, origin.size, origin.mtime_ns, origin.did, origin.adler32
    )


def _dead(sample: str, link: SampleFile, _: Given) -> InputFile:
    """Return a link to nothing, which the job skips: it cannot open it."""
    return InputFile(str(link.path), sample, link.skim, link.factor, 0, 0)


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
