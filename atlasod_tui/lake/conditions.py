"""Patterns and conditions on metadata, for the lakes that have no server to answer them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from atlasod_tui.errors import UsageError
from atlasod_tui.samples.find import parse_name

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
}
_OPERATORS = (*_COMPARE, "ne")
_DSID = re.compile(r"mc_([0-9]{6})\.")


def parsed(texts: Iterable[str]) -> dict[str, str]:
    """Return the conditions that are written ``KEY=VALUE``.

    Raises:
        UsageError: If one is not written like that, or is about the name.
    """
    where: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        name, _, operator = key.rpartition(".")
        if not (key and equals) or (name and operator not in _OPERATORS):
            example = "for instance --where source=data_A or --where factor.gte=3"
            raise UsageError(f"{text!r} is no condition", f"It is written KEY=VALUE, {example}.")
        if "name" in {key, name}:
            raise UsageError("a name is no condition", "It is given as SCOPE:PATTERN.")
        if key in where:
            raise UsageError(f"there are two conditions on {key!r}", "All conditions are to be met.")
        where[key] = value
    return where


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return whether a whole text matches a pattern, in which ``*`` and ``?`` stand for others."""
    words = {"*": ".*", "?": "."}
    compiled = re.compile("".join(words.get(c) or re.escape(c) for c in pattern), re.DOTALL)
    return lambda text: compiled.fullmatch(text) is not None


def conditions(where: Mapping[str, str] | None) -> Callable[[Mapping[str, object]], bool]:
    """Return whether metadata meet all conditions.

    Args:
        where: Keys, which may end in ``.gt``, ``.gte``, ``.lt``, ``.lte`` or ``.ne`` as in Rucio, and values, in
            which ``*`` and ``?`` match. A key that is not there meets no condition.

    Raises:
        UsageError: If what is to be compared is not a number.
    """
    tests = [_condition(key, value) for key, value in (where or {}).items()]
    return lambda metadata: all(test(metadata) for test in tests)


def _condition(key: str, value: str) -> Callable[[Mapping[str, object]], bool]:
    name, dot, operator = key.rpartition(".")
    if dot and operator in _COMPARE:
        try:
            bound = float(value)
        except ValueError:
            raise UsageError(f"{value!r} in the condition {key} is not a number") from None
        compare = _COMPARE[operator]
        return lambda metadata: isinstance(found := metadata.get(name), int | float) and compare(found, bound)
    if dot and operator == "ne":
        differs = matcher(value)
        return lambda metadata: name in metadata and not differs(str(metadata[name]))
    matches = matcher(value)
    return lambda metadata: key in metadata and matches(str(metadata[key]))


def metadata_of_name(name: str) -> dict[str, object]:
    """Return what the name of a release's file says of it: ``content`` (``data`` or ``mc``), skim, DSID, period."""
    known: dict[str, object] = {}
    parsed = parse_name(name)
    dsid = _DSID.match(name)
    if parsed is not None:
        known = {"skim": parsed.skim, "factor": parsed.factor, "content": "data" if parsed.period else "mc"}
        if parsed.period:
            known["period"] = parsed.period
    if dsid:
        known |= {"dsid": int(dsid[1]), "content": "mc"}
    return known
