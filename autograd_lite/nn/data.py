"""The data that a net is trained on, checked: a message names the row, what was expected and what came."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

from autograd_lite.checks import plural, shown

__all__ = ["checked_rows", "checked_targets", "finite_number", "listed"]

_FLOAT = {float}


def checked_rows(X: Any, width: int | None, what: str = "X") -> list[list[float]]:
    """Return rows of inputs as lists of floats, each of `width` numbers (None: as many as the first row).

    >>> checked_rows([[1, 2], [3, 4]], 2)
    [[1.0, 2.0], [3.0, 4.0]]
    >>> checked_rows([[1, 2], [3]], 2)
    Traceback (most recent call last):
    ValueError: X, row 2: expected 2 numbers, got 1
    """
    rows = []
    for i, row in enumerate(listed(X, what, "a list of rows"), start=1):
        numbers = listed(row, f"{what}, row {i}", "a list of numbers")
        width = len(numbers) if width is None else width
        if len(numbers) != width:
            raise ValueError(f"{what}, row {i}: expected {plural(width, 'number')}, got {len(numbers)}")
        if not _FLOAT.issuperset(map(type, numbers)) or not math.isfinite(sum(numbers)):  # finite floats stay
            numbers = [
                finite_number(number, f"{what}, row {i}, number {j}") for j, number in enumerate(numbers, start=1)
            ]
        rows.append(numbers)
    if not rows:
        raise ValueError(f"{what}: expected at least one row, got none")
    return rows


def checked_targets(y: Any, rows: int, kind: Any, loss: str, outputs: int | None, what: str = "y") -> list[Any]:
    """Return one target a row, of the kind that the loss asks for (see `targets.py`), for a net of so many outputs.

    `outputs` is None for a model that is no net of ours; its loss checks the targets.

    >>> from autograd_lite.nn.targets import CLASS
    >>> checked_targets([0, 2], 2, CLASS, "cross_entropy", 2)
    Traceback (most recent call last):
    ValueError: y, row 2: expected a class index from 0 to 1 (the net has 2 outputs, classes count from 0), got 2
    """
    targets = listed(y, what, "a list of targets")
    if len(targets) != rows:
        raise ValueError(f"{what}: expected {plural(rows, 'target')}, one for each row, got {len(targets)}")
    if outputs is None:
        return targets
    return [kind.check(target, outputs, loss, f"{what}, row {i}") for i, target in enumerate(targets, start=1)]


def finite_number(item: Any, where: str) -> float:
    """Return a finite real number as a float; the error names `where` it stands."""
    if type(item) is float:
        number = item
    elif isinstance(item, Real):
        number = float(item)
    else:
        raise TypeError(f"{where}: expected a number, got {shown(item)}")
    if not math.isfinite(number):
        raise ValueError(f"{where}: expected a finite number, got {number!r}")
    return number


def listed(items: Any, where: str, expected: str) -> list[Any]:
    """Return the entries of anything that can be walked but a text or a dict; the error names `where` it stands."""
    if type(items) is not list and isinstance(items, str | bytes | dict):
        raise TypeError(f"{where}: expected {expected}, got {shown(items)}")
    try:
        return list(items)
    except TypeError:
        raise TypeError(f"{where}: expected {expected}, got {shown(items)}") from None
