"""From a selection function to a program: the functions and constants it uses, and the branches it reads."""

from __future__ import annotations

import ast
import builtins
import dataclasses
import difflib
import hashlib
import math
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from atlasod_tui.engine import author
from atlasod_tui.engine.author import Analysis
from atlasod_tui.engine.histograms import Layout
from atlasod_tui.errors import AnalysisError
from atlasod_tui.rootfile.tree import Shape

ROLES = ("event", "hist", "quirk", "sample")
"""Parameters with these names are not values: the engine puts something in their place."""

_BUILTINS = ("abs", "bool", "float", "int", "len", "max", "min", "range")
_FORBIDDEN = {
    ast.Try: "try", ast.With: "with", ast.ClassDef: "class", ast.Lambda: "lambda", ast.Import: "import",
    ast.ImportFrom: "import", ast.Yield: "yield", ast.Await: "await", ast.Global: "global", ast.Nonlocal: "nonlocal",
    ast.Delete: "del", ast.JoinedStr: "an f-string", ast.Dict: "a dictionary", ast.Set: "a set",
    ast.DictComp: "a dictionary", ast.SetComp: "a set", ast.GeneratorExp: "a generator", ast.Raise: "raise",
    ast.Starred: "*",
}  # fmt: skip


@dataclass(frozen=True)
class Function:
    """A function of the program: its tree and the names it finds outside of itself."""

    name: str
    node: ast.FunctionDef
    path: Path
    names: dict[str, str]

    @property
    def roles(self) -> tuple[str, ...]:
        """Its parameters that are not values."""
        return tuple(arg.arg for arg in self.node.args.args if arg.arg in ROLES)

    def position(self, parameter: str) -> int:
        """Return the place of a parameter."""
        return [arg.arg for arg in self.node.args.args].index(parameter)

    def error(self, node: ast.AST, message: str, hint: str = "") -> AnalysisError:
        """Return an error that names file and line."""
        line = getattr(node, "lineno", self.node.lineno)
        return AnalysisError(f"{self.path.name}, line {line}: {message}", hint)


@dataclass
class Program:
    """A selection with all it calls.

    Attributes:
        functions: Callees first, the selection last.
        constants: Numbers by the name they have in the program.
        maths: Names of functions of the standard ``math`` module in use.
        branches: Branches that the selection reads and in which shape, in order of appearance.
        weight_branches: Branches read for ``event.weight`` only: data do without them.
        sample_names: Names asked for with ``sample.named("...")``, in order.
    """

    analysis: Analysis
    layout: Layout
    functions: list[Function] = field(default_factory=list)
    constants: dict[str, Any] = field(default_factory=dict)
    maths: set[str] = field(default_factory=set)
    branches: dict[str, Shape] = field(default_factory=dict)
    weight_branches: set[str] = field(default_factory=set)
    sample_names: list[str] = field(default_factory=list)
    uses_weight: bool = False
    uses_gauss: bool = False

    def slot(self, branch: str) -> int:
        """Return the number of a branch."""
        return list(self.branches).index(branch)

    @cached_property
    def version(self) -> str:
        """A hash of all that decides what the program does: declaration, constants, files of its functions, engine."""
        digest = hashlib.sha256(repr(dataclasses.replace(self.analysis, select=None)).encode())
        digest.update(repr(sorted(self.constants.items())).encode())  # they may come from files without functions
        for path in sorted({*(function.path for function in self.functions), *Path(__file__).parent.glob("*.py")}):
            digest.update(path.read_bytes())
        return digest.hexdigest()


def gauss_key(name: str) -> int:
    """Return the number that stands for a histogram's name in the random generator's key."""
    return zlib.crc32(name.encode())


def collect(analysis: Analysis) -> Program:
    """Return the program of an analysis.

    Raises:
        AnalysisError: If the selection uses something it may not, or a histogram that is not declared.
    """
    if analysis.select is None:
        raise AnalysisError(f"{analysis.path.name} has no function select(event, hist)")
    _check_bookings(analysis)
    program = Program(analysis, Layout.of(analysis.histograms))
    if analysis.main not in program.layout.named:
        known = _nearest(analysis.main, program.layout.named)
        raise AnalysisError(f"{analysis.path.name}: main histogram {analysis.main!r} is not declared{known}")
    _Collector(program).function(analysis.select)
    for function in program.functions:
        _Survey(program, function).visit(function.node)
    if program.uses_gauss:
        for branch in ("runNumber", "channelNumber", "eventNumber"):
            program.branches.setdefault(branch, "scalar")
    if program.uses_weight:
        for branch in (*(f"scaleFactor_{name}" for name in analysis.scale_factors), "mcWeight"):
            if branch not in program.branches:
                program.branches[branch] = "scalar"
                program.weight_branches.add(branch)
    return program


