"""The registry: what each line of it must be, and that the classes do what it says."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

import pytest
from textual.dom import DOMNode

from atlasod_tui import tui
from atlasod_tui.tui import actions
from atlasod_tui.tui.actions import ACTIONS, Action, Place
from atlasod_tui.tui.app import PAGES
from atlasod_tui.tui.keys import keymap
from atlasod_tui.tui.keys import names as key_names
from atlasod_tui.tui.page import Page
from atlasod_tui.tui.screens import lake

ROOM = 80
"""Columns of the key bar at its narrowest."""


@cache
def holders() -> dict[str, list[type[DOMNode]]]:
    """Return the classes that have the key of an action, by its id."""
    found: dict[str, list[type[DOMNode]]] = {}
    for module in pkgutil.walk_packages(tui.__path__, f"{tui.__name__}."):
        for each in vars(importlib.import_module(module.name)).values():
            if isinstance(each, type) and issubclass(each, DOMNode) and each.__module__ == module.name:
                for binding in each.__dict__.get("BINDINGS", ()):
                    found.setdefault(getattr(binding, "id", None) or "", []).append(each)
    return found


def page_of(place: Place) -> type[Page]:
    module, name = {Place.LAKE: (lake.__name__, "LakePage"), **PAGES}[place]
    page: type[Page] = getattr(importlib.import_module(module), name)
    return page


def keys_of(actions_: Iterable[Action]) -> list[str]:
    return [key for action in actions_ for key in key_names.split(action.keys)]


def twice(words: Iterable[str]) -> list[str]:
    return [word for word, times in Counter(words).items() if times > 1]


def test_ids_are_unique_and_name_a_place_and_a_method() -> None:
    assert twice(action.id for action in ACTIONS) == []
    for action in ACTIONS:
        assert re.fullmatch(r"[a-z]+\.[a-z]+(_[a-z]+)*", action.id), action.id
        assert isinstance(action.place, Place)


def test_every_place_has_actions() -> None:
    assert {action.place for action in ACTIONS} == set(Place)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_some_class_has_the_key_and_does_what_it_says(action: Action) -> None:
    classes = holders().get(action.id, [])
    able = [each for each in classes if callable(getattr(each, f"action_{action.method}", None))]
    assert able, f"of {classes} none does it"
    if action.place is not Place.TABLE:  # what is no table has those of its keys that it can use
        assert able == classes


def test_keys_beyond_the_registry_are_few_and_not_for_people() -> None:
    assert not set(holders()) - {""} - {action.id for action in ACTIONS}


@pytest.mark.parametrize("place", list(Place))
def test_no_key_does_two_things_in_a_place(place: Place) -> None:
    assert twice(keys_of(actions.of(place))) == []


@pytest.mark.parametrize("place", keymap.PAGES)
def test_no_key_of_a_page_does_something_else_everywhere(place: Place) -> None:
    assert twice(keys_of([*actions.of(place), *actions.of(Place.EVERYWHERE)])) == []


@pytest.mark.parametrize("place", keymap.PAGES)
def test_no_key_of_a_page_belongs_to_its_lists(place: Place) -> None:
    assert twice(keys_of([*actions.of(place), *actions.of(Place.TABLE)])) == []


def test_no_key_of_lists_does_something_else_everywhere() -> None:
    assert twice(keys_of([*actions.of(Place.TABLE), *actions.of(Place.EVERYWHERE)])) == []


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_a_line_of_the_registry(action: Action) -> None:
    for key in key_names.split(action.keys):
        assert key_names.understood(key) == key, "a key of Textual's"
        assert keymap.why_odd(key) == ""
    assert re.fullmatch(r"[A-Za-z][a-z ]{0,15}", action.name), "a word or two"
    assert re.match(r"[A-Z]", action.description), "a sentence"
    assert action.description[-1] not in ".!;:", "without its full stop"
    assert len(action.description) <= 75
    assert all(re.fullmatch(r"[a-z][a-z-]*", alias) for alias in action.aliases)


@pytest.mark.parametrize("place", keymap.PAGES)
def test_names_of_commands_are_unique(place: Place) -> None:
    there = [*actions.of(place), *actions.of(Place.EVERYWHERE)]
    assert twice(alias for action in there for alias in action.aliases) == []


@pytest.mark.parametrize("place", keymap.PAGES)
def test_the_most_important_keys_fit_into_the_bar(place: Place) -> None:
    bar = actions.in_bar(place, page_of(place).list_keys)
    everywhere = [action for action in bar if action.id in {"app.help", "app.commands"}]
    shown = [*[action for action in bar if action not in everywhere][: 6 - len(everywhere)], *everywhere]
    assert len(shown) <= 6
    assert sum(len(key_names.key_of(action, {})) + len(action.name) + 3 for action in shown) <= ROOM


def test_the_keys_of_lists_are_first_in_the_bar_of_the_lake() -> None:
    bar = actions.in_bar(Place.LAKE, page_of(Place.LAKE).list_keys)
    possible = [action.id for action in bar if action.id not in {"lake.extend", "lake.remove"}]  # those need a rule
    assert possible[:4] == ["table.pick", "table.open", "lake.filter", "lake.details"]
    assert "table.pick" not in {action.id for action in actions.in_bar(Place.JOBS, {})}


def test_what_the_spec_wants_to_be_everywhere_is() -> None:
    keys = {key: action.method for action in actions.of(Place.EVERYWHERE) for key in key_names.split(action.keys)}
    assert {keys[key] for key in "1234"} == {"lake", "analyses", "jobs", "plots"}
    assert keys["question_mark"] == keys["f1"] == "help"
    assert keys["colon"] == keys["f2"] == keys["ctrl+p"] == "commands"
    assert keys["escape"] == "back"
    assert {keys["ctrl+z"], keys["tab"]} == {"suspend", "panel"}
    assert "rse" in actions.find("app.elements").aliases
    assert {keys["d"], keys["y"], keys["e"], keys["f3"]} == {"equivalent", "copy", "error", "glossary"}
