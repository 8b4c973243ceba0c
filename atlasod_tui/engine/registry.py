"""The analyses there are: found as plug-in files, each loaded on its own, a broken one harms no other."""

from __future__ import annotations

import dataclasses
import difflib
from dataclasses import dataclass
from pathlib import Path

from atlasod_tui import plugins
from atlasod_tui.engine.author import Analysis
from atlasod_tui.errors import AnalysisError, UsageError


@dataclass(frozen=True, slots=True)
class BrokenAnalysis:
    """An analysis file that cannot be loaded, and why."""

    name: str
    path: Path
    error: str


def find_analyses() -> dict[str, Analysis | BrokenAnalysis]:
    """Return all analyses by name, the user's first."""
    found: dict[str, Analysis | BrokenAnalysis] = {}
    for stem, path in plugins.files("analyses", ".py").items():
        loaded = _load(stem, path)
        found.setdefault(loaded.name, loaded)
    return found


def analysis(name: str) -> Analysis:
    """Return one analysis by its name or the framework's (``HZZ`` or ``HZZAnalysis``), in any case of letters.

    Raises:
        UsageError: If there is none of this name (the nearest are given), or its file is broken.
    """
    wanted = name.casefold().removesuffix("analysis")
    files = plugins.files("analyses", ".py")
    # The usual case: the file is named after the analysis, and the others need not be read.
    found = {item.name: item for item in [_load(wanted, files[wanted])]} if wanted in files else find_analyses()
    for known, item in found.items():
        if known.casefold() == wanted:
            if isinstance(item, BrokenAnalysis):
                raise UsageError(f"the analysis {known} is broken: {item.error}", f"Look at {item.path}.")
            return item
    near = difflib.get_close_matches(wanted, [known.casefold() for known in found], 1, 0.5)
    names = [known for known in found if known.casefold() in near] or sorted(found)
    raise UsageError(f"there is no analysis {name!r}", f"Try {', '.join(names)}; 'atlasod-tui analyses' lists them.")


def load(path: Path) -> Analysis:
    """Return the analysis in a file.

    Raises:
        AnalysisError: If it cannot be loaded.
    """
    item = _load(path.stem, path)
    if isinstance(item, BrokenAnalysis):
        raise AnalysisError(f"the analysis {item.name} is broken: {item.error}", f"Look at {path}.")
    return item


def _load(stem: str, path: Path) -> Analysis | BrokenAnalysis:
    try:
        module = plugins.load(path)
        declared = module.ANALYSIS
        if not isinstance(declared, Analysis):
            return BrokenAnalysis(stem, path, "ANALYSIS is not an Analysis(...)")
        return dataclasses.replace(
            declared, description=(module.__doc__ or "").strip(), path=path, select=getattr(module, "select", None)
        )
    except Exception as error:  # noqa: BLE001 - whatever a user's file does, it harms nothing else
        return BrokenAnalysis(stem, path, f"{type(error).__name__}: {error}")
