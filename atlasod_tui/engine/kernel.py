"""The compiled side of a selection: loads, fills and lists of indices, and the cache of compiled kernels.

A kernel gets one argument besides the number of entries: the address of a table (int64) with the addresses of the
columns and sums, see `engine.compile`. Loads of columns and table are marked invariant, so that LLVM may keep them
across the stores of `fill`; with one array argument per branch instead, calls that are not inlined took 4 times longer.
"""

from __future__ import annotations

import hashlib
import importlib.util
import math
import os
import platform
import re
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
import numpy as np
from numba import njit, types
from numba.core import entrypoints
from numba.extending import intrinsic, overload

from atlasod_tui import paths
from atlasod_tui.engine.compile import COUNTS, FIRST_BRANCH, IS_DATA, SIGN_ONLY, STATUS, SUMS, TYPES, kernel_source
from atlasod_tui.engine.program import Program
from atlasod_tui.engine.sums import SampleKind, Sums
from atlasod_tui.errors import AnalysisError, BadFileError
from atlasod_tui.rootfile.columns import Column

# numba would import every package that registers an extension (awkward, vector and through them half of SciPy) when it
# loads its first kernel: 0.2 s of CPU of the 0.7 that a whole small run may take. Kernels use none of them.
entrypoints._already_initialized = True  # noqa: SLF001 - no public switch exists

__all__ = [  # noqa: PLE0604
    "bounded", "channel", "count", "entry", "f8", "f32", "failed", "fill", "flag", "gauss", "i8", "item", "jit",
    "length", "no_indices", "run_number", "size", "with_index",
    *(f"{shape}_{code}" for shape in ("scalar", "vector") for code in TYPES.values()),
]  # fmt: skip

jit = njit(error_model="numpy")
entry = njit("int64(int64, int64)", error_model="numpy", nogil=True, cache=True)
i8, f8 = types.int64, types.float64

_FINE, _PAST_THE_END, _TOO_MANY, _NO_CHANNEL = range(4)
_MOST_INDICES = 62
_MOST_TURNS = 1_000_000
no_indices = 0


def _loader(code: str, *, invariant: bool = True) -> Any:
    """Return an intrinsic ``load(address, index)`` that gives float64, int64 or bool."""
    result = {"f": types.float64, "b": types.boolean}.get(code[0], types.int64)

    @intrinsic
    def load(typing_context, address, index):
        def codegen(context, builder, signature, args):
            from llvmlite import ir  # noqa: PLC0415 - only when compiling

            bits = 8 * int(code[1])
            kind = {("f", 32): ir.FloatType(), ("f", 64): ir.DoubleType()}.get((code[0], bits), ir.IntType(bits))
            pointer = builder.gep(builder.inttoptr(args[0], kind.as_pointer()), [args[1]])
            value = builder.load(pointer)
            if invariant:
                value.set_metadata("invariant.load", builder.module.add_metadata([]))
            if code[0] == "f":
                return value if bits == 64 else builder.fpext(value, ir.DoubleType())  # noqa: PLR2004
            if code[0] == "b":
                return builder.icmp_unsigned("!=", value, ir.Constant(kind, 0))
            if bits == 64:  # noqa: PLR2004
                return value
            return (builder.zext if code[0] == "u" else builder.sext)(value, ir.IntType(64))

        return result(types.int64, types.int64), codegen

    return load


def _storer(kind: Any) -> Any:
    """Return an intrinsic ``store(address, index, value)``."""

    @intrinsic
    def store(typing_context, address, index, value):
        def codegen(context, builder, signature, args):
            pointer = builder.inttoptr(args[0], args[2].type.as_pointer())
            builder.store(args[2], builder.gep(pointer, [args[1]]))
            return context.get_dummy_value()

        return types.void(types.int64, types.int64, kind), codegen

    return store


_table, _number = _loader("i8"), _loader("i8", invariant=False)
_real = _loader("f8", invariant=False)
_set_number, _set_real = _storer(types.int64), _storer(types.float64)


@jit
def _fail(T, why, a, b, c):
    status = _table(T, STATUS)
    _set_number(status, 0, why)
    _set_number(status, 1, a)
    _set_number(status, 2, b)
    _set_number(status, 3, c)


@jit
def failed(T):
    return _number(_table(T, STATUS), 0) != _FINE


