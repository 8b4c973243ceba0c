"""The selection as plain Python, one event at a time: slow, for debugging, and the check of the compiled kernel."""

from __future__ import annotations

import ast
import copy
import math
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy.typing as npt

from atlasod_tui.engine.author import f32
from atlasod_tui.engine.histograms import ENTRIES, WEIGHTED, Booked, find_bin
from atlasod_tui.engine.program import Program, gauss_key
from atlasod_tui.engine.sums import SampleKind, Sums
from atlasod_tui.errors import AnalysisError, BadFileError
from atlasod_tui.rootfile.columns import Column

_MASK = (1 << 64) - 1


def divide(a: float, b: float) -> float:
    """Divide as IEEE 754 says, where Python would raise."""
    if b != 0:
        return a / b
    if a == 0 or a != a:  # noqa: PLR0124 - NaN
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


def _ieee(function: Callable[..., float]) -> Callable[..., float]:
    def call(*arguments: float) -> float:
        try:
            return function(*arguments)
        except ValueError:
            return -math.inf if function is math.log and arguments[0] == 0 else math.nan
        except OverflowError:
            return math.copysign(math.inf, arguments[0]) if function is math.sinh else math.inf

    return call


def floor_divide(a: float, b: float) -> float:
    """Divide and round down; compiled code gives 0 for an integer divided by zero."""
    return a // b if b != 0 else (0 if isinstance(a, int) and isinstance(b, int) else divide(a, b))


def remainder(a: float, b: float) -> float:
    """Return the remainder of `floor_divide`."""
    return a % b if b != 0 else (0 if isinstance(a, int) and isinstance(b, int) else math.nan)


_DIVISIONS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Div: divide,
    ast.FloorDiv: floor_divide,
    ast.Mod: remainder,
}


class _Divisions(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if type(node.op) not in _DIVISIONS:
            return node
        name = _DIVISIONS[type(node.op)].__name__
        return ast.copy_location(ast.Call(ast.Name(name, ast.Load()), [node.left, node.right], []), node)


def selection(program: Program) -> Callable[..., None]:
    """Return the selection as a Python function; lines and files stay those of the analysis, for a debugger.

    Division and functions of ``math`` follow IEEE 754 (infinity and NaN instead of exceptions), as compiled code does.
    """
    maths = {name: _ieee(getattr(math, name)) for name in program.maths}
    scopes: dict[str, Any] = {}
    for function in program.functions:
        tree = ast.Module([_Divisions().visit(copy.deepcopy(function.node))], [])
        scope: dict[str, Any] = {division.__name__: division for division in _DIVISIONS.values()}
        for name, target in function.names.items():
            if target == "f32":
                scope[name] = f32
            elif target == "math":
                scope[name] = type("math", (), {key: staticmethod(value) for key, value in maths.items()})
            elif target in maths:
                scope[name] = maths[target]
            elif target in program.constants:
                scope[name] = program.constants[target]
            elif target in scopes:
                scope[name] = scopes[target]
        flags = compile("from __future__ import annotations", "", "exec").co_flags
        exec(compile(ast.fix_missing_locations(tree), str(function.path), "exec", flags), scope)  # noqa: S102 - the user's own file
        scopes[function.name] = scope[function.node.name]
    return scopes[program.functions[-1].name]  # type: ignore[no-any-return]


class _Vector:
    """One event's values of a vector branch; reading past the end is an error, also before the beginning."""

    def __init__(self, values: npt.NDArray[Any], name: str) -> None:
        self._values, self._name = values, name

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, index: int) -> Any:
        if not 0 <= index < len(self._values):
            raise BadFileError(f"{self._name}[{index}] was asked for where there are {len(self._values)}")
        return self._values[index].item()


