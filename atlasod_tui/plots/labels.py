"""Labels written in TLatex, as text for a terminal, as ASCII, and as matplotlib's mathtext."""
# ruff: noqa: RUF001 - signs that look like ASCII ones are what this is about

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal


@dataclass(frozen=True, slots=True)
class _Symbol:
    """A command of TLatex: as a character, in ASCII, and in mathtext."""

    plain: str
    ascii: str
    math: str


_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi "
    "psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
_GREEK = dict(zip(_NAMES.split(), "αβγδεζηθικλμνξοπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", strict=True))
_SYMBOLS = {name: _Symbol(char, name, rf"\{name}") for name, char in _GREEK.items()} | {
    "rightarrow": _Symbol("→", "->", r"\rightarrow"),
    "leftarrow": _Symbol("←", "<-", r"\leftarrow"),
    "leq": _Symbol("≤", "<=", r"\leq"),
    "geq": _Symbol("≥", ">=", r"\geq"),
    "neq": _Symbol("≠", "!=", r"\neq"),
    "times": _Symbol("×", "x", r"\times"),
    "pm": _Symbol("±", "+-", r"\pm"),
    "cdot": _Symbol("·", ".", r"\cdot"),
    "infty": _Symbol("∞", "inf", r"\infty"),
    "sqrt": _Symbol("√", "sqrt", "√"),
    "void8": _Symbol("", "", ""),
}
_ACCENTS = {"bar": ("\u0304", "bar", r"\bar"), "tilde": ("\u0303", "~", r"\tilde"), "hat": ("\u0302", "^", r"\hat")}
_COMMANDS = sorted((*_SYMBOLS, *_ACCENTS), key=len, reverse=True)  # `#nub` is the longest that fits, and a b
_SUPERSCRIPTS = {"+": "⁺", "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "-1": "⁻¹", "-2": "⁻²"}
_SPOKEN = {
    "½": "1/2", "×": "x", "·": "-", "†": "(+)", "…": "...", "→": "->", "←": "<-", "≤": "<=", "≥": ">=", "≠": "!=",
    "±": "+-", "−": "-", "–": "-", "—": "-", "√": "sqrt", "∞": "inf", "‘": "'", "’": "'", "“": '"', "”": '"',
    "⁻": "-", "⁺": "+", "●": "o", "▲": "^", "▼": "v", "\u0304": "bar", "\u0303": "~", "\u0305": "bar",
}  # fmt: skip
_SPOKEN |= {char: name for name, char in _GREEK.items()}
_MAX_DEPTH = 20
_ZERO_WIDTH_CATEGORIES = ("Cf", "Me", "Mn")
_COMBINING_DIACRITICS = range(0x300, 0x370)


@dataclass(frozen=True, slots=True)
class _Text:
    text: str


@dataclass(frozen=True, slots=True)
class _Command:
    symbol: _Symbol


@dataclass(frozen=True, slots=True)
class _Script:
    kind: Literal["_", "^"]
    body: _Nodes


@dataclass(frozen=True, slots=True)
class _Accented:
    accent: str
    body: _Nodes


@dataclass(frozen=True, slots=True)
class _Group:
    body: _Nodes


_Node = _Text | _Command | _Script | _Accented | _Group
_Nodes = tuple["_Node", ...]


def clean(text: str) -> str:
    r"""Return text from outside as shown on a terminal: control characters escaped (``\x1b``), all blanks alike."""
    text = unicodedata.normalize("NFC", text)
    return "".join(_visible(char) for char in text)


def _visible(char: str) -> str:
    if char.isascii():
        return char if char.isprintable() else f"\\x{ord(char):02x}"
    category = unicodedata.category(char)
    if category in _ZERO_WIDTH_CATEGORIES:
        return char if ord(char) in _COMBINING_DIACRITICS else f"\\u{ord(char):04x}"
    if category == "Zs":
        return " "
    return f"\\u{ord(char):04x}" if category[0] in "CZ" else char


def speak_ascii(text: str) -> str:
    """Return a sentence with ASCII characters only; what has no equivalent becomes a question mark."""
    if text.isascii():
        return text
    out = []
    for char in text:
        if char.isascii():
            out.append(char)
            continue
        spoken = _SPOKEN.get(char) or unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()
        out.append(spoken if spoken.isprintable() and spoken else "?")
    return "".join(out)


@lru_cache(maxsize=1024)
def plain(tlatex: str) -> str:
    """Return a label as text for a terminal: ``p_{T}^{leadlep} [GeV]`` becomes ``pT(leadlep) [GeV]``."""
    return _tidy(_plain(_parse(clean(tlatex))))


@lru_cache(maxsize=1024)
def ascii_(tlatex: str) -> str:
    """Return a label with ASCII characters only: ``Z #rightarrow #mu#mu`` becomes ``Z -> mu mu``."""
    return _tidy(speak_ascii(_ascii(_parse(clean(tlatex)))))


@lru_cache(maxsize=1024)
def mathtext(tlatex: str) -> str:
    r"""Return a label for matplotlib: ``m_{4l} [GeV]`` becomes ``$\text{m}_{\text{4l}}\text{ [GeV]}$``."""
    nodes = _parse(clean(tlatex).strip())
    if all(isinstance(node, _Text) for node in nodes):
        return "".join(node.text for node in nodes if isinstance(node, _Text)).replace("$", r"\$")
    return f"${_math(nodes)}$"


def _tidy(text: str) -> str:
    return re.sub(r" +", " ", text).strip()


def _parse(text: str) -> _Nodes:
    nodes, _ = _nodes(text, 0, "", 0)
    return nodes


def _nodes(text: str, position: int, closing: str, depth: int) -> tuple[_Nodes, int]:
    """Return what stands up to the closing bracket, and where that is; brackets that do not match are text."""
    nodes: list[_Node] = []
    letters: list[str] = []

    def flush() -> None:
        if letters:
            nodes.append(_Text("".join(letters)))
            letters.clear()

    while position < len(text):
        char = text[position]
        if char == closing:
            flush()
            return tuple(nodes), position + 1
        node: _Node | None = None
        after = position + 1
        if depth < _MAX_DEPTH:
            if char in "_^" and after < len(text):
                body, after = _argument(text, after, depth)
                node = _Script("_" if char == "_" else "^", body)
            elif char == "#":
                node, after = _command(text, after, depth)
            elif char == "{" and "}" in text[after:]:
                inner, after = _nodes(text, after, "}", depth + 1)
                node = _Group(inner)
        if node is None:
            letters.append(char)
            after = position + 1
        else:
            flush()
            nodes.append(node)
        position = after
    flush()
    return tuple(nodes), position


def _argument(text: str, position: int, depth: int) -> tuple[_Nodes, int]:
    """Return the argument of a script or an accent: a group, a command or one character."""
    if text.startswith("{", position):
        return _nodes(text, position + 1, "}", depth + 1)
    if text.startswith("#", position):
        node, after = _command(text, position + 1, depth)
        if node is not None:
            return (node,), after
    return (_Text(text[position : position + 1]),), position + 1


def _command(text: str, position: int, depth: int) -> tuple[_Node | None, int]:
    name = next((name for name in _COMMANDS if text.startswith(name, position)), None)
    if name is None:
        return None, position
    after = position + len(name)
    if name in _ACCENTS:
        body, after = _argument(text, after, depth + 1)
        return _Accented(name, body), after
    return _Command(_SYMBOLS[name]), after


def _plain(nodes: _Nodes) -> str:
    return _scripted(nodes, _plain_one, superscripts=_SUPERSCRIPTS)


def _plain_one(node: _Node) -> str:
    match node:
        case _Text(text):
            return text
        case _Command(symbol):
            return symbol.plain
        case _Accented(accent, body):
            text = _plain(body)
            return text + _ACCENTS[accent][0] if len(text) == 1 else f"{_ACCENTS[accent][1]}({text})"
        case _Group(body) | _Script(_, body):
            return _plain(body)


def _ascii(nodes: _Nodes) -> str:
    return _scripted(nodes, _ascii_one, superscripts={})


def _ascii_one(node: _Node) -> str:
    match node:
        case _Text(text):
            return text
        case _Command(symbol):
            return symbol.ascii
        case _Accented(accent, body):
            mark = _ACCENTS[accent][1]
            return f"{_ascii(body)}{mark}" if mark.isalpha() else mark + _ascii(body)
        case _Group(body) | _Script(_, body):
            return _ascii(body)


def _scripted(nodes: _Nodes, one: Callable[[_Node], str], *, superscripts: dict[str, str]) -> str:
    """Join nodes on one line: a subscript follows its letter, a longer superscript in brackets comes after it."""
    out = ""
    position = 0
    while position < len(nodes):
        node = nodes[position]
        if not isinstance(node, _Script):
            out = _joined(out, one(node), symbol=isinstance(node, _Command))
            position += 1
            continue
        below, above, position = _scripts(nodes, position)
        out += _below(_tidy(one(_Group(below)))) + _above(_tidy(one(_Group(above))), superscripts)
    return out


def _scripts(nodes: _Nodes, position: int) -> tuple[_Nodes, _Nodes, int]:
    """Return the nodes below and above the line that begin at a position, and where they end."""
    below: list[_Node] = []
    above: list[_Node] = []
    while position < len(nodes) and isinstance(script := nodes[position], _Script):
        (below if script.kind == "_" else above).extend(script.body)
        position += 1
    return tuple(below), tuple(above), position


def _joined(before: str, word: str, *, symbol: bool) -> str:
    """Append a word, with a blank where the name of a letter would run into another word."""
    spelled = symbol and len(word) > 1 and word.isascii() and word.isalpha()
    runs_on = before[-1:].isalpha() and (spelled or any(before.endswith(name) for name in _LONG_NAMES))
    if runs_on and word[:1].isalpha() and before.isascii():
        return f"{before} {word}"
    return before + word


_LONG_NAMES = (*_GREEK, "bar")


def _below(text: str) -> str:
    if not text:
        return ""
    head, comma, rest = text.partition(",")
    if comma:  # pT,4l is the pT of 4l
        return f"{head}({rest})" if head == "T" else f"({text})"
    return f"({text})" if " " in text or "(" in text else text


def _above(text: str, superscripts: dict[str, str]) -> str:
    if text in superscripts:
        return superscripts[text]
    if not text or text == "miss" or not any(char.isalpha() for char in text):
        return text
    return f"({text})"


def _math(nodes: _Nodes) -> str:
    out: list[str] = []
    position = 0
    while position < len(nodes):
        node = nodes[position]
        if isinstance(node, _Script):
            below, above, position = _scripts(nodes, position)
            if not out:
                out.append("{}")
            out += [f"{mark}{{{body}}}" for mark, body in (("_", _math(below)), ("^", _math(above))) if body]
        else:
            out.append(_math_one(node))
            position += 1
    return "".join(out)


def _math_one(node: _Node) -> str:
    match node:
        case _Text(("+" | "-") as sign):
            return sign
        case _Text(text):
            return _upright(text)
        case _Command(symbol):
            return f"{{{symbol.math}}}" if symbol.math else ""
        case _Accented(accent, body):
            return f"{_ACCENTS[accent][2]}{{{_math(body) or _upright(' ')}}}"
        case _Group(body) | _Script(_, body):
            return f"{{{_math(body)}}}"


def _upright(text: str) -> str:
    escaped = re.sub(r"([\\{}$])", r"\\\1", text)
    return rf"\text{{{escaped}}}" if text else ""