@jit
def flag(T, index):
    return _table(T, index) != 0


@jit
def count(T, index):
    counts = _table(T, COUNTS)
    _set_number(counts, index, _number(counts, index) + 1)


@jit
def size(T, slot, e):
    offsets = _table(T, slot + 1)
    return _table(offsets, e + 1) - _table(offsets, e)


def _scalar(code: str) -> Any:
    load = _loader(code)

    @jit
    def scalar(T, slot, e):
        return load(_table(T, slot), e)

    return scalar


def _vector(code: str) -> Any:
    load = _loader(code)

    @jit
    def vector(T, slot, e, k):
        offsets = _table(T, slot + 1)
        first = _table(offsets, e)
        if k < 0 or first + k >= _table(offsets, e + 1):
            _fail(T, _PAST_THE_END, slot, e, k)
            return load(_table(T, STATUS), 0)  # any value: the event loop ends
        return load(_table(T, slot), first + k)

    return vector


for _code in TYPES.values():
    globals()[f"scalar_{_code}"] = _scalar(_code)
    globals()[f"vector_{_code}"] = _vector(_code)


@jit
def f32(x):
    return float(np.float32(x))


@jit
def fill(T, start, index, nbins, lo, hi, x, w):  # noqa: PLR0913
    # The rule of `histograms.find_bin`, in line.
    if x < lo:
        number = 0
    elif not x < hi:
        number = nbins + 1
    else:
        number = 1 + int(nbins * (x - lo) / (hi - lo))
        width = (hi - lo) / nbins
        if x < lo + (number - 1) * width:
            number -= 1
        elif x >= lo + number * width:
            number += 1
    sums, counts = _table(T, SUMS), _table(T, COUNTS)
    at = 2 * (start + number)
    _set_real(sums, at, _real(sums, at) + w)
    _set_real(sums, at + 1, _real(sums, at + 1) + w * w)
    _set_number(counts, 2 * index, _number(counts, 2 * index) + 1)
    if w != 1.0:
        _set_number(counts, 2 * index + 1, 1)


@jit
def channel(T, number, channels):
    if number < 0 or number >= channels:
        _fail(T, _NO_CHANNEL, number, channels, 0)
        return 0
    return number


@jit
def bounded(T, stop):
    if stop > _MOST_TURNS:
        _fail(T, _TOO_MANY, stop, 0, 0)
        return 0
    return stop


@jit
def with_index(T, indices, k):
    if k < 0 or k > _MOST_INDICES:
        _fail(T, _TOO_MANY, k, 0, 0)
        return indices
    return indices | (1 << k)


def length(x: Any) -> int:  # compiled only, see the overload
    return len(x)


def item(x: Any, index: int) -> Any:  # compiled only, see the overload
    return x[index]


@overload(length)
def _length(x):
    if isinstance(x, types.BaseTuple):
        return lambda x: len(x)  # noqa: PLW0108 - numba wants a function of Python

    def bits(x):
        number = 0
        while x != 0:
            x &= x - 1
            number += 1
        return number

    return bits if isinstance(x, types.Integer) else None


@overload(item, prefer_literal=True)
def _item(x, index):
    if isinstance(x, types.BaseTuple):
        return lambda x, index: x[index]

    def bit(x, index):
        if index < 0:
            index += length(x)
            if index < 0:
                return -1
        for _ in range(index):
            x &= x - 1
        if x == 0:
            return -1  # there is no such index: the load that uses it fails
        number = 0
        while x & 1 == 0:
            x >>= 1
            number += 1
        return number

    return bit if isinstance(x, types.Integer) else None


@jit
def run_number(is_data, run, dsid):
    return run if is_data else dsid


@jit
def _mix(x):
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@jit
def gauss(run, event, key, k):
    # The same numbers as `interpret.Event.gauss`.
    state = np.uint64(0)
    for part in (run, event, key, k):
        state = _mix(state ^ np.uint64(part))
    first = _mix(state + np.uint64(0x9E3779B97F4A7C15))
    second = _mix(state + np.uint64(0x3C6EF372FE94F82A))
    u = np.float64((first >> np.uint64(11)) + np.uint64(1)) * 2.0**-53
    v = np.float64(second >> np.uint64(11)) * 2.0**-53
    return math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)


