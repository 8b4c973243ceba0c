"""The render job: plots of a result as files, as many at the same time as the job has workers."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from atlasod_tui.jobs.context import JobContext, Outcome
from atlasod_tui.jobs.tasks.render_files import RenderedFiles
from atlasod_tui.jobs.tasks.render_inputs import refuse_changed
from atlasod_tui.jobs.tasks.render_spec import RenderSpec, file_name
from atlasod_tui.jobs.tasks.render_workers import Workers
from atlasod_tui.jobs.tasks.threads import do_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlasod_tui.plots.model import Plot


def run(arguments: dict[str, Any], context: JobContext) -> Outcome:
    """Do a render job; see `RenderSpec` for its arguments.

    Raises:
        AtlasodError: If the result is gone, damaged or changed since the job began, a file cannot be written or is
            somebody else's, a process that draws was killed, or the job was cancelled.
    """
    spec = msgspec.convert(arguments, RenderSpec)
    files = RenderedFiles(context, Path(spec.to), force=spec.force)
    left: dict[str, list[str]] = {}
    for analysis, names in spec.plots.items():
        for name in names:
            if not all(map(files.has, _files(spec, analysis, name).values())):
                left.setdefault(analysis, []).append(name)
    for name in spec.files:
        files.refuse(name)
    number = sum(map(len, left.values()))
    context.progress(phase="drawing", unit="plots", total=spec.number, done=spec.number - number)
    pictures = [suffix for suffix in spec.formats if suffix != "json"]
    threads = max(1, min(context.workers, number))
    # They import matplotlib while the first histograms are read.
    with Workers(threads if pictures and number else 0, pictures) as workers:
        drawing = _Drawing(spec, context, files, workers, spec.number - number)
        do_all(_plots(spec, left, context.parts), drawing.one, threads, done=lambda: context.progress(current=""))
    context.check()
    return Outcome(result=spec.to)


def _files(spec: RenderSpec, analysis: str, histogram: str) -> dict[str, str]:
    """Return the files of a plot by format."""
    return {suffix: file_name(analysis, histogram, suffix) for suffix in spec.formats}


def _plots(spec: RenderSpec, left: dict[str, list[str]], parts: Path) -> Iterator[Plot]:
    """Build the plots one after the other, from the histograms of one analysis at a time."""
    from atlasod_tui.plots import results  # noqa: PLC0415 - not before the processes are started
    from atlasod_tui.plots.build import build  # noqa: PLC0415

    found = {item.analysis.framework_name: item for item in results.find(Path(spec.result), list(left))}
    for analysis, names in left.items():
        refuse_changed(parts, found[analysis])
        contents = results.contents(found[analysis], names)
        for name in names:
            yield build(found[analysis], name, contents[name], spec.luminosity_pb)


class _Drawing:
    def __init__(
        self, spec: RenderSpec, context: JobContext, files: RenderedFiles, workers: Workers, done: int
    ) -> None:
        self._spec, self._context, self._files, self._workers = spec, context, files, workers
        self._lock, self._done = threading.Lock(), done

    def one(self, plot: Plot) -> None:
        """Draw a plot and write its files."""
        self._context.check()
        self._context.progress(current=f"{plot.analysis}/{plot.histogram}")
        names = _files(self._spec, plot.analysis, plot.histogram)
        wanted = [suffix for suffix, name in names.items() if not self._files.has(name)]
        for suffix, content in self._draw(plot, wanted).items():
            self._files.write(names[suffix], content)
        with self._lock:
            self._done += 1
            self._context.progress(done=self._done)

    def _draw(self, plot: Plot, formats: list[str]) -> dict[str, bytes]:
        made = {}
        if "json" in formats:
            from atlasod_tui.plots import uhi  # noqa: PLC0415 - only if asked for

            made["json"] = json.dumps(uhi.document(plot), allow_nan=False, indent=1).encode()
        if pictures := [name for name in formats if name != "json"]:
            with self._workers.one(self._context.check) as worker:
                made |= worker.draw(plot, pictures, self._spec.palette, self._context.check)
        return made
