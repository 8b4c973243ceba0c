"""The baskets of a file one behind the other, as each copy of it has them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.merge.branches import Column, Integers
from atlasod_tui.rootfile.records import FILE_BEGIN


@dataclass(frozen=True, eq=False)
class Image:
    """The baskets of a file one behind the other, as each copy has them.

    Those in the file come first, in its order, then the embedded ones. All arrays are of the baskets in the file.

    Attributes:
        seeks: Where they are in the file.
        sizes: Their bytes.
        entries: How many entries they hold.
        begins: Where they are in the image.
        records: Those that were embedded, joined.
        record_begins: Where each of these begins in the image.
        size: Bytes of the image.
        offsets: Where the baskets of each column are in the image, in the order of their entries.
    """

    seeks: Integers
    sizes: Integers
    entries: Integers
    begins: Integers
    records: bytes
    record_begins: Integers
    size: int
    offsets: dict[Column, Integers]


def make_image(columns: list[Column], file_size: int) -> Image:
    """Lay out the baskets of all trees of a file.

    Raises:
        BadFileError: They overlap, or lie outside of the file.
    """
    seeks = _joined([column.seeks for column in columns])
    sizes = _joined([column.sizes for column in columns])
    entries = _joined([np.diff(column.starts, append=column.entries) for column in columns])
    in_file = np.flatnonzero(seeks)
    order = in_file[np.argsort(seeks[in_file], kind="stable")]
    firsts, lengths = seeks[order], sizes[order]
    ends = firsts + lengths
    if order.size:
        if int(lengths.min()) <= 0 or int(firsts[0]) < FILE_BEGIN or int(ends.max()) > file_size:
            raise BadFileError("a basket lies outside of the file.")
        if (ends[:-1] > firsts[1:]).any():
            raise BadFileError(
                "several table entries point at the same baskets: it was multiplied with --virtual, has a tree under "
                "two names, or is damaged.",
                "Multiply the original file.",
            )
    offsets = np.empty(seeks.size, np.int64)
    begins = np.cumsum(lengths) - lengths
    offsets[order] = begins
    embedded = np.flatnonzero(seeks == 0)
    in_image = int(lengths.sum())
    record_begins = in_image + np.cumsum(sizes[embedded]) - sizes[embedded]
    offsets[embedded] = record_begins
    records = b"".join(data for column in columns for data in column.records)
    borders = np.cumsum([0, *(column.seeks.size for column in columns)])
    by_column = {
        column: offsets[start:stop] for column, start, stop in zip(columns, borders[:-1], borders[1:], strict=True)
    }
    return Image(firsts, lengths, entries[order], begins, records, record_begins, in_image + len(records), by_column)


def _joined(arrays: list[Integers]) -> Integers:
    return np.concatenate(arrays) if arrays else np.empty(0, np.int64)
