"""From a program to the source of a kernel: branches become loads, fills become sums, lists of indices become bits."""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping

from atlasod_tui.engine.histograms import FLOW
from atlasod_tui.engine.program import ROLES, Function, Program, branch_of, gauss_key, histogram_of
from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.tree import Branch

# Where things stand in the table of addresses and flags that a kernel is called with.
STATUS, SUMS, COUNTS, IS_DATA, SIGN_ONLY = range(5)
FIRST_BRANCH = 8
"""Each branch takes two places: the address of its values and of its offsets."""

TYPES = {"?": "b1", "i1": "i1", "i2": "i2", "i4": "i4", "i8": "i8", "u1": "u1", "u2": "u2", "u4": "u4", "u8": "u8",
         "f4": "f4", "f8": "f8"}  # fmt: skip


def kernel_source(program: Program, types: Mapping[str, str], *, corrected: bool) -> tuple[str, dict[int, str]]:
    """Return the source of a kernel module and, per line, the place in the author's file it came from.

    Args:
        program: The selection.
        types: The numpy type code of each branch as the file has it.
        corrected: Whether the quirks that have a correction are corrected (variant ``fixed``).
    """
    maths = ", ".join(sorted(program.maths))
    lines = [
        '"""Made by atlasod-tui from an analysis file; do not edit."""',
        "from atlasod_tui.engine.kernel import *",
        *([f"from math import {maths}"] if maths else []),
        *(["import math"] if any("math" in function.names.values() for function in program.functions) else []),
        *(f"{name} = {_literal(value)}" for name, value in program.constants.items()),
        *(_weight(program, types) if program.uses_weight else []),
    ]
    places: dict[int, str] = {}
    for function in program.functions:
        tree = _Rewriter(program, function, types, corrected=corrected).rewrite()
        text = ast.unparse(ast.fix_missing_locations(tree))
        _note_places(function, tree, text, len(lines) + 1, places)
        lines += ["@jit", *text.splitlines()]
    lines += [
        "@entry",
        "def run(T, stop):",
        "    for e in range(stop):",
        f"        {program.functions[-1].name}(T, e)",
        "        if failed(T):",
        "            return e",
        "    return stop",
        "",
    ]
    return "\n".join(lines), places


def _literal(value: object) -> str:
    if isinstance(value, tuple):
        kind = float if any(isinstance(item, float) for item in value) else int  # a loop over it has one type
        return f"({', '.join(_literal(kind(item)) for item in value)},)"
    return f"float({repr(value)!r})" if isinstance(value, float) else repr(value)


def _note_places(function: Function, tree: ast.FunctionDef, text: str, offset: int, places: dict[int, str]) -> None:
    """Statements come in the same order in the rewritten tree, which kept the author's lines, and in its text."""
    mine = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    made = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt)]
    for original, new in zip(mine, made, strict=True):
        places[offset + new.lineno] = f"{function.path.name}, line {original.lineno}"


def _weight(program: Program, types: Mapping[str, str]) -> list[str]:
    """The event weight: a product from left to right in float32, data 1, single-top samples the sign of mcWeight."""
    names = [f"scaleFactor_{name}" for name in program.analysis.scale_factors]
    loads = [f"{_scalar(program, types, name)}" for name in (*names, "mcWeight")]
    product = f"f32({loads[0]})" if names else "1.0"
    for load in loads[1:-1]:
        product = f"f32({product} * {load})"
    return [
        "@jit",
        "def weight(T, e):",
        f"    if flag(T, {IS_DATA}):",
        "        return 1.0",
        f"    generator = {loads[-1]}",
        f"    if flag(T, {SIGN_ONLY}):",
        "        if generator == 0.0:",
        f"            count(T, i8({program.layout.counts_size - 1}))",
        "        else:",
        "            generator = f32(generator / abs(generator))",
        f"    return f32({product} * generator)",
    ]


def _scalar(program: Program, types: Mapping[str, str], branch: str) -> str:
    return f"scalar_{TYPES[types[branch]]}(T, i8({FIRST_BRANCH + 2 * program.slot(branch)}), e)"


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


