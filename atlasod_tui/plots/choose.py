"""Which plots of a result a person means, by names and globs."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, NoReturn

from atlasod_tui.errors import UsageError
from atlasod_tui.plots.results import histogram_names, plotted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlasod_tui.plots.results import AnalysisResult

_MANY = 12


def choose(
    results: Sequence[AnalysisResult], globs: Sequence[str] = (), *, main: bool = False
) -> dict[str, tuple[AnalysisResult, list[str]]]:
    """Return analyses and the names of their histograms, the main one first, by framework name of the analysis.

    Args:
        results: What was found.
        globs: Of histograms; an analysis that has none of them is left out. Without any, those that an analysis plots.
        main: Without globs, only the main histogram of each analysis.

    Raises:
        UsageError: If a glob matches no histogram.
    """
    for glob in globs:
        if not any(plotted(item.analysis, glob) for item in results):
            _refuse(glob, results)
    found = {}
    for item in results:
        matches = {name for glob in globs or (None,) for name in plotted(item.analysis, glob)}
        names = [name for name in plotted(item.analysis, "*") if name in matches]
        if names:
            found[item.analysis.framework_name] = (item, names[:1] if main and not globs else names)
    return found


def _refuse(glob: str, chosen: Sequence[AnalysisResult]) -> NoReturn:
    known = list(dict.fromkeys(name for item in chosen for name in histogram_names(item.analysis)))
    near = difflib.get_close_matches(glob, known, 3, 0.5)
    names = "analysis " + chosen[0].analysis.name if len(chosen) == 1 else f"{len(chosen)} analyses"
    if near:
        hint = f"Did you mean {' or '.join(near)}?"
    elif len(known) <= _MANY:
        hint = f"There are {', '.join(known)}."
    else:
        hint = f"'atlasod-tui analyses show {chosen[0].analysis.name}' lists them; quote a glob, as in '*_pt'."
    raise UsageError(f"no histogram of the {names} matches {glob!r}", hint)
