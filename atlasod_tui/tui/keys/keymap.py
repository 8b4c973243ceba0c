"""The user's own keys: section ``[keys]`` of the settings, checked, so that one wrong line spoils no other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from atlasod_tui import shown
from atlasod_tui.tui import actions
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.keys import names as key_names

PAGES = (Place.LAKE, Place.ANALYSES, Place.JOBS, Place.PLOTS)
"""Places whose keys hold together with those of lists and those that are everywhere."""

_ODD = {
    "ctrl+h": "is Backspace on many terminals",
    "ctrl+j": "is a new line on many terminals",
    "ctrl+m": "is Enter on many terminals",
    "ctrl+i": "is Tab on many terminals",
    "ctrl+b": "belongs to tmux",
    "ctrl+a": "belongs to screen",
    "ctrl+s": "stops the output of many terminals",
    "ctrl+q": "resumes the output of many terminals",
    "ctrl+w": "closes the page in a browser",
    "ctrl+t": "opens a page in a browser",
    "ctrl+n": "opens a window in a browser",
    "f10": "opens the menu of many terminals",
    "f11": "is full screen on many terminals",
}


def why_odd(key: str) -> str:
    """Return why a key is a bad choice, as the end of a sentence; empty if it is not."""
    if "alt" in key.split("+"):
        return "begins with esc on many terminals, which wait for what follows"
    return _ODD.get(key, "")


class Keymap(NamedTuple):
    """What became of the section.

    Attributes:
        keys: Keys by id of the action, for ``App.set_keymap``.
        problems: A sentence for each line that is not as it should be.
    """

    keys: dict[str, str]
    problems: tuple[str, ...]

    @property
    def notice(self) -> str:
        """All problems in one notice; empty without any."""
        return "\n".join(["Section [keys] of the settings:", *self.problems]) if self.problems else ""


def made(section: Mapping[str, object]) -> Keymap:
    """Return the keymap of a section: id of an action, and one key or several, with commas or as a list."""
    problems: list[str] = []
    own: dict[str, str] = {}
    for id_, value in section.items():
        if (keys := _read(id_, value, problems)) is not None:
            own[id_] = keys
    while (clash := next(_clashes(own), None)) is not None:
        id_, key, other = clash
        del own[id_]
        problems.append(f"{id_}: {key_names.printed(key)} is the key of {other} already; the action keeps its own.")
    problems += [
        f"{id_}: {key} {why}." for id_, keys in own.items() for key in key_names.split(keys) if (why := why_odd(key))
    ]
    return Keymap(own, tuple(problems))


def _read(id_: str, value: object, problems: list[str]) -> str | None:
    """Return the keys of one line as Textual names them; None, and a problem, if they are not all keys."""
    name = shown.escape(id_)
    if id_ not in {action.id for action in actions.ACTIONS}:
        problems.append(f"{name}: there is no such action; the README lists their names.")
        return None
    texts = value.split(",") if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        problems.append(f"{name}: keys are written as text.")
        return None
    keys = [(text, key_names.understood(text.strip())) for text in texts]
    wrong = [shown.escape(text.strip()) or "nothing" for text, key in keys if key is None]
    if wrong or not keys:
        problems.append(f"{name}: {', '.join(wrong) or 'nothing'} is no key.")
        return None
    return ",".join(dict.fromkeys(key for _, key in keys if key is not None))


def _clashes(own: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield the user's lines whose key does something else where both hold: id, key, the other's id.

    The later line loses to the earlier one, and any line to a key that the program came with.
    """
    order = {id_: place for place, id_ in enumerate(own)}
    for together in holding_together():
        holders: defaultdict[str, list[str]] = defaultdict(list)
        for action in together:
            for key in key_names.split(own.get(action.id, action.keys)):
                holders[key].append(action.id)
        for key, ids in holders.items():
            users = sorted((id_ for id_ in ids if id_ in own), key=order.__getitem__)
            if users and len(ids) > 1:
                loser = users[-1]
                yield loser, key, next(id_ for id_ in ids if id_ != loser)


def holding_together() -> list[list[actions.Action]]:
    """Return the groups of actions whose keys have to differ: those of a page or dialog with what all of them share."""
    shared = (Place.EVERYWHERE, Place.TABLE)
    dialogs = [place for place in Place if place not in {*PAGES, *shared, Place.DIALOG}]
    groups = [(place, *shared) for place in PAGES] + [(place, Place.DIALOG) for place in dialogs]
    return [[action for place in group for action in actions.of(place)] for group in groups]
