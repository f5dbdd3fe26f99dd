"""The order in which sums over rows are taken: one for all runners, all machines and any number of threads.

The rows are cut into chunks. In a chunk, row i goes to partial sum i mod 8; the eight are added from the first to the
last, and the chunks' sums are added in their order. So eight sums can grow side by side, in the lanes of a processor,
and chunks in threads, without a bit that depends on either.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

CHUNK = 960  # rows; a multiple of PARTS, and of the lanes that run side by side in a small net (120)
PARTS = 8


def parts_of(count: int) -> list[slice]:
    """Return the rows of each partial sum, chunk by chunk."""
    return [
        slice(begin + part, min(begin + CHUNK, count), PARTS)
        for begin in range(0, max(count, 1), CHUNK)
        for part in range(PARTS)
    ]


def added(sums: Sequence[Sequence[float]]) -> list[float]:
    """Return the sums over all rows from those of the parts: a line of numbers for each part."""
    chunks = [[_sum(column) for column in zip(*sums[i : i + PARTS], strict=True)] for i in range(0, len(sums), PARTS)]
    return chunks[0] if len(chunks) == 1 else [_sum(column) for column in zip(*chunks, strict=True)]


def total_of(numbers: Sequence[float]) -> float:
    """Return the sum of one number of each row."""
    return added([[_sum(numbers[part])] for part in parts_of(len(numbers))])[0]


def _sum(numbers: Any) -> float:
    """Return a sum from the first to the last; builtin `sum` compensates since Python 3.12."""
    return reduce(add, numbers, 0.0)