class CompiledKernel:
    """Runs the compiled selection over chunks; the lock of the interpreter is free meanwhile."""

    def __init__(self, program: Program, types_of_branches: Mapping[str, str], *, corrected: bool) -> None:
        self._program = program
        self._run = _compiled(program, types_of_branches, corrected=corrected)

    def run(self, columns: Mapping[str, Column], entries: int, sample: SampleKind, sums: Sums) -> None:
        """Run over the entries of a chunk and add to ``sums``.

        Raises:
            BadFileError: If a vector is shorter than the selection expects, or an event has too many objects.
            AnalysisError: If a channel that does not exist is filled.
        """
        status = np.zeros(4, np.int64)
        names = self._program.sample_names
        table = np.zeros(FIRST_BRANCH + 2 * len(self._program.branches) + len(names), np.int64)
        table[STATUS], table[SUMS], table[COUNTS] = status.ctypes.data, sums.sums.ctypes.data, sums.counts.ctypes.data
        table[IS_DATA], table[SIGN_ONLY] = sample.is_data, sample.sign_only
        for number, branch in enumerate(self._program.branches):
            if branch in columns:
                column = columns[branch]
                table[FIRST_BRANCH + 2 * number] = column.values.ctypes.data
                if column.offsets is not None:
                    table[FIRST_BRANCH + 2 * number + 1] = column.offsets.ctypes.data
        for number, name in enumerate(names):
            table[FIRST_BRANCH + 2 * len(self._program.branches) + number] = name in sample.name
        self._run(table.ctypes.data, entries)
        if status[0] != _FINE:
            self._explain(status.tolist(), columns)

    def _explain(self, status: list[int], columns: Mapping[str, Column]) -> None:
        why, a, b, c = status
        if why == _PAST_THE_END:
            branch = list(self._program.branches)[(a - FIRST_BRANCH) // 2]
            offsets = columns[branch].offsets
            has = int(offsets[b + 1] - offsets[b]) if offsets is not None else 0
            raise BadFileError(f"{branch}[{c}] was asked for where there are {has}")
        if why == _NO_CHANNEL:
            raise AnalysisError(f"channel {a} of {b} was filled")
        most = _MOST_INDICES if a <= _MOST_TURNS else _MOST_TURNS
        raise BadFileError(f"an event has more than {most} objects of a kind")


def _compiled(program: Program, types_of_branches: Mapping[str, str], *, corrected: bool) -> Callable[[int, int], int]:
    path = paths.cache_dir() / "kernels" / f"{_key(program, types_of_branches, corrected=corrected)}.py"
    if not path.is_file():
        _write(path, kernel_source(program, types_of_branches, corrected=corrected)[0])
    try:
        return _module(path).run  # type: ignore[no-any-return]
    except numba.core.errors.NumbaError as error:
        _, places = kernel_source(program, types_of_branches, corrected=corrected)
        raise _author_error(program, path, places, error) from error


def _key(program: Program, types_of_branches: Mapping[str, str], *, corrected: bool) -> str:
    """Everything a compiled kernel depends on; numba itself does not see changes in what a kernel calls."""
    digest = hashlib.sha256(program.version.encode())
    digest.update(f"{numba.__version__} {platform.python_version()} {platform.machine()} {corrected}".encode())
    digest.update(repr(sorted(types_of_branches.items())).encode())
    return digest.hexdigest()


def _write(path: Path, source: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(source)
        file.flush()
        os.fsync(handle)
    Path(name).replace(path)


def _module(path: Path) -> ModuleType:
    name = f"atlasod_tui_kernel_{path.stem}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise AnalysisError(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # numba looks the module up while it compiles, and again when it loads what it compiled
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _author_error(program: Program, path: Path, places: Mapping[int, str], error: Exception) -> AnalysisError:
    """Say where in the author's file numba gave up, and why."""
    text = str(error)
    lines = (int(number) for number in re.findall(rf'{re.escape(path.name)}", line (\d+)', text))
    where = next((places[line] for line in lines if line in places), program.analysis.path.name)
    reasons = (line.strip() for line in text.splitlines() if not line.startswith("Failed in") and line.strip())
    return AnalysisError(
        f"{where}: this cannot be compiled ({next(reasons, 'unknown reason')})",
        "Run with --interpreted to see what it does in Python.",
    )
