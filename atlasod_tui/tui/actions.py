"""The one registry of what keys do: bindings, key bar, help, commands, keymap and the README's table are made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from textual.binding import Binding


class Place(StrEnum):
    """Where an action can be had; the words are those of headings."""

    EVERYWHERE = "Everywhere"
    TABLE = "In every list"
    LAKE = "Lake"
    ANALYSES = "Analyses"
    JOBS = "Jobs"
    PLOTS = "Plots"
    DIALOG = "In dialogs"
    FORM = "In forms"
    TYPING = "Where a command or a word is typed"
    TEXT = "Where a text is read"
    SAME = "Where a command is shown"
    CARD = "Where an error is shown"
    WELCOME = "At first, without a lake"
    LEAVING = "When quitting while jobs run"
    RESUMING = "When a job died on a file"


_PLACES = {
    "app": Place.EVERYWHERE,
    "table": Place.TABLE,
    "lake": Place.LAKE,
    "analyses": Place.ANALYSES,
    "jobs": Place.JOBS,
    "plots": Place.PLOTS,
    "dialog": Place.DIALOG,
    "form": Place.FORM,
    "typing": Place.TYPING,
    "text": Place.TEXT,
    "same": Place.SAME,
    "card": Place.CARD,
    "welcome": Place.WELCOME,
    "leaving": Place.LEAVING,
    "resuming": Place.RESUMING,
}


@dataclass(frozen=True)
class Action:
    """Something a key does.

    Attributes:
        id: ``place.verb``: what a keymap names; the method is ``action_verb``.
        keys: Textual's names of keys, with commas.
        name: For the key bar, a word or two.
        description: For help and palette: a sentence without its full stop.
        footer: How early it comes in the key bar; 0: not at all, 1: first.
        aliases: Names of the command after ``:``.
        changes: Whether it changes the lake, which ``--read-only`` refuses.
    """

    id: str
    keys: str
    name: str
    description: str
    footer: int = 0
    aliases: tuple[str, ...] = ()
    changes: bool = False

    @property
    def place(self) -> Place:
        """Where it can be had, by its id."""
        return _PLACES[self.id.partition(".")[0]]

    @property
    def method(self) -> str:
        """The part of the id that names the method."""
        return self.id.partition(".")[2]


ACTIONS: tuple[Action, ...] = (
    Action("app.lake", "1", "lake", "Go to the lake", aliases=("lake",)),
    Action("app.analyses", "2", "analyses", "Go to the analyses", aliases=("analyses",)),
    Action("app.jobs", "3", "jobs", "Go to the jobs", aliases=("jobs",)),
    Action("app.plots", "4", "plots", "Go to the plots", aliases=("plots", "results")),
    Action("app.back", "escape", "back", "Go one step back; never quits"),
    Action("app.help", "question_mark,f1", "help", "Show what the keys do here", 90, ("help", "keys")),
    Action("app.commands", "colon,f2,ctrl+p", "command", "Type a command", 91),
    Action("app.equivalent", "d", "do the same", "Show the command and the Python that do the same"),
    Action("app.copy", "y", "copy", "Copy what is under the cursor to the clipboard"),
    Action("app.copy_at_exit", "Y", "copy at exit", "Print what is under the cursor once the program has ended"),
    Action("app.refresh", "R", "refresh", "Ask again for what is shown", aliases=("refresh",)),
    Action("app.error", "e", "last error", "Show the last error again, whole", aliases=("error",)),
    Action("app.glossary", "f3", "glossary", "Look up a word, such as DID, RSE or skim", aliases=("glossary",)),
    Action("app.theme", "t", "theme", "Choose the colours", aliases=("theme",)),
    Action("app.choose_lake", "L", "lakes", "Go to another lake", aliases=("lakes", "use")),
    Action(
        "app.elements",
        "E",
        "storage",
        "List the storage elements, with what there is room for",
        aliases=("rse", "rses", "quota"),
    ),
    Action("app.panel", "tab", "next panel", "Go to the next panel of the page"),
    Action("app.panel_before", "shift+tab", "panel before", "Go to the panel before"),
    Action("app.suspend", "ctrl+z", "suspend", "Go back to the shell; `fg` there goes on"),
    Action("app.quit", "q", "quit", "Quit; jobs go on", aliases=("quit", "q")),
    Action("table.down", "down,j", "down", "Go a row down"),
    Action("table.up", "up,k", "up", "Go a row up"),
    Action("table.page_down", "pagedown", "page down", "Turn a page"),
    Action("table.page_up", "pageup", "page up", "Turn a page back"),
    Action("table.first", "g,home", "first", "Go to the first row"),
    Action("table.last", "G,end", "last", "Go to the last row"),
    Action("table.open", "enter", "open", "Open the row under the cursor"),
    Action("table.pick", "space", "pick", "Pick the row, or put it back, and move down; or all of a range"),
    Action("table.range", "v", "range", "Begin a range of rows, which space picks; or give it up"),
    Action("table.invert", "asterisk", "invert", "Pick the rows that are not picked, and put back those that are"),
    Action("table.sort", "s", "sort", "Sort by the next column"),
    Action("table.reverse", "S", "reverse", "Turn the order round"),
    Action("lake.open", "right,l", "open", "Open what is under the cursor; of a file, its details"),
    Action("lake.up", "left,h", "up", "Go up to the list above"),
    Action("lake.filter", "slash", "filter", "Show only names that hold a text; ! the others, ~ fuzzy", 3, ("filter",)),
    Action("lake.search", "w", "search", "Search for datasets or files by their metadata", 7, ("search", "where")),
    Action("lake.details", "i", "details", "Show all there is to know of what is under the cursor", 4, ("show",)),
    Action("lake.multiply", "m", "multiply", "Multiply what is picked, or what is under the cursor", 6, ("multiply",)),
    Action("lake.analyse", "a", "analyse", "Analyse what is picked, or what is under the cursor", 5, ("analyse",)),
    Action("lake.fetch", "f", "fetch", "Fetch what is picked to this machine", 8, ("get", "fetch")),
    Action(
        "lake.upload", "u", "upload", "Upload files or a result to storage elements", 9, ("upload", "put"), changes=True
    ),
    Action("lake.clear", "c", "put back", "Put back all that is picked"),
    Action("lake.undo", "U", "undo", "Take back the last change of what is picked"),
    Action("lake.extend", "r", "extend rule", "Let the rule under the cursor end later", 1, ("extend",), changes=True),
    Action("lake.remove", "x", "end rule", "End the rule under the cursor now", 1, changes=True),
    Action("lake.login", "I", "log in", "Log in to this lake, outside of the screen", aliases=("login",)),
    Action(
        "analyses.launch",
        "a",
        "analyse",
        "Run the analyses that are selected, or the one under the cursor",
        1,
        ("run",),
    ),
    Action("analyses.read", "right,l", "read", "Read what an analysis is about, its samples, histograms and quirks", 2),
    Action("analyses.list", "left,h", "list", "Go back to the list"),
    Action("analyses.input", "i", "input", "Choose where the samples come from", 3, ("input",)),
    Action("analyses.result", "p", "plots", "Show the plots of its last result, or of the one being made", 4),
    Action(
        "analyses.source", "o", "its file", "Show the file of the analysis: the selection of an event, in Python", 5
    ),
    Action("analyses.clear", "c", "select none", "Select no analysis any more"),
    Action("jobs.log", "right,l", "log", "Read the log, which grows while the job works", 4, ("log",)),
    Action("jobs.list", "left,h", "list", "Go back from the log to the list"),
    Action("jobs.cancel", "x", "cancel", "End the job now; what is finished is kept", 1, ("cancel",)),
    Action("jobs.cancel_all", "X", "cancel all", "End all jobs that are queued or running"),
    Action("jobs.result", "p", "plots", "Show the plots of its result; they fill while it runs", 2),
    Action("jobs.resume", "c", "go on", "Go on with a job from its finished pieces", 3, ("resume",)),
    Action("jobs.retry", "r", "again", "Start the same anew, as a job of its own", 5, ("retry",)),
    Action("jobs.upload", "u", "upload", "Upload the result to storage elements", 6, changes=True),
    Action("jobs.remove", "delete,D", "remove", "Forget a job that ended; its results stay", 8, ("remove",)),
    Action("jobs.detach", "b", "in background", "Say how a job goes on when this screen is left", aliases=("detach",)),
    Action("jobs.follow", "f", "follow", "In the log: stay at its end, or stop to", 7),
    Action("jobs.export", "w", "write", "In the log: write it to a file in the current folder"),
    Action("plots.log", "l", "log", "Change between a logarithmic and a linear y axis", 1, ("log", "linear")),
    Action("plots.yields", "i", "yields", "Show the numbers of events, and what to look for", 2, ("yields", "words")),
    Action(
        "plots.compare",
        "c",
        "compare",
        "Compare with another result: predictions, then data, then no more",
        3,
        ("compare",),
    ),
    Action("plots.export", "P", "export", "Write PNG and PDF", 4, ("export",)),
    Action("plots.ratio", "r", "ratio", "Show or hide the panel below the plot", 5, ("ratio",)),
    Action("plots.next", "n", "next", "Show the next histogram", 6),
    Action("plots.previous", "N", "previous", "Show the histogram before"),
    Action("plots.right", "right", "bin right", "Read out the bin to the right"),
    Action("plots.left", "left", "bin left", "Read out the bin to the left"),
    Action("plots.zoom_in", "left_square_bracket", "zoom in", "Show half of the bins, around the one that is read out"),
    Action("plots.zoom_out", "right_square_bracket", "zoom out", "Show twice as many bins"),
    Action("plots.all_bins", "0", "all bins", "Show all bins"),
    Action("plots.larger", "plus", "larger", "Give the plot the whole page"),
    Action("plots.normal", "underscore", "normal", "Show the list beside the plot again"),
    Action("plots.upload", "u", "upload", "Upload the result to storage elements", 7, changes=True),
    Action("dialog.close", "escape", "close", "Close without doing anything"),
    Action("dialog.help", "f1,question_mark", "help", "Show what the keys do here; ? not where a text is typed"),
    Action("form.next", "tab", "next field", "Go to the next field"),
    Action("form.on", "enter", "go on", "Go to the next field; from a list or the last field to the button"),
    Action("form.previous", "shift+tab", "field before", "Go to the field before"),
    Action("form.down", "down,right", "down", "Go a line down in a list, or to the next field"),
    Action("form.up", "up,left", "up", "Go a line up in a list, or to the field before"),
    Action("form.page_down", "pagedown", "page down", "Turn a page of the list"),
    Action("form.page_up", "pageup", "page up", "Turn a page of the list back"),
    Action("form.choose", "space", "choose", "Choose the line under the cursor, or let it go"),
    Action("form.yes", "y,ctrl+y", "yes", "Go to the button that does it; enter then presses it"),
    Action("form.equivalent", "f4,d", "do the same", "Show the command and the Python that do what is filled in"),
    Action("typing.down", "down", "down", "Go to the next one found"),
    Action("typing.up", "up", "up", "Go to the one before"),
    Action("typing.page_down", "pagedown", "page down", "Turn a page"),
    Action("typing.page_up", "pageup", "page up", "Turn a page back"),
    Action("text.down", "down,j", "down", "Go a line down"),
    Action("text.up", "up,k", "up", "Go a line up"),
    Action("text.page_down", "pagedown,space", "page down", "Turn a page"),
    Action("text.page_up", "pageup", "page up", "Turn a page back"),
    Action("text.first", "g,home", "first", "Go to the beginning"),
    Action("text.last", "G,end", "last", "Go to the end"),
    Action("same.other", "tab,left,right", "other", "Choose the other one: command or Python"),
    Action("same.copy", "y,enter", "copy", "Copy the one that is chosen"),
    Action("leaving.stay", "s", "stay", "Do not quit"),
    Action("leaving.detach", "d", "detach", "Quit; the jobs go on"),
    Action("leaving.cancel", "c", "cancel", "End the jobs and quit; what is finished is kept"),
    Action("resuming.skip", "s", "skip", "Go on without the file that was in hand"),
    Action("resuming.again", "a", "again", "Go on and try the file again"),
    Action("card.close", "enter", "close", "Close"),
    Action("card.whole", "e", "whole", "Show all there is to know of the error"),
    Action("card.copy", "y", "copy", "Copy all there is to know of the error"),
    Action("welcome.sandbox", "s", "sandbox", "Install a Rucio on this machine, and go there", 1),
    Action("welcome.portal", "o", "portal", "Go to the CERN Open Data portal", 2),
    Action("welcome.folder", "f", "folder", "Go to a folder of ROOT files", 3),
    Action("welcome.rucio", "r", "Rucio", "Read how to configure a Rucio", 4),
    Action("welcome.again", "R", "look again", "Look for a Rucio that was configured meanwhile"),
    Action("welcome.cancel", "x", "cancel", "Cancel the installation of the sandbox"),
    Action("welcome.equivalent", "d", "do the same", "Show the command and the Python that do the same"),
    Action("welcome.copy", "y", "copy", "Copy the command, or the text that is shown"),
    Action("welcome.quit", "q", "quit", "Quit; an installation goes on", 5),
)
"""Every action there is, place by place."""


def of(place: Place) -> tuple[Action, ...]:
    """Return the actions of a place, in order."""
    return tuple(action for action in ACTIONS if action.place is place)


def find(id_: str) -> Action:
    """Return an action by its id; `KeyError` where there is none."""
    return _BY_ID[id_]


def bindings(place: Place, *, dispatched: bool = True) -> list[Binding]:
    """Return the bindings of a place.

    Args:
        place: Which.
        dispatched: Whether the keys go through ``action_do``, which says why something cannot be done now;
            otherwise they call ``action_<method>`` themselves.
    """
    return [
        Binding(
            action.keys,
            f"do({action.id!r})" if dispatched else action.method,
            action.name,
            show=False,
            tooltip=action.description,
            id=action.id,
        )
        for action in of(place)
    ]


def in_bar(place: Place, lists: Mapping[str, int]) -> list[Action]:
    """Return the actions of the key bar of a page, the most important first.

    Args:
        place: Of the page.
        lists: How early actions of its lists come, by their ids.
    """
    at = {action.id: action.footer for action in ACTIONS if action.place in {place, Place.EVERYWHERE}} | dict(lists)
    return sorted((action for action in ACTIONS if at.get(action.id)), key=lambda action: at[action.id])


_BY_ID = {action.id: action for action in ACTIONS}