def _check_bookings(analysis: Analysis) -> None:
    """Refuse histograms that could not be filled or written, before any event is read."""
    names = [booked.name for booked in Layout.of(analysis.histograms).booked]
    for name in names:
        if names.count(name) > 1:
            raise AnalysisError(f"{analysis.path.name}: histogram {name!r} is declared twice")
        if not name or any(letter in "/;" or not letter.isprintable() for letter in name):
            raise AnalysisError(f"{analysis.path.name}: {name!r} cannot be the name of a histogram in a ROOT file")
    for booking in analysis.histograms:
        edges = math.isfinite(booking.lo) and math.isfinite(booking.hi) and booking.lo < booking.hi
        if type(booking.nbins) is not int or booking.nbins < 1 or not edges:
            axis = f"{booking.nbins} bins from {booking.lo} to {booking.hi}"
            raise AnalysisError(f"{analysis.path.name}: histogram {booking.name!r} cannot have {axis}")


class _Collector:
    """Follows names from function to function."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._done: dict[Callable[..., Any], str] = {}
        self._modules: dict[str, int] = {}
        self._trees: dict[str, ast.Module] = {}

    def _tree(self, path: str) -> ast.Module:
        if path not in self._trees:
            self._trees[path] = ast.parse(Path(path).read_bytes(), path)
        return self._trees[path]

    def function(self, target: Callable[..., Any]) -> str:
        if target in self._done:
            return self._done[target]
        if not isinstance(target, FunctionType) or target.__closure__:
            raise AnalysisError(f"{target!r} is not a plain function")
        path = target.__code__.co_filename
        node = next(
            (
                item
                for item in self._tree(path).body
                if isinstance(item, ast.FunctionDef) and item.name == target.__name__
            ),
            None,
        )
        if node is None or node.decorator_list:
            raise AnalysisError(f"{Path(path).name}: {target.__name__} is not a plain function of the file's top level")
        number = self._modules.setdefault(path, len(self._modules))
        name = f"{target.__name__}_{number}"
        self._done[target] = name
        function = Function(name, node, Path(path), {})
        code = target.__code__
        local = {*code.co_varnames, *code.co_cellvars, *_comprehension_names(node)}
        for item in _code(node):
            if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Load) and item.id not in local:
                self._name(function, item, target.__globals__)
        self._program.functions.append(function)
        return name

    def _name(self, function: Function, node: ast.Name, scope: dict[str, Any]) -> None:
        name = node.id
        if name in function.names:
            return
        missing = object()
        value = scope.get(name, missing)
        if value is missing:
            if name in _BUILTINS or hasattr(builtins, name):
                function.names[name] = self._builtin(function, node)
                return
            raise function.error(node, f"{name!r} is not defined")
        if value is author.f32:
            function.names[name] = "f32"
        elif isinstance(value, BuiltinFunctionType) and value.__module__ == "math":
            self._program.maths.add(value.__name__)
            function.names[name] = value.__name__
        elif isinstance(value, FunctionType):
            function.names[name] = self.function(value)
        elif isinstance(value, bool | int | float) or (
            isinstance(value, tuple) and all(isinstance(item, bool | int | float) for item in value)
        ):
            number = self._modules.setdefault(str(function.path), len(self._modules))
            function.names[name] = f"{name}_{number}"
            self._program.constants[f"{name}_{number}"] = value
        elif isinstance(value, ModuleType) and value is math:
            function.names[name] = "math"
        else:
            raise function.error(node, f"{name!r} cannot be used here: only numbers, plain functions and math")

    def _builtin(self, function: Function, node: ast.Name) -> str:
        if node.id in _BUILTINS:
            return node.id
        raise function.error(node, f"{node.id}() cannot be used in a selection", f"There are {', '.join(_BUILTINS)}.")


def _code(node: ast.AST) -> Iterator[ast.AST]:
    """Walk through a function, annotations left out."""
    yield node
    for name, value in ast.iter_fields(node):
        if name not in ("annotation", "returns"):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _code(child)


def _comprehension_names(node: ast.FunctionDef) -> set[str]:
    return {
        name.id
        for item in ast.walk(node)
        if isinstance(item, ast.comprehension)
        for name in ast.walk(item.target)
        if isinstance(name, ast.Name)
    }


class _Survey(ast.NodeVisitor):
    """Finds the branches that a function reads, and what it may not do."""

    def __init__(self, program: Program, function: Function) -> None:
        self._program = program
        self._function = function

    def generic_visit(self, node: ast.AST) -> None:
        if type(node) in _FORBIDDEN:
            raise self._function.error(node, f"a selection cannot use {_FORBIDDEN[type(node)]}")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            raise self._function.error(node, "** rounds differently when compiled", "Write x * x, or sqrt(x).")
        super().generic_visit(node)

    def visit_arguments(self, node: ast.arguments) -> None:
        for default in node.defaults:
            self.visit(default)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.visit_arguments(node.args)
        for statement in node.body:
            self.visit(statement)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        branch = branch_of(node.value)
        if branch:
            self._use(node, branch, "vector")
            self.visit(node.slice)
        else:
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id == "len" and node.args and branch_of(node.args[0]):
            self._use(node, branch_of(node.args[0]), "vector")
            return
        if _is(node.func, "event", "gauss"):
            self._program.uses_gauss = True
            if not node.args or not isinstance(node.args[0], ast.Constant) or not isinstance(node.args[0].value, str):
                raise self._function.error(node, 'event.gauss("name", k) needs a name in quotes')
            for argument in node.args[1:]:
                self.visit(argument)
            return
        if _is(node.func, "sample", "named"):
            name = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
            if not isinstance(name, str):
                raise self._function.error(node, 'sample.named("name") needs a name in quotes')
            if name not in self._program.sample_names:
                self._program.sample_names.append(name)
            return
        histogram = histogram_of(node)
        if histogram is not None:
            self._fill(node, *histogram)
            return
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        branch = branch_of(node)
        if branch == "weight":
            if self._program.uses_weight:
                raise self._function.error(node, "event.weight is taken twice", "Take it once, into a variable.")
            self._program.uses_weight = True
        elif branch:
            self._use(node, branch, "scalar")
        elif _is(node, "quirk"):
            flags = [quirk.name for quirk in self._program.analysis.quirks]
            if node.attr not in flags:
                raise self._function.error(node, f"quirk {node.attr!r} is not declared{_nearest(node.attr, flags)}")
        elif not _is(node, "sample", "is_data") and not self._is_math(node):
            raise self._function.error(node, f"{ast.unparse(node)} cannot be used in a selection")

    def _is_math(self, node: ast.Attribute) -> bool:
        if isinstance(node.value, ast.Name) and self._function.names.get(node.value.id) == "math":
            if not hasattr(math, node.attr):
                raise self._function.error(node, f"math has no {node.attr!r}")
            self._program.maths.add(node.attr)
            return True
        return False

    def _fill(self, node: ast.Call, name: str, channel: ast.expr | None) -> None:
        declared = {item.name: item for item in self._program.analysis.histograms}
        if name not in declared:
            raise self._function.error(node, f"histogram {name!r} is not declared{_nearest(name, declared)}")
        if bool(declared[name].channels) != (channel is not None):
            raise self._function.error(node, f"histogram {name!r} {'has' if channel is None else 'has no'} channels")
        if len(node.args) != 2 or node.keywords:  # noqa: PLR2004 - value and weight
            raise self._function.error(node, f"hist.{name}.fill takes a value and a weight")
        for argument in (*node.args, *([channel] if channel else [])):
            self.visit(argument)

    def _use(self, node: ast.AST, branch: str, shape: Shape) -> None:
        known = self._program.branches.setdefault(branch, shape)
        if known != shape:
            raise self._function.error(
                node, f"event.{branch} is used as a number here and with [...] elsewhere"
                if shape == "scalar" else f"event.{branch} is used with [...] here and as a number elsewhere",
            )  # fmt: skip


def branch_of(node: ast.AST) -> str:
    """Return the branch that ``event.<branch>`` names, or an empty string."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "event":
        return node.attr
    return ""


def _is(node: ast.AST, role: str, attribute: str | None = None) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == role
        and attribute in (None, node.attr)
    )


def histogram_of(node: ast.Call) -> tuple[str, ast.expr | None] | None:
    """Return name and channel of ``hist.<name>.fill(...)`` or ``hist.<name>[channel].fill(...)``, else None."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr != "fill":
        return None
    target = node.func.value
    channel = target.slice if isinstance(target, ast.Subscript) else None
    histogram = target.value if isinstance(target, ast.Subscript) else target
    if isinstance(histogram, ast.Attribute) and _is(histogram, "hist"):
        return histogram.attr, channel
    return None


def _nearest(name: str, names: Any) -> str:
    near = difflib.get_close_matches(name, list(names), 3, 0.6)
    return f"; nearest: {', '.join(near)}" if near else ""
