"""Baskets of ``std::vector<T>`` to flat values and offsets: the compiled inner loop of reading.

Every position is checked against the basket before it is used: the raw loads below cannot leave the buffers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

_BYTE_COUNT = 0x40000000
_MEMBER_WISE = 0x4000
_HEADER = 10  # u4 byte count, u2 version, u4 length
_COUNTED = 6  # the part of the header that the byte count includes


def _big_endian(bits: int) -> Any:
    """Return an intrinsic that loads a big-endian integer from an address: one unaligned load and a byte swap."""

    @intrinsic
    def load(typing_context, address):
        def codegen(context, builder, signature, args):
            from llvmlite import ir  # noqa: PLC0415 - only when compiling

            word = ir.IntType(bits)
            value = builder.load(builder.inttoptr(args[0], word.as_pointer()), align=1)
            return value if bits == 8 else builder.bswap(value)  # noqa: PLR2004 - a byte has no order

        return getattr(types, f"uint{bits}")(types.int64), codegen

    return load


def _store(bits: int, *, swapped: bool = False) -> Any:
    """Return an intrinsic that stores an integer at an address, in native byte order or the other."""
    kind = getattr(types, f"uint{bits}")

    @intrinsic
    def store(typing_context, address, value):
        def codegen(context, builder, signature, args):
            from llvmlite import ir  # noqa: PLC0415 - only when compiling

            value = builder.bswap(args[1]) if swapped else args[1]
            builder.store(value, builder.inttoptr(args[0], ir.IntType(bits).as_pointer()), align=1)
            return context.get_dummy_value()

        return types.void(types.int64, kind), codegen

    return store


_load_u1, _load_u2, _load_u4, _load_u8 = (_big_endian(bits) for bits in (8, 16, 32, 64))
_store_u1, _store_u2, _store_u4, _store_u8 = (_store(bits) for bits in (8, 16, 32, 64))
_store_big_u4 = _store(32, swapped=True)


@njit(inline="always")
def _copy(source, target, count, item):
    if item == 1:
        for k in range(count):
            _store_u1(target + k, _load_u1(source + k))
    elif item == 4:  # noqa: PLR2004
        for k in range(count):
            _store_u4(target + 4 * k, _load_u4(source + 4 * k))
    elif item == 8:  # noqa: PLR2004
        for k in range(count):
            _store_u8(target + 8 * k, _load_u8(source + 8 * k))
    else:
        for k in range(count):
            _store_u2(target + 2 * k, _load_u2(source + 2 * k))


@njit("int64(int64, int64, int64, uint8[::1], int64[::1])", nogil=True, cache=True)
def vectors(source, stop, item, out, ends):
    """Copy the values of a basket's vector entries and note where each entry ends.

    Args:
        source: Address of the basket's data (numba has no read-only buffers in explicit signatures).
        stop: Their length in bytes.
        item: Bytes of a value: 1, 2, 4 or 8.
        out: Receives the values in native byte order, uint8 [bytes]; must be exactly filled.
        ends: Receives where each entry ends among the values, int64 [entries].

    Returns:
        -1 if all entries are as they should be, else the index of the first that is not.
    """
    target, position, filled = out.ctypes.data, 0, 0
    for index in range(ends.size):
        if position + _HEADER > stop:
            return index
        entry = source + position
        count = int(_load_u4(entry + 6))
        if int(_load_u4(entry)) != _BYTE_COUNT + _COUNTED + count * item or int(_load_u2(entry + 4)) & _MEMBER_WISE:
            return index
        position += _HEADER + count * item
        if position > stop or filled + count * item > out.size:
            return index
        _copy(entry + _HEADER, target + filled, count, item)
        filled += count * item
        ends[index] = filled // item
    return -1 if position == stop and filled == out.size else ends.size


@njit("void(int64[::1], int64, int64, int64)", nogil=True, cache=True)
def entry_table_like(offsets, item, key_length, target):
    """Write the entry-offset table of a basket whose vectors have the lengths of a column already read.

    Args:
        offsets: Where each entry starts among the values of the other column, and the end, int64 [entries + 1].
        item: Bytes of a value.
        key_length: Length of the basket's key.
        target: Address with room for ``entries + 2`` numbers of 4 bytes; see `entry_table`.
    """
    entries, first = offsets.size - 1, key_length - item * offsets[0]
    _store_big_u4(target, np.uint32(entries + 1))
    for index in range(entries):
        _store_big_u4(target + 4 * index + 4, np.uint32(first + _HEADER * index + item * offsets[index]))
    _store_big_u4(target + 4 * entries + 4, np.uint32(0))


@njit("void(int64, int64, int64, int64, int64)", nogil=True, cache=True)
def entry_table(source, border, item, entries, key_length):
    """Write the entry-offset table that ROOT puts behind the data of a basket of vectors, from the vectors' lengths.

    It has, as big-endian numbers of 4 bytes: the entries and one, where each starts counted from the key, and zero.
    Lengths that lead outside of the data give a wrong table, which the checksum of the basket will not match.

    Args:
        source: Address of the data; behind them there is room for ``entries + 2`` numbers.
        border: Length of the data in bytes.
        item: Bytes of a value.
        entries: Number of vectors.
        key_length: Length of the basket's key.
    """
    target, position = source + border, 0
    _store_big_u4(target, np.uint32(entries + 1))
    for index in range(1, entries + 1):
        _store_big_u4(target + 4 * index, np.uint32(position + key_length))
        if position + _HEADER > border:
            return
        position += _HEADER + item * int(_load_u4(source + position + 6))
    _store_u4(target + 4 * entries + 4, np.uint32(0))


@njit(inline="always")
def _values(source, target, count, item):
    """Copy the values of most entries without a loop: two of 4 bytes at a time, one too many if the count is odd."""
    if item == 4:  # noqa: PLR2004
        for k in range(0, count, 2):
            pair = _load_u8(source + 4 * k)
            _store_u8(target + 4 * k, (pair << np.uint64(32)) | (pair >> np.uint64(32)))
    else:
        _copy(source, target, count, item)


@njit(inline="always")
def _loop_like(source, size, item, target, offsets):
    good, first, entries = True, offsets[0], offsets.size - 1
    paired = entries  # the last pair that is read ends before the data do, but for the last entries
    while paired > 0 and _HEADER * paired + item * (offsets[paired] - first) + item > size:
        paired -= 1
    for index in range(paired):
        before, count = offsets[index] - first, offsets[index + 1] - offsets[index]
        entry = source + _HEADER * index + item * before
        good &= int(_load_u4(entry + 6)) == count
        _values(entry + _HEADER, target + item * before, count, item)
    for index in range(paired, entries):
        before, count = offsets[index] - first, offsets[index + 1] - offsets[index]
        entry = source + _HEADER * index + item * before
        good &= int(_load_u4(entry + 6)) == count
        _copy(entry + _HEADER, target + item * before, count, item)
    return good


@njit("boolean(int64, int64, int64, uint8[::1], int64[::1])", nogil=True, cache=True)
def vectors_like(source, size, item, out, offsets):
    """Copy the values of a basket's vector entries that have the lengths of a column already read.

    Columns of one collection have the same lengths. Knowing them, no entry waits for the one before.

    Args:
        source: Address of the basket's data.
        size: Their length in bytes.
        item: Bytes of a value: 1, 2, 4 or 8.
        out: Receives the values in native byte order, uint8 [bytes]; with room for one value more than there are.
        offsets: Where each entry starts among the values of the other column, and the end, int64 [entries + 1].

    Returns:
        False if the lengths are different; what ``out`` holds then is of no use.
    """
    values = offsets[-1] - offsets[0]
    if size != _HEADER * (offsets.size - 1) + item * values or out.size < item * (values + 1):
        return False
    if item == 4:  # noqa: PLR2004 - a loop for each size, known to the compiler
        return _loop_like(source, size, 4, out.ctypes.data, offsets)
    if item == 1:
        return _loop_like(source, size, 1, out.ctypes.data, offsets)
    return _loop_like(source, size, item, out.ctypes.data, offsets)
