"""The rows of a Module of the user's own: checked, and handed to it as they are, as if it were called by hand.

A recording meets a Value in the place of each number, in the same lists, tuples and arrays.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from copy import copy
from itertools import chain
from numbers import Integral, Real
from typing import Any

from autograd_lite.nn.data import ROWS, finite, listed

_FLOAT, _LIST = {float}, {list}


def own_rows(X: Any, where: str = "X") -> tuple[list[Any], list[Any]]:
    """Return copies of rows of any length, nested in any way, and their shapes.

    They are lists, tuples and arrays, with the numbers in them; any other collection becomes a list.

    >>> own_rows([[[1, 2.5], (True, 4)], [[5, 6]]])[0]
    [[[1, 2.5], (True, 4)], [[5, 6]]]
    >>> own_rows([range(2), ["a"]])
    Traceback (most recent call last):
    TypeError: X, row 2, number 1: expected a number, got str 'a'
    """
    rows = [*X] if _is_array(X) and X.ndim > 1 else listed(X, where, "a list of rows")
    if not rows:
        raise ValueError(f"{where}: expected at least one row, got none")
    if are_floats(rows) and math.isfinite(sum(chain.from_iterable(rows))):
        return [*map(list, rows)], [*map(len, rows)]
    rows = [_own(row, f"{where}, row {i}") for i, row in enumerate(rows, start=1)]
    return rows, [*map(shape_of, rows)]


def are_floats(rows: Sequence[Any]) -> bool:
    """Tell whether all rows are lists of floats, as most are: in them, nothing is to be looked for."""
    return _LIST.issuperset(map(type, rows)) and _FLOAT.issuperset(map(type, chain.from_iterable(rows)))


def _own(row: Any, where: str) -> Any:
    parts = listed(row, where, "a list of numbers", ROWS)
    if not _FLOAT.issuperset(map(type, parts)) or not math.isfinite(sum(parts)):  # finite floats stay
        places = [(x, f"{where}, number {j}") for j, x in enumerate(parts, start=1)]
        parts = [_own(x, place) if _is_list(x) else _checked(x, place) for x, place in places]
    if row.__class__ is tuple:
        return tuple(parts)
    return copy(row) if row.__class__ is not list and (isinstance(row, list | tuple) or _is_array(row)) else parts


def _checked(x: Any, where: str) -> Any:
    finite(x, where)
    return x


def _is_list(x: Any) -> bool:
    return isinstance(x, Iterable) and not isinstance(x, str | bytes | dict | Real)


def _is_array(x: Any) -> bool:
    """Tell whether something is an array of NumPy's, which need not be installed."""
    return type(x).__module__ == "numpy" and hasattr(x, "ravel") and x.ndim > 0


def recordable(entries: Sequence[Any]) -> Sequence[Any]:
    """Return the entries of a column as `compile` takes them for one shape: a bool there is the number that it is.

    They are the same object where all are floats. TypeError for an int that no float holds: a recording would round it.

    >>> recordable([[True, 2], (3, [0.5])])
    [[1.0, 2.0], (3.0, [0.5])]
    """
    if _FLOAT.issuperset(map(type, entries)) or are_floats(entries):
        return entries
    numbers = [*chain.from_iterable(entries)] if _LIST.issuperset(map(type, entries)) else entries
    if {float, int}.issuperset(map(type, numbers)) and max(map(abs, numbers)) <= 2.0**53:
        return [*entries]
    return [*map(_recordable, entries)]


def _recordable(x: Any) -> Any:
    if x.__class__ is float:
        return x
    if isinstance(x, Real):
        if isinstance(x, Integral) and int(float(x)) != int(x):
            raise TypeError(f"the data holds {x}, and a replay would round it: no float holds it exactly")
        return float(x)
    if x.__class__ is list or x.__class__ is tuple:
        return x.__class__(map(_recordable, x))
    if hasattr(x, "_make"):
        return x._make(map(_recordable, x))
    if _is_array(x) and x.dtype.kind in "biuO":
        found = x.astype(object if x.dtype.kind == "O" else "d")
        found.flat = [*map(_recordable, x.ravel().tolist())]
        return found
    return x


def shape_of(row: Any) -> Any:
    """Return the kind and the length of a row of numbers; of nested rows the shapes of all.

    >>> shape_of([1.0, 2.0]) == shape_of([3, True]), shape_of([[1.0], [1.0, 2.0]]) == shape_of([[1.0], (1.0, 2.0)])
    (True, False)
    """
    if _is_array(row):
        return type(row), row.shape
    if not isinstance(row, list | tuple):
        return ()
    if _FLOAT.issuperset(map(type, row)):
        return type(row), len(row)
    parts = [*map(shape_of, row)]
    return type(row), tuple(parts) if any(parts) else len(row)


def flat(row: Any) -> list[Any]:
    """Return the numbers of nested rows, in their order.

    >>> flat([[1.0], ([2.0, 3.0],), 4.0])
    [1.0, 2.0, 3.0, 4.0]
    """
    return [y for x in row for y in (flat(x) if _is_list(x) else [x])]


def first_of_each_kind(rows: Sequence[Any]) -> list[int]:
    """Return the index of the first row with each set of types of numbers."""
    firsts: dict[Any, int] = {}
    for i, row in enumerate(rows):
        firsts.setdefault(frozenset(map(type, flat(row))), i)
    return [*firsts.values()]
