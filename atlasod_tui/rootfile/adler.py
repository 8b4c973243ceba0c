"""Adler-32, which Rucio and the catalogue use: of bytes, and of files from the sums of their parts."""

from __future__ import annotations

from deflate import adler32

__all__ = ["adler32", "combine"]

_MODULUS = 65521


def combine(first: int, second: int, second_length: int) -> int:
    """Return the Adler-32 of two pieces, one behind the other, from those of the pieces.

    The low half is one plus the sum of the bytes; the high half the sum of the low halves after each byte (RFC 1950):
    behind the first piece each of the second's ``second_length`` low halves is greater by the first's sum of bytes.

    Args:
        first: Adler-32 of the first piece.
        second: Adler-32 of the second piece.
        second_length: Bytes of the second piece.
    """
    low, high = first & 0xFFFF, first >> 16
    more_low, more_high = second & 0xFFFF, second >> 16
    both_low = (low + more_low - 1) % _MODULUS
    both_high = (high + more_high + second_length * (low - 1)) % _MODULUS
    return both_high << 16 | both_low