class Event:
    """What ``event`` is to an interpreted selection: one entry of the columns of a chunk."""

    def __init__(self, program: Program, columns: Mapping[str, Column], sample: SampleKind, sums: Sums) -> None:
        self._program, self._columns, self._sample, self._counts = program, columns, sample, sums.counts
        self._entry = 0

    def at(self, entry: int) -> Event:
        """Go to an entry of the chunk."""
        self._entry = entry
        return self

    def __getattr__(self, name: str) -> Any:
        column = self._columns[name]
        if column.offsets is None:
            return column.values[self._entry].item()
        return _Vector(column.values[column.offsets[self._entry] : column.offsets[self._entry + 1]], name)

    @property
    def weight(self) -> float:
        """The event weight, a float32 value: 1 for data."""
        if self._sample.is_data:
            return 1.0
        product = 1.0
        for name in self._program.analysis.scale_factors:
            product = f32(product * getattr(self, f"scaleFactor_{name}"))
        generator: float = self.mcWeight
        if self._sample.sign_only:
            if generator == 0:
                self._counts[-1] += 1
            else:
                generator = f32(generator / abs(generator))
        return f32(product * generator)

    def gauss(self, name: str, k: int = 0) -> float:
        """A standard normal number keyed by (run or DSID, event, histogram, object)."""
        run = self.runNumber if self._sample.is_data else self.channelNumber
        state = 0
        for part in (run, self.eventNumber, gauss_key(name), k):
            state = _mix((state ^ (part & _MASK)) & _MASK)
        first = _mix((state + 0x9E3779B97F4A7C15) & _MASK)
        second = _mix((state + 0x3C6EF372FE94F82A) & _MASK)
        u = ((first >> 11) + 1) * 2.0**-53
        v = (second >> 11) * 2.0**-53
        return math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)


def _mix(x: int) -> int:
    """Scramble 64 bits (the finaliser of SplitMix64: Steele, Lea and Flood, OOPSLA 2014)."""
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)


class _Fillable:
    """One booked histogram of ``hist``."""

    def __init__(self, booked: Booked, sums: Sums) -> None:
        self._booked, self._sums = booked, sums
        self.channelled = bool(booked.booking.channels)

    def fill(self, x: float, w: float) -> None:
        booking = self._booked.booking
        at = 2 * (self._booked.start + find_bin(booking.nbins, booking.lo, booking.hi, x))
        self._sums.sums[at] += w
        self._sums.sums[at + 1] += w * w
        self._sums.counts[2 * self._booked.index + ENTRIES] += 1
        if w != 1.0:
            self._sums.counts[2 * self._booked.index + WEIGHTED] = 1


class _Family(list[_Fillable]):
    """The histograms of a family, by channel."""

    def __getitem__(self, channel: Any) -> Any:
        if not 0 <= channel < len(self):
            raise AnalysisError(f"channel {channel} of {len(self)} was filled")
        return super().__getitem__(channel)


def _hist(program: Program, sums: Sums) -> SimpleNamespace:
    families: dict[str, _Family] = {}
    for booked in program.layout.booked:
        families.setdefault(booked.booking.name, _Family()).append(_Fillable(booked, sums))
    return SimpleNamespace(
        **{name: items if items[0].channelled else items[0] for name, items in families.items()},
    )


class InterpretedKernel:
    """Runs the selection over chunks as plain Python; gives the same bits as the compiled kernel."""

    def __init__(self, program: Program, *, corrected: bool) -> None:
        self._program = program
        self._select = selection(program)
        self._quirk = SimpleNamespace(
            **{quirk.name: not (corrected and quirk.fixed) for quirk in program.analysis.quirks}
        )

    def run(self, columns: Mapping[str, Column], entries: int, sample: SampleKind, sums: Sums) -> None:
        """Run over the entries of a chunk and add to ``sums``.

        Raises:
            BadFileError: If a vector is shorter than the selection expects.
            AnalysisError: If a channel that does not exist is filled.
        """
        event = Event(self._program, columns, sample, sums)
        given = {
            "event": event,
            "hist": _hist(self._program, sums),
            "quirk": self._quirk,
            "sample": SimpleNamespace(is_data=sample.is_data, named=lambda name: name in sample.name),
        }
        arguments = [given[role] for role in self._program.functions[-1].roles]
        for entry in range(entries):
            event.at(entry)
            self._select(*arguments)
