"""The analyses there are: found as plug-in files, each loaded on its own, a broken one harms no other."""

from __future__ import annotations

import dataclasses
import difflib
import typing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FunctionType

import msgspec

from atlasod_tui import paths, plugins
from atlasod_tui.engine.author import Analysis
from atlasod_tui.errors import AnalysisError, UsageError

OWN, OWN_INSTEAD = "own", "own, in place of the program's"
"""What an analysis of the user's is marked with."""
_BY_REGISTRY = ("description", "path", "select")


@dataclass(frozen=True, slots=True)
class BrokenAnalysis:
    """An analysis file that cannot be loaded, and why."""

    name: str
    path: Path
    error: str


def find_analyses() -> dict[str, Analysis | BrokenAnalysis]:
    """Return all analyses by name: of two with one name, in any case of letters, that of the first folder counts.

    The user's folder is the first. Of two in one folder the first by file name counts; the other is listed as broken.
    """
    return {item.name: item for item in _by_name(plugins.files("analyses", ".py")).values()}


def analysis(name: str) -> Analysis:
    """Return one analysis by its name or the framework's (``HZZ`` or ``HZZAnalysis``), in any case of letters.

    Raises:
        UsageError: If there is none of this name (the nearest are given), or its file is broken.
    """
    wanted = name.casefold().removesuffix("analysis")
    files = plugins.files("analyses", ".py")
    # A shipped file is named after its analysis, so that the other shipped ones need not be read; a file of the user's
    # may have an analysis of any name.
    mine = paths.config_dir() / "analyses"
    found = _by_name({stem: path for stem, path in files.items() if stem == wanted or path.parent == mine})
    if wanted not in found:
        found = _by_name(files)
    if wanted in found:
        item = found[wanted]
        if isinstance(item, BrokenAnalysis):
            raise UsageError(f"the analysis {item.name} is broken: {item.error}", f"Look at {item.path}.")
        return item
    near = difflib.get_close_matches(wanted, found, 1, 0.5)
    names = [found[known].name for known in near] or sorted(item.name for item in found.values())
    raise UsageError(f"there is no analysis {name!r}", f"Try {', '.join(names)}; 'atlasod-tui analyses' lists them.")


def own(item: Analysis | BrokenAnalysis) -> str:
    """Return ``own`` for an analysis of the user's folder, with the program's that it hides; else nothing."""
    if item.path.parent != paths.config_dir() / "analyses":
        return ""
    # A file hides another by its own name, or by that of its analysis.
    shipped = {path.stem for folder in plugins.folders("analyses")[1:] for path in folder.glob("*.py")}
    return OWN if shipped.isdisjoint({item.path.stem, item.name.casefold()}) else OWN_INSTEAD


def load(path: Path) -> Analysis:
    """Return the analysis in a file.

    Raises:
        AnalysisError: If it cannot be loaded.
    """
    item = _load(path.stem, path)
    if isinstance(item, BrokenAnalysis):
        raise AnalysisError(f"the analysis {item.name} is broken: {item.error}", f"Look at {path}.")
    return item


def _by_name(files: dict[str, Path]) -> dict[str, Analysis | BrokenAnalysis]:
    found: dict[str, Analysis | BrokenAnalysis] = {}
    for stem, path in files.items():
        item = _load(stem, path)
        first = found.setdefault(item.name.casefold(), item)
        if first is not item and first.path.parent == path.parent:
            error = (
                item.error if isinstance(item, BrokenAnalysis) else f"name {item.name} is taken by {first.path.name}"
            )
            found[path.name.casefold()] = BrokenAnalysis(path.name, path, error)
    return found


def _load(stem: str, path: Path) -> Analysis | BrokenAnalysis:
    try:
        module = plugins.load(path)
        declared = module.ANALYSIS
        if not isinstance(declared, Analysis):
            return BrokenAnalysis(stem, path, "ANALYSIS is not an Analysis(...)")
        msgspec.convert(declared, _declaration(), from_attributes=True)
        select = getattr(module, "select", None)
        if not isinstance(select, FunctionType | None):
            return BrokenAnalysis(stem, path, "select is not a function")
        return dataclasses.replace(declared, description=(module.__doc__ or "").strip(), path=path, select=select)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a user's file does, it harms nothing else
        return BrokenAnalysis(stem, path, f"{type(error).__name__}: {error}")


@cache
def _declaration() -> type[msgspec.Struct]:
    """Return a type with the fields of `Analysis` that a file declares, which msgspec can check them against."""
    types = typing.get_type_hints(Analysis)
    names = (field.name for field in dataclasses.fields(Analysis) if field.name not in _BY_REGISTRY)
    return msgspec.defstruct("Declaration", [(name, types[name]) for name in names])
