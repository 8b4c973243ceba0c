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
_NO_MORE_ROOM = 3  # libdeflate's code where the buffer is full before the stream ends
_SLACK = 320  # libdeflate does not begin a copy (of up to 258 bytes) that would not fit
_MOST_TIMES = 1 << 16  # a size beyond this ratio is a lie: 4 bytes of ZSTD hold at most 2**17
_LZMA_MEMORY = 1 << 28  # the highest level of compression needs a quarter of it
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
            library.libdeflate_adler32.restype = ctypes.c_uint32
            library.libdeflate_adler32.argtypes = [ctypes.c_uint32, ctypes.c_void_p, ctypes.c_size_t]
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


def _zlib(data: Bytes, out: Bytes) -> None:
    library = _libdeflate()
    if library is None:
        _python_zlib(data, out)
        return
    code = _libdeflate_into(library, data, out, out.size)
    if code != 0:
        raise BadFileError(f"zlib data are damaged (code {code})")


def _libdeflate_into(library: Any, data: Bytes, out: Bytes, room: int) -> int:
    """Return 0 if the stream holds exactly ``room`` bytes and its Adler-32 checksum is right."""
    if not hasattr(_local, "decompressor"):
        _local.decompressor = library.libdeflate_alloc_decompressor()
    # The last argument None asks for exactly that many bytes.
    code: int = library.libdeflate_zlib_decompress(
        _local.decompressor, data.ctypes.data, data.size, out.ctypes.data, room, None
    )
    return code


def inflate_beginning(data: Bytes, out: Bytes, wanted: int) -> bool:
    """Inflate the first ``wanted`` bytes of a record of one zlib block into ``out``, where they are probably right.

    Nothing is verified yet: the caller fills in the rest and asks `matches_checksum`. False where this is no way to go:
    another compression, several blocks, little to save, or a stream that does not go on behind ``wanted``.
    """
    library = _libdeflate()
    room = wanted + _SLACK
    if library is None or room >= out.size or data.size < _HEADER or bytes(data[:2]) != b"ZL":
        return False
    if int.from_bytes(data[3:6].tobytes(), "little") != data.size - _HEADER:
        return False
    return _libdeflate_into(library, data[_HEADER:], out, room) == _NO_MORE_ROOM


def matches_checksum(data: Bytes, out: Bytes) -> bool:
    """Return whether ``out`` has the Adler-32 checksum at the end of the zlib stream that ``data`` ends with."""
    stored = int.from_bytes(data[-4:].tobytes(), "big")
    library = _libdeflate()
    return library is not None and library.libdeflate_adler32(1, out.ctypes.data, out.size) == stored


def _python_zlib(data: Bytes, out: Bytes) -> None:
    stream = zlib.decompressobj()
    try:
        block = stream.decompress(data.tobytes(), out.size + 1)
    except zlib.error as error:
        raise BadFileError(f"zlib data are damaged ({error})") from error
    _fill(out, block, ended=stream.eof)


def _fill(out: Bytes, block: bytes, *, ended: bool) -> None:
    _check_size(len(block), out)
    if not ended:
        raise BadFileError("a compressed block ends too early")
    out[:] = np.frombuffer(block, np.uint8)


def _check_size(size: int, out: Bytes) -> None:
    if size != out.size:
        raise BadFileError(f"a compressed block does not hold the {out.size} bytes that it should")


def _lz4(data: Bytes, out: Bytes) -> None:
    import cramjam  # noqa: PLC0415 - only files with this compression pay for the import
    import xxhash  # noqa: PLC0415

    if xxhash.xxh64_digest(data[_XXHASH:].data) != data[:_XXHASH].tobytes():
        raise BadFileError("LZ4 data do not match their checksum")
    try:
        _check_size(cramjam.lz4.decompress_block_into(data[_XXHASH:].data, out.data), out)
    except cramjam.DecompressionError as error:
        raise BadFileError(f"LZ4 data are damaged ({error})") from error


def _zstd(data: Bytes, out: Bytes) -> None:
    import cramjam  # noqa: PLC0415 - only files with this compression pay for the import

    try:
        _check_size(cramjam.zstd.decompress_into(data.data, out.data), out)
    except cramjam.DecompressionError as error:
        raise BadFileError(f"ZSTD data are damaged ({error})") from error


def _lzma(data: Bytes, out: Bytes) -> None:
    stream = lzma.LZMADecompressor(lzma.FORMAT_XZ, _LZMA_MEMORY)
    try:
        block = stream.decompress(data.tobytes(), out.size + 1)
    except (lzma.LZMAError, EOFError) as error:
        raise BadFileError(f"LZMA data are damaged ({error})") from error
    _fill(out, block, ended=stream.eof)


_METHODS: dict[bytes, Callable[[Bytes, Bytes], None]] = {b"ZL": _zlib, b"L4": _lz4, b"ZS": _zstd, b"XZ": _lzma}


def inflate(data: Bytes, out: Bytes) -> Bytes:
    """Return the bytes that a record's compressed blocks hold: ``out``, filled, or ``data`` itself.

    A record whose compressed and uncompressed sizes are equal is stored as it is. Blocks are ``ZL`` (zlib, Adler-32
    checked), ``L4`` (LZ4, xxHash64 checked), ``XZ`` (LZMA, CRC checked) or ``ZS`` (ZSTD: ROOT stores no checksum).

    Raises:
        BadFileError: If the blocks are damaged or do not hold exactly as many bytes as ``out`` has.
    """
    if data.size == out.size:
        return data
    start = done = 0
    while start < data.size:
        done, start = _block(data, start, out, done)
    if done != out.size:
        raise BadFileError(f"compressed data hold {done} bytes instead of {out.size}")
    return out


def buffer(size: int, stored: int) -> Bytes:
    """Return a new buffer for the ``size`` bytes that a record of ``stored`` bytes says it holds.

    Raises:
        BadFileError: If no compression could make so little of so much.
    """
    if not 0 <= size <= _MOST_TIMES * max(stored, 1):
        raise BadFileError(f"a record of {stored} bytes claims to hold {size}")
    return np.empty(size, np.uint8)


def _block(data: Bytes, start: int, out: Bytes, done: int) -> tuple[int, int]:
    head = data[start : start + _HEADER].tobytes()
    if len(head) < _HEADER:
        raise BadFileError("compressed data end in the middle of a block header")
    method, size = head[:2], int.from_bytes(head[6:9], "little")
    begin, end = start + _HEADER, start + _HEADER + int.from_bytes(head[3:6], "little")
    if end > data.size or done + size > out.size or size == 0:
        raise BadFileError("a compressed block is longer than its record")
    if method not in _METHODS:
        raise BadFileError(f"unknown compression {method!r}")
    _METHODS[method](data[begin:end], out[done : done + size])
    return done + size, end
