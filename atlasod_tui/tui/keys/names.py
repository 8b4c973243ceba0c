"""Keys as people call them, and as Textual does."""

from __future__ import annotations

from collections.abc import Mapping

from textual.keys import REPLACED_KEYS, Keys, _character_to_key, key_to_character

from atlasod_tui.tui.actions import Action

_PRINTED = {"escape": "esc", "pageup": "pgup", "pagedown": "pgdn", "delete": "del", "insert": "ins"}
_TYPED = {
    **{printed: name for name, printed in _PRINTED.items()},
    "return": "enter",
    "page_up": "pageup",
    "page_down": "pagedown",
}
_MODIFIERS = ("ctrl", "alt", "shift", "super", "hyper", "meta")
_KNOWN = {str(key.value) for key in Keys}


def printed(key: str) -> str:
    """Return one of Textual's names of keys as it is printed: ``?`` for ``question_mark``, ``esc``."""
    if key in _PRINTED:
        return _PRINTED[key]
    character = None if key in _KNOWN or len(key) == 1 else _character(key)
    return character if character is not None and character.isprintable() else key


def _character(name: str) -> str | None:
    return key_to_character(REPLACED_KEYS.get(name, name))


def split(keys: str) -> list[str]:
    """Return the keys of a list with commas."""
    return [key.strip() for key in keys.split(",") if key.strip()]


def key_of(action: Action, own: Mapping[str, str], *, every: bool = False) -> str:
    """Return the key of an action as it is printed; the first one unless ``every`` is wanted."""
    keys = split(own.get(action.id, action.keys))
    return " ".join(printed(key) for key in (keys if every else keys[:1]))


def understood(text: str) -> str | None:
    """Return Textual's name of what someone calls a key (``?``, ``Esc``, ``shift+r``); None if there is no such key."""
    before, plus, base = text[:-1].rpartition("+")
    modifiers = sorted(name.lower() for name in before.split("+") if plus)
    base += text[-1:]  # which may be a plus itself
    if not all(name in _MODIFIERS for name in modifiers):
        return None
    name = _of_character(base, modifiers) if len(base) == 1 else _of_name(base.lower())
    if name is None:
        return None
    if name.isupper() and modifiers == ["shift"]:
        return name
    return "+".join([*modifiers, name])


def _of_character(base: str, modifiers: list[str]) -> str | None:
    """Return the name of a character; terminals send ``R``, not ``shift+r``, and ``ctrl+r`` for ``ctrl+R``."""
    if not base.isprintable() or base == " ":
        return None
    if modifiers and base.isalpha():
        return base.upper() if modifiers == ["shift"] else base.lower()
    return _character_to_key(base)  # as Textual itself calls what a terminal sends


def _of_name(base: str) -> str | None:
    name = _TYPED.get(base, base)
    if "+" in name or not name.isascii() or (name not in _KNOWN and _character(name) is None):
        return None
    return name
