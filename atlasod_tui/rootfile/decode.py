"""Baskets of ``std::vector<T>`` to flat values and offsets: the compiled inner loop of reading.

Every position is checked against the basket before it is used: the raw loads below cannot leave the buffers.
"""

from __future__ import annotations

from typing import Any

from numba import njit, types
from numba.extending import intrinsic

_BYTE_COUNT = 0x40000000
_MEMBER_WISE = 0x4000
_HEADER = 10  # u4 byte count, u2 version, u4 length
_COUNTED = 6  # the part of the header that the byte count includes


def _big_endian(bits: int) -> Any:
    """Return an intrinsic that loads a big-endian integer from an address: one unaligned load and a byte swap."""

    @intrinsic
    def load(typing_context, address):  # noqa: ANN001, ANN202, ARG001 - numba's calling convention
        def codegen(context, builder, signature, args):  # noqa: ANN001, ANN202, ARG001
            from llvmlite import ir  # noqa: PLC0415 - only when compiling

            word = ir.IntType(bits)
            value = builder.load(builder.inttoptr(args[0], word.as_pointer()), align=1)
            return value if bits == 8 else builder.bswap(value)  # noqa: PLR2004 - a byte has no order

        return getattr(types, f"uint{bits}")(types.int64), codegen

    return load


def _store(bits: int) -> Any:
    """Return an intrinsic that stores a native integer at an address."""
    kind = getattr(types, f"uint{bits}")

    @intrinsic
    def store(typing_context, address, value):  # noqa: ANN001, ANN202, ARG001
        def codegen(context, builder, signature, args):  # noqa: ANN001, ANN202, ARG001
            from llvmlite import ir  # noqa: PLC0415 - only when compiling

            builder.store(args[1], builder.inttoptr(args[0], ir.IntType(bits).as_pointer()), align=1)
            return context.get_dummy_value()

        return types.void(types.int64, kind), codegen

    return store


_load_u1, _load_u2, _load_u4, _load_u8 = (_big_endian(bits) for bits in (8, 16, 32, 64))
_store_u1, _store_u2, _store_u4, _store_u8 = (_store(bits) for bits in (8, 16, 32, 64))


@njit(inline="always")
def _copy(source, target, count, item):  # noqa: ANN001, ANN202
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


@njit("int64(int64, int64, int64, int64, uint8[::1], int64, int64[::1])", nogil=True, cache=True)
def vectors(source, start, stop, item, out, base, ends):  # noqa: ANN001, ANN201, PLR0913
    """Copy the values of consecutive vector entries of a basket and note where each entry ends.

    Args:
        source: Address of the uncompressed basket (numba has no read-only buffers in explicit signatures).
        start: Where the first of these entries starts in the basket, in bytes.
        stop: Where the last one ends; the basket is at least that long.
        item: Bytes of a value: 1, 2, 4 or 8.
        out: Receives the values in native byte order, uint8 [bytes]; must be exactly filled.
        base: Number of values that earlier baskets contributed to the chunk.
        ends: Receives where each entry ends among the chunk's values, int64 [entries].

    Returns:
        -1 if all entries are as they should be, else the index of the first that is not.
    """
    target, position, filled = out.ctypes.data, start, 0
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
        ends[index] = base + filled // item
    return -1 if position == stop and filled == out.size else ends.size


@njit(inline="always")
def _loop_like(source, item, target, offsets):  # noqa: ANN001, ANN202
    good, first = True, offsets[0]
    for index in range(offsets.size - 1):
        before, count = offsets[index] - first, offsets[index + 1] - offsets[index]
        entry = source + _HEADER * index + item * before
        good &= int(_load_u4(entry)) == _BYTE_COUNT + _COUNTED + count * item
        good &= int(_load_u4(entry + 6)) == count and int(_load_u2(entry + 4)) & _MEMBER_WISE == 0
        _copy(entry + _HEADER, target + item * before, count, item)
    return good


@njit("boolean(int64, int64, int64, int64, uint8[::1], int64[::1])", nogil=True, cache=True)
def vectors_like(source, start, stop, item, out, offsets):  # noqa: ANN001, ANN201, PLR0913
    """Copy the values of vector entries that have the lengths of a column already read; False if they have not.

    Columns of one collection have the same lengths. Knowing them, no entry waits for the one before: half the time of
    `vectors`. Arguments as there; ``offsets`` [entries + 1] are those of the other column.
    """
    if stop - start != _HEADER * (offsets.size - 1) + out.size or out.size != item * (offsets[-1] - offsets[0]):
        return False
    if item == 4:  # noqa: PLR2004 - a loop for each size, known to the compiler
        return _loop_like(source + start, 4, out.ctypes.data, offsets)
    if item == 1:
        return _loop_like(source + start, 1, out.ctypes.data, offsets)
    return _loop_like(source + start, item, out.ctypes.data, offsets)
