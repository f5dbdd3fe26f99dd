"""The rows of a data set as tables of numbers, one for each shape of row."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any, NamedTuple

from autograd_lite.engine import Value
from autograd_lite.ops import Op
from autograd_lite.replay.arguments import Key, flatten


def kernel_is_here() -> bool:
    """Tell whether the extra `fast` is installed and loads, and is not switched off by AUTOGRAD_LITE_KERNEL=0."""
    return not _broken and _installed() and os.environ.get("AUTOGRAD_LITE_KERNEL") != "0"


def kernel_is_loaded(rows: Sequence[Op] = ()) -> bool:
    """Tell whether this process has a kernel for these rows of the table; importing and compiling nothing."""
    compiled = sys.modules.get("autograd_lite.replay.compiled")
    return compiled is not None and compiled.is_loaded(rows) and kernel_is_here()


def kernel_is_on_disk(rows: Sequence[Op]) -> bool:
    """Tell whether a kernel for these rows was compiled before, by this program or another one on this machine."""
    from autograd_lite.replay import compiled  # which needs a while to read its texts

    return compiled.is_on_disk(rows)


_broken: list[ImportError] = []


def go_on_without_kernel(error: ImportError) -> None:
    """Use generated Python from now on, where numba is there but does not load."""
    _broken.append(error)
    warnings.warn(f"compile: the extra 'fast' is installed, but does not load ({error}); generated Python runs instead",
                  stacklevel=6)  # fmt: skip


@cache
def _installed() -> bool:
    return find_spec("numba") is not None and find_spec("numpy") is not None


def count_of(how: str, columns: Sequence[Any]) -> int:
    """Return the number of rows, or raise for columns that do not fit together."""
    try:
        lengths = [len(column) for column in columns]
    except TypeError:
        kinds = ", ".join(type(column).__name__ for column in columns)
        raise TypeError(f"compile: {how} takes the columns of a data set, one entry a row each, not {kinds}") from None
    if not lengths or len(set(lengths)) > 1 or not lengths[0]:
        raise ValueError(f"compile: {how} needs columns of one length, with at least one row, not {lengths}")
    return lengths[0]


class Table(NamedTuple):
    """Rows of a data set that have one shape, as numbers."""

    key: Key
    rows: Any  # a list of lists, or an array
    indices: Sequence[int]  # of the rows, in the data set

    def at(self, places: Sequence[int]) -> Table:
        """Return some of the rows."""
        return Table(self.key, rows_at(self.rows, places), [self.indices[i] for i in places])


def tables_of(columns: Sequence[Any], options: dict[str, Any]) -> list[Table]:
    """Return the rows of a data set, a table for each shape."""
    array = _array_of(columns)
    if array is not None:
        return [Table(_key_of_rows(columns, options), array, range(len(array)))]
    tables: dict[Key, Table] = {}
    for i, row in enumerate(zip(*columns, strict=True)):
        leaves, key = flatten(row, options)
        table = tables.get(key) or tables.setdefault(key, Table(key, [], []))
        table.rows.append(leaves)
        table.indices.append(i)  # type: ignore[attr-defined]
    return list(tables.values())


def _key_of_rows(columns: Sequence[Any], options: dict[str, Any]) -> Key:
    """Return the key that `flatten` gives for the first row; for arrays, it follows from their shapes."""
    if options or not all([hasattr(column, "dtype") for column in columns]):
        return flatten([column[0] for column in columns], options)[1]
    return tuple(["n" if column.ndim == 1 else ("a", column.shape[1:]) for column in columns])


def _array_of(columns: Sequence[Any]) -> Any:
    """Return the numbers of all rows as an array; None where they are no such thing, or NumPy is not to be used."""
    if not (any([hasattr(column, "dtype") for column in columns]) or kernel_is_loaded()):
        return None
    import numpy as np

    try:
        arrays = [np.asarray(column) for column in columns]
    except ValueError:  # rows of different lengths
        return None
    if not all([array.dtype.kind in "fiu" for array in arrays]):
        return None
    parts = [array.reshape(len(array), -1) for array in arrays]
    return np.concatenate(parts, axis=1, dtype=np.float64)


def rows_at(rows: Any, places: Sequence[int]) -> Any:
    return [rows[i] for i in places] if rows.__class__ is list else rows[list(places)]


def leaves_of(row: Any) -> list[Any]:
    return row if row.__class__ is list else row.tolist()


def numbers_of(leaves: Sequence[Any]) -> list[float]:
    return [x._data if x.__class__ is Value else x for x in leaves]
