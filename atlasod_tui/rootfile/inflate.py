"""Compressed ROOT records to bytes; every block's length, and its checksum where the format has one, is verified."""

from __future__ import annotations

import ctypes
import importlib.util
import lzma
import threading
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from atlasod_tui.errors import BadFileError

Bytes = npt.NDArray[np.uint8]

_HEADER = 9  # two letters, method, 3 bytes compressed size, 3 bytes uncompressed size (little-endian)
_XXHASH = 8
_MOST_TIMES = 1 << 21  # a size beyond this ratio is a lie: a block of 9 bytes cannot hold more than 2**24
_SHARED_LIBRARY_SUFFIXES = (".so", ".dylib")


@cache
def _libdeflate() -> Any:
    """Return libdeflate from the ``deflate`` wheel as a ctypes library, or None where its symbols are not exported.

    The wheel's own Python function copies its input and holds the interpreter lock; the symbol does neither.
    """
    spec = importlib.util.find_spec("deflate")
    if spec is None or spec.origin is None:
        return None
    origin = Path(spec.origin)
    candidates = [origin] if origin.suffix in _SHARED_LIBRARY_SUFFIXES else sorted(origin.parent.glob("*.so"))
    for candidate in candidates:
        library = ctypes.CDLL(str(candidate))
        if hasattr(library, "libdeflate_zlib_decompress"):
            library.libdeflate_alloc_decompressor.restype = ctypes.c_void_p
            library.libdeflate_alloc_decompressor.argtypes = []
            library.libdeflate_zlib_decompress.restype = ctypes.c_int
            library.libdeflate_zlib_decompress.argtypes = [
                ctypes.c_void_p,
                ctypes.c_void_p,
                ctypes.c_size_t,
                ctypes.c_void_p,
                ctypes.c_size_t,
                ctypes.c_void_p,
            ]
            return library
    return None


_local = threading.local()


def _address(data: bytes) -> int:
    return ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0


def _zlib(data: bytes, start: int, stop: int, out: Bytes) -> None:
    library = _libdeflate()
    if library is None:
        _fill(out, _python_zlib(data[start:stop]))
        return
    if not hasattr(_local, "decompressor"):
        _local.decompressor = library.libdeflate_alloc_decompressor()
    # The last argument None asks for exactly `size` bytes; the Adler-32 checksum is verified.
    code = library.libdeflate_zlib_decompress(
        _local.decompressor, _address(data) + start, stop - start, out.ctypes.data, out.size, None
    )
    if code != 0:
        raise BadFileError(f"zlib data are damaged (code {code})")


def _python_zlib(block: bytes) -> bytes:
    try:
        return zlib.decompress(block)
    except zlib.error as error:
        raise BadFileError(f"zlib data are damaged ({error})") from error


def _fill(out: Bytes, block: Any) -> None:
    if len(block) != out.size:
        raise BadFileError(f"a compressed block holds {len(block)} bytes instead of {out.size}")
    out[:] = np.frombuffer(block, np.uint8)


def _lz4(block: bytes, size: int) -> Any:
    import cramjam  # noqa: PLC0415 - only files with this compression pay for the import
    import xxhash  # noqa: PLC0415

    if xxhash.xxh64_digest(block[_XXHASH:]) != block[:_XXHASH]:
        raise BadFileError("LZ4 data do not match their checksum")
    try:
        return cramjam.lz4.decompress_block(block[_XXHASH:], output_len=size)
    except cramjam.DecompressionError as error:
        raise BadFileError(f"LZ4 data are damaged ({error})") from error


def _zstd(block: bytes, size: int) -> Any:
    import cramjam  # noqa: PLC0415 - only files with this compression pay for the import

    try:
        return cramjam.zstd.decompress(block, output_len=size)
    except cramjam.DecompressionError as error:
        raise BadFileError(f"ZSTD data are damaged ({error})") from error


def _lzma(block: bytes, _size: int) -> bytes:
    try:
        return lzma.decompress(block)
    except (lzma.LZMAError, EOFError) as error:
        raise BadFileError(f"LZMA data are damaged ({error})") from error


_METHODS: dict[bytes, Callable[[bytes, int], Any]] = {b"L4": _lz4, b"ZS": _zstd, b"XZ": _lzma}


def inflate(data: bytes, start: int, stop: int, size: int) -> Bytes:
    """Return the ``size`` bytes that the compressed blocks ``data[start:stop]`` hold.

    A record whose compressed and uncompressed sizes are equal is stored as it is. Blocks are ``ZL`` (zlib, Adler-32
    checked), ``L4`` (LZ4, xxHash64 checked), ``XZ`` (LZMA, CRC checked) or ``ZS`` (ZSTD: ROOT stores no checksum).

    Raises:
        BadFileError: If the blocks are damaged or do not hold exactly ``size`` bytes.
    """
    if not 0 <= start <= stop <= len(data):
        raise BadFileError("a record is shorter than its header says")
    if stop - start == size:
        return np.frombuffer(data, np.uint8, size, start)
    if size > _MOST_TIMES * (stop - start):
        raise BadFileError(f"a record of {stop - start} bytes claims to hold {size}")
    out = np.empty(size, np.uint8)
    done = 0
    while start < stop:
        done, start = _block(data, start, stop, out, done)
    if done != size:
        raise BadFileError(f"compressed data hold {done} bytes instead of {size}")
    return out


def _block(data: bytes, start: int, stop: int, out: Bytes, done: int) -> tuple[int, int]:
    if start + _HEADER > stop:
        raise BadFileError("compressed data end in the middle of a block header")
    method = data[start : start + 2]
    packed = int.from_bytes(data[start + 3 : start + 6], "little")
    size = int.from_bytes(data[start + 6 : start + 9], "little")
    begin, end = start + _HEADER, start + _HEADER + packed
    if end > stop or done + size > out.size or size == 0:
        raise BadFileError("a compressed block is longer than its record")
    target = out[done : done + size]
    if method == b"ZL":
        _zlib(data, begin, end, target)
    elif method in _METHODS:
        _fill(target, _METHODS[method](data[begin:end], size))
    else:
        raise BadFileError(f"unknown compression {method!r}")
    return done + size, end