class _Rewriter(ast.NodeTransformer):
    """Rewrites one function; ``T`` is the table, ``e`` the entry."""

    def __init__(self, program: Program, function: Function, types: Mapping[str, str], *, corrected: bool) -> None:
        self._program, self._function, self._types = program, function, types
        self._quirks = {quirk.name: not (corrected and quirk.fixed) for quirk in program.analysis.quirks}
        self._by_name = {item.name: item for item in program.functions}
        self._made = 0
        # Variables that hold lists of indices, which are bits of a number here: no arithmetic with them.
        self._lists = {
            target.id
            for node in ast.walk(function.node)
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.ListComp)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        }

    def rewrite(self) -> ast.FunctionDef:
        node = copy.deepcopy(self._function.node)
        node.name = self._function.name
        node.returns = None
        defaults = node.args.defaults
        first = len(node.args.args) - len(defaults)
        if any(arg.arg in ROLES for arg in node.args.args[first:]) or node.args.kwonlyargs or node.args.vararg:
            raise self._function.error(node, "only plain parameters can be used, values with defaults last")
        node.args.defaults = [self.visit(default) for default in node.args.defaults]
        node.args.args = [
            *([ast.arg("T"), ast.arg("e")] if self._function.roles else []),
            *(ast.arg(self._local(arg.arg)) for arg in node.args.args if arg.arg not in ROLES),
        ]
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        node.body = self._block(node.body)
        return node

    def _block(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        done: list[ast.stmt] = []
        for statement in statements:
            done += [ast.copy_location(new, statement) for new in self._statement(statement)]
        return done

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:  # noqa: PLR0911 - one for each kind
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.Return) and isinstance(node.value, ast.ListComp):
            return self._collected(node, node.value)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Name):
            return [
                ast.Assign([self.visit(target)], _expression(f"item({self._variable(node.value)}, {index})"))
                for index, target in enumerate(node.targets[0].elts)
            ]
        if isinstance(node, ast.AnnAssign):
            if node.value is None:
                return []
            return [ast.Assign([self.visit(node.target)], self.visit(node.value))]
        if isinstance(node, ast.Return) and node.value is not None:
            return [ast.Return(self._visit_value(node.value))]
        if isinstance(node, ast.For):
            return [self._for(node)]
        if isinstance(node, ast.If | ast.While):
            node.test = self.visit(node.test)
            node.body, node.orelse = self._block(node.body), self._block(node.orelse)
            return [node]
        return [self.visit(node)]

    def _for(self, node: ast.For) -> ast.stmt:
        if node.orelse or not isinstance(node.target, ast.Name):
            raise self._function.error(node, "for needs one variable and has no else in a selection")
        return self._loop(node, self.visit(node.target), node.iter, self._block(node.body))

    def _loop(self, where: ast.stmt, target: ast.Name, iterable: ast.expr, body: list[ast.stmt]) -> ast.stmt:
        """Return a loop over ``range(...)``, a tuple, or a list of indices; target and body are rewritten already."""
        over_range = (
            isinstance(iterable, ast.Call) and isinstance(iterable.func, ast.Name) and iterable.func.id == "range"
        )
        if isinstance(iterable, ast.Tuple) or over_range:
            return ast.For(target, self.visit(iterable), body, [])
        if not isinstance(iterable, ast.Name):
            raise self._function.error(where, "for runs over range(...) or over a variable with indices")
        index, indices = self._new(), self._variable(iterable)
        first = ast.copy_location(ast.Assign([target], _expression(f"item({indices}, {index})")), where)
        over = _expression(f"range(length({indices}))")
        return ast.For(ast.Name(index, ast.Store()), over, [first, *body], [])

    def _collected(self, node: ast.Assign | ast.AnnAssign | ast.Return, made: ast.ListComp) -> list[ast.stmt]:
        """``x = [k for k in range(n) if ...]`` becomes a loop that sets bit k of x."""
        clause = made.generators[0]
        if (
            len(made.generators) != 1
            or not isinstance(clause.target, ast.Name)
            or not isinstance(made.elt, ast.Name)
            or made.elt.id != clause.target.id
            or not _ascends(clause.iter)
        ):
            raise self._function.error(node, "a list in a selection is a list of indices: [k for k in range(n) if ...]")
        if "event" not in self._function.roles:
            raise self._function.error(node, "a list of indices needs the event among the function's parameters")
        target, inner = self._new(), f"{clause.target.id}__{self._made}"  # the variable lives in the list only
        renamed, index = _Rename(clause.target.id, inner), self._local(inner)
        tests = [self.visit(renamed.visit(test)) for test in clause.ifs]
        note: ast.stmt = ast.Assign([ast.Name(target, ast.Store())], _expression(f"with_index(T, {target}, {index})"))
        if tests:
            note = ast.If(tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests), [note], [])
        loop = self._loop(node, ast.Name(index, ast.Store()), clause.iter, [note])
        last: ast.stmt = ast.Return(ast.Name(target, ast.Load()))
        if not isinstance(node, ast.Return):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            last = ast.Assign([self.visit(item) for item in targets], ast.Name(target, ast.Load()))
        statements = [ast.Assign([ast.Name(target, ast.Store())], _expression("no_indices")), loop, last]
        for statement in ast.walk(ast.Module(statements, [])):
            if isinstance(statement, ast.stmt):
                ast.copy_location(statement, node)
        return statements

    def _new(self) -> str:
        self._made += 1
        return f"x{self._made}"

    def _variable(self, node: ast.Name) -> str:
        """Return what a variable that may hold a list of indices, or a tuple, is called in the kernel."""
        return self._function.names.get(node.id) or self._local(node.id)

    def _local(self, name: str) -> str:
        """Return the name of an author's variable in the kernel, where it must not hide one of the kernel's own."""
        return f"v_{name}"

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        raise self._function.error(node, "a list of indices needs a line of its own: indices = [k for k in ...]")

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in ROLES and node.id in self._function.roles:
            raise self._function.error(node, f"{node.id!r} can only be used directly, or passed on as {node.id!r}")
        if node.id in self._lists and isinstance(node.ctx, ast.Load):
            raise self._function.error(node, f"{node.id!r} is a list of indices", "Use len(), [...] or a loop over it.")
        node.id = self._variable(node)
        return node

    def _visit_value(self, node: ast.expr) -> ast.expr:
        """Rewrite what may be a list of indices as a whole."""
        if isinstance(node, ast.Name) and node.id in self._lists:
            return ast.copy_location(ast.Name(self._local(node.id), ast.Load()), node)
        return self.visit(node)  # type: ignore[no-any-return]

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        branch = branch_of(node)
        if branch == "weight":
            return _expression("weight(T, e)")
        if branch:
            return _expression(_scalar(self._program, self._types, branch))
        if isinstance(node.value, ast.Name) and node.value.id == "quirk":
            return ast.Constant(self._quirks[node.attr])
        if isinstance(node.value, ast.Name) and node.value.id == "sample":
            return _expression(f"flag(T, {IS_DATA})")
        return self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        branch = branch_of(node.value)
        index = self.visit(node.slice)
        if branch:
            slot = FIRST_BRANCH + 2 * self._program.slot(branch)
            call = _expression(f"vector_{TYPES[self._types[branch]]}(T, i8({slot}), e, i8())")
            call.args[3].args = [index]  # type: ignore[attr-defined]
            return call
        call = _expression("item()")
        call.args = [self._visit_value(node.value), index]  # type: ignore[attr-defined]
        return call

    def visit_Call(self, node: ast.Call) -> ast.AST:
        histogram = histogram_of(node)
        if histogram is not None:
            return self._fill(node, *histogram)
        if isinstance(node.func, ast.Attribute) and branch_of(node.func) == "gauss":
            key = gauss_key(node.args[0].value)  # type: ignore[attr-defined]
            run = f"run_number(flag(T, {IS_DATA}), {self._load('runNumber')}, {self._load('channelNumber')})"
            call = _expression(f"gauss({run}, {self._load('eventNumber')}, i8({key}), i8())")
            call.args[3].args = [self.visit(node.args[1]) if len(node.args) > 1 else ast.Constant(0)]  # type: ignore[attr-defined]
            return call
        if (
            isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "sample"
        ):
            number = self._program.sample_names.index(node.args[0].value)  # type: ignore[attr-defined]
            return _expression(f"flag(T, {FIRST_BRANCH + 2 * len(self._program.branches) + number})")
        if isinstance(node.func, ast.Name):
            return self._call(node, node.func)
        return self.generic_visit(node)

    def _load(self, branch: str) -> str:
        return _scalar(self._program, self._types, branch)

    def _call(self, node: ast.Call, name: ast.Name) -> ast.AST:
        if name.id == "len" and len(node.args) == 1:
            branch = branch_of(node.args[0])
            if branch:
                return _expression(f"size(T, i8({FIRST_BRANCH + 2 * self._program.slot(branch)}), e)")
            call = _expression("length(0)")
            call.args = [self._visit_value(node.args[0])]  # type: ignore[attr-defined]
            return call
        if name.id == "range" and self._function.roles:
            return self._range(node)
        target = self._by_name.get(self._function.names.get(name.id, ""))
        roles = set(target.roles) if target else set()
        values = []
        for place, argument in enumerate(node.args):
            if isinstance(argument, ast.Name) and argument.id in ROLES and argument.id in self._function.roles:
                if argument.id not in roles or target is None or target.position(argument.id) != place:
                    raise self._function.error(node, f"{name.id}() has no parameter {argument.id!r} at this place")
                continue
            values.append(self._visit_value(argument) if target else self.visit(argument))
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
            keyword.arg = self._local(keyword.arg) if target and keyword.arg else keyword.arg
        node.func = self.visit(name)
        node.args = [*([_expression("T"), _expression("e")] if roles else []), *values]
        return node

    def _range(self, node: ast.Call) -> ast.AST:
        """A number of objects that only a damaged file can have ends the loop over them before it begins."""
        stop = min(1, len(node.args) - 1)
        written = node.args[stop]
        of_the_author = isinstance(written, ast.Constant) or ast.unparse(written) in self._function.names
        node.args = [self.visit(argument) for argument in node.args]
        if not of_the_author:
            node.args[stop] = ast.Call(_expression("bounded"), [_expression("T"), node.args[stop]], [])
        return node

    def _fill(self, node: ast.Call, name: str, channel: ast.expr | None) -> ast.AST:
        booked = self._program.layout.first[name]
        booking = booked.booking
        axis = f"i8({booking.nbins}), {float(booking.lo)!r}, {float(booking.hi)!r}"
        call = _expression(f"fill(T, i8({booked.start}), i8({booked.index}), {axis}, f8(), f8())")
        call.args[6].args, call.args[7].args = [self.visit(node.args[0])], [self.visit(node.args[1])]  # type: ignore[attr-defined]
        if channel is not None:
            step = f"channel(T, i8(), i8({len(booking.channels)}))"
            start = _expression(f"i8({booked.start}) + i8({booking.nbins + FLOW}) * {step}")
            index = _expression(f"i8({booked.index}) + {step}")
            start.right.right.args[1].args = [self.visit(copy.deepcopy(channel))]  # type: ignore[attr-defined]
            index.right.args[1].args = [self.visit(channel)]  # type: ignore[attr-defined]
            call.args[1], call.args[2] = start, index  # type: ignore[attr-defined]
        return call


def _ascends(iterable: ast.expr) -> bool:
    """Return whether a list of indices over this is in ascending order, the only one that a number's bits have."""
    if isinstance(iterable, ast.Call) and isinstance(iterable.func, ast.Name) and iterable.func.id == "range":
        return len(iterable.args) <= 2  # noqa: PLR2004 - without a step
    return isinstance(iterable, ast.Name)


class _Rename(ast.NodeTransformer):
    def __init__(self, old: str, new: str) -> None:
        self._old, self._new = old, new

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id == self._old:
            node.id = self._new
        return node


def check_types(program: Program, branches: Mapping[str, Branch], file: str) -> None:
    """Compare how branches are used with what they are in a file.

    Raises:
        BadFileError: If a vector is used as a number or the other way round, or the branch is neither.
    """
    kinds = {"scalar": "a number: event.{0}", "vector": "a vector: event.{0}[k]"}
    for name, branch in branches.items():
        shape = program.branches[name]
        if branch.shape != shape:
            used = kinds[shape].format(name)
            raise BadFileError(
                f"{program.analysis.path.name} uses {name} as {used}, but in {file} it is {branch.type_name}"
            )
