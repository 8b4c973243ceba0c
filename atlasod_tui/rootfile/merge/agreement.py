"""Whether files can be merged: the same trees of the same structure, and no name that means different things."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.merge.infos import Shape
from atlasod_tui.rootfile.merge.source import Place, Source
from atlasod_tui.rootfile.merge.structure import check_same

_ONE_STRUCTURE = "Only files of one structure can be merged."


def check(sources: Sequence[Source]) -> None:
    """Compare the structure of files.

    Raises:
        BadFileError: They differ; the sentence says where.
    """
    first = sources[0]
    found: dict[Place, tuple[str, Source]] = {}
    for source in sources:
        for place, kind in _kinds(source).items():
            known, where = found.setdefault(place, (kind, source))
            if known != kind:
                raise BadFileError(
                    f"{path(place)!r} is a {known} in {where.name} but a {kind} in {source.name}.", _ONE_STRUCTURE
                )
        _check_trees(first, source)
    _check_classes(sources)


def kinds(sources: Sequence[Source]) -> dict[Place, str]:
    """Return the class of everything that is in the files."""
    return {place: kind for source in sources for place, kind in _kinds(source).items()}


def _kinds(source: Source) -> dict[Place, str]:
    objects = {place: tree.kept.object for place, tree in source.trees.items()}
    objects |= {place: kept.object for place, kept in source.histograms.items()}
    objects |= source.others | source.folders
    return {place: item.key.class_name for place, item in objects.items()}


def path(place: Place) -> str:
    """Return names of directories and object as ROOT writes them."""
    return "/".join(place)


def _check_trees(first: Source, other: Source) -> None:
    for one, another in ((first, other), (other, first)):
        for place in one.trees:
            if place not in another.trees:
                raise BadFileError(
                    f"The tree {path(place)!r} is in {one.name} but not in {another.name}.", _ONE_STRUCTURE
                )
    for place, tree in first.trees.items():
        check_same(path(place), (first.name, tree.tables.forms), (other.name, other.trees[place].tables.forms))


def _check_classes(sources: Sequence[Source]) -> None:
    """Refuse classes that changed but for their version: by it ROOT knows what the bytes of an object mean."""
    found: dict[tuple[str, int], tuple[Shape, Source]] = {}
    for source in sources:
        for (name, version), shape in source.infos.shapes.items():
            known, where = found.setdefault((name, version), (shape, source))
            if known != shape:
                raise BadFileError(
                    f"version {version} of the class {name!r} has other members in {source.name} than in {where.name}.",
                    _ONE_STRUCTURE,
                )


def notes(sources: Sequence[Source], copies: int, replaced: Iterable[Place]) -> list[str]:
    """Return what will not be as in the sources, as sentences.

    Args:
        sources: The different ones.
        copies: How many there are of them in all.
        replaced: Objects that are not taken from them.
    """
    found = []
    for place in sources[0].trees:
        if any(source.trees[place].tables.indexed for source in sources):
            found.append(f"The index of the tree {path(place)!r} was dropped.")
        if len({source.trees[place].tables.keepsakes for source in sources}) > 1:
            found.append(
                f"Aliases, user information and weight of the tree {path(place)!r} are those of {sources[0].name}."
            )
    others = {place: None for source in sources for place in source.others if place not in set(replaced)}
    if others and copies > 1:
        names = ", ".join(repr(path(place)) for place in others)
        found.append(f"Kept once, of the first file that has it: {names}.")
    return found
