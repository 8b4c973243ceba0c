"""What trees must have in common to be merged, and the sentences that say where they differ.

`hadd` drops branches and mixes up types with exit code 0; here every difference that the bytes of baskets depend on
is refused. The order of branches and how they are split do not matter for one that is not split itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.merge.nodes import Block, Pointed

_NUMBERS = {
    "TLeafF": "float", "TLeafD": "double", "TLeafI": "int", "TLeafL": "long", "TLeafG": "long", "TLeafS": "short",
    "TLeafB": "char", "TLeafO": "bool", "TLeafC": "text", "TLeafF16": "Float16_t", "TLeafD32": "Double32_t",
}  # fmt: skip
_LEAF_MEMBERS = ("fLen", "fLenType", "fOffset", "fIsUnsigned", "fID", "fType")
_ELEMENT_MEMBERS = ("fClassName", "fParentName", "fClonesName", "fCheckSum", "fID", "fType", "fStreamerType")
Same = TypeVar("Same")
_HAS_SAME_BRANCHES = "Only trees with the same branches can be merged."


@dataclass(frozen=True, slots=True)
class Form:
    """How the values of a branch are stored.

    Attributes:
        type_name: For people.
        details: Name and value of everything that must be the same.
    """

    type_name: str
    details: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Address:
    """Which branch of a tree: the names from the top, and which of those with the same names."""

    names: tuple[str, ...]
    occurrence: int

    def __str__(self) -> str:
        return "/".join(self.names)


def branches(tree: Block) -> Iterator[tuple[Address, Pointed]]:
    """Yield all branches of a tree, those of a branch right behind it."""
    yield from _branches(tree, ())


def _branches(parent: Block, above: tuple[str, ...]) -> Iterator[tuple[Address, Pointed]]:
    seen: dict[str, int] = {}
    for item in parent["fBranches"].items:
        if item is None:
            continue
        name = item.block().text("fName")
        occurrence = seen[name] = seen.get(name, -1) + 1
        yield _shared(Address((*above, name), occurrence)), item
        yield from _branches(item.block(), (*above, name))


def leaves(branch: Block) -> list[Pointed]:
    """Return the leaves of a branch."""
    return [item for item in branch["fLeaves"].items if item is not None]


def form(branch: Pointed) -> Form:
    """Return how a branch stores its values."""
    block = branch.block()
    details: list[tuple[str, Any]] = [("class", branch.class_name)]
    details += [(member, block[member]) for member in _ELEMENT_MEMBERS if block.has(member)]
    found = leaves(block)
    for leaf in found:
        details += _leaf(leaf)
    made: Form = _shared(Form(_type_name(block, found), tuple(details)))
    return made


@lru_cache(maxsize=1 << 12)
def _shared(value: Same) -> Same:
    """Return the first one that was equal: of a hundred files of one structure it is in memory once."""
    return value


def _leaf(leaf: Pointed) -> Iterator[tuple[str, Any]]:
    block = leaf.block()
    yield "leaf", leaf.class_name
    yield "leaf's name", block["fName"]
    yield "leaf's title", block["fTitle"]
    for member in _LEAF_MEMBERS:
        # The length of a text is that of the longest one.
        if block.has(member) and not (member == "fLen" and leaf.class_name == "TLeafC"):
            yield member, block[member]
    counter = block["fLeafCount"]
    yield "counter", counter.block()["fName"] if counter is not None else None


def _type_name(branch: Block, found: list[Pointed]) -> str:
    if branch.has("fClassName") and branch["fClassName"]:
        return branch.text("fClassName")
    return ", ".join(_leaf_type(leaf) for leaf in found) or "nothing"


def _leaf_type(leaf: Pointed) -> str:
    block = leaf.block()
    name = _NUMBERS.get(leaf.class_name, leaf.class_name)
    title = block.text("fTitle")
    sizes = title[title.index("[") :] if "[" in title else ""
    return ("unsigned " if block["fIsUnsigned"] else "") + name + sizes


Forms = dict[Address, Form]


def check_same(tree: str, first: tuple[str, Forms], other: tuple[str, Forms]) -> None:
    """Compare a tree's structure in two files, given by their names.

    Raises:
        BadFileError: They differ; the sentence names branch, files and types.
    """
    if first[1] == other[1]:
        return
    for (here, forms), (there, others) in ((first, other), (other, first)):
        for address in others:
            if address not in forms:
                raise BadFileError(
                    f"branch {str(address)!r} of the tree {tree!r} is in {there} but not in {here}.",
                    _HAS_SAME_BRANCHES,
                )
    for address, one in first[1].items():
        _check_form(f"branch {str(address)!r} of the tree {tree!r}", (first[0], one), (other[0], other[1][address]))


def _check_form(branch: str, first: tuple[str, Form], other: tuple[str, Form]) -> None:
    (here, one), (there, another) = first, other
    if one == another:
        return
    if one.type_name != another.type_name:
        what = f"is {one.type_name!r} in {here} but {another.type_name!r} in {there}."
    else:
        theirs = dict(another.details)
        member = next((name for name, value in one.details if theirs.get(name, ...) != value), "leaf")
        what = f"is stored differently in {here} and {there} (its {member})."
    raise BadFileError(f"{branch} {what}", _HAS_SAME_BRANCHES)
