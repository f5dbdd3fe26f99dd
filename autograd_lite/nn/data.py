"""The data that a net is trained on, checked: a message names the row, what was expected and what came."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

__all__ = ["checked_rows", "checked_targets", "shown"]

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
    for i, row in enumerate(_listed(X, what, "a list of rows"), start=1):
        numbers = _listed(row, f"{what}, row {i}", "a list of numbers")
        width = len(numbers) if width is None else width
        if len(numbers) != width:
            raise ValueError(f"{what}, row {i}: expected {width} number{'s'[: width != 1]}, got {len(numbers)}")
        if not _FLOAT.issuperset(map(type, numbers)) or not math.isfinite(sum(numbers)):  # else they stay so
            numbers = [_number(number, f"{what}, row {i}, number {j}") for j, number in enumerate(numbers, start=1)]
        rows.append(numbers)
    if not rows:
        raise ValueError(f"{what}: expected at least one row, got none")
    return rows


def checked_targets(y: Any, rows: int, loss: str, outputs: int | None, what: str = "y") -> list[Any]:
    """Return one target a row, of the kind that the loss asks for, for a net of so many outputs.

    `outputs` is None for a model that is no net of ours; its loss checks the targets.

    >>> checked_targets([0, 2], 2, "cross_entropy", 2)
    Traceback (most recent call last):
    ValueError: y, row 2: expected a class index from 0 to 1 (the net has 2 outputs), got 2
    """
    targets = _listed(y, what, "a list of targets")
    if len(targets) != rows:
        raise ValueError(f"{what}: expected {rows} target{'s'[: rows != 1]}, one for each row, got {len(targets)}")
    if outputs is None:
        return targets
    if loss == "cross_entropy" and set(map(type, targets)) == {int} and set(targets) <= set(range(outputs)):
        return targets  # as they mostly are: else the first that is wrong is looked for
    places = [f"{what}, row {i}" for i in range(1, rows + 1)]
    if loss == "cross_entropy":
        return [_class_index(target, outputs, place) for target, place in zip(targets, places, strict=True)]
    if outputs == 1:
        return [_checked(target, loss, place) for target, place in zip(targets, places, strict=True)]
    lists = []
    for target, place in zip(targets, places, strict=True):
        numbers = _listed(target, place, f"a list of {outputs} numbers, one for each output")
        if len(numbers) != outputs:
            raise ValueError(f"{place}: expected {outputs} numbers, one for each output, got {len(numbers)}")
        lists.append([_checked(number, loss, f"{place}, number {j}") for j, number in enumerate(numbers, start=1)])
    return lists


def shown(item: Any) -> str:
    """Show something unexpected in a message, not at full length."""
    text = repr(item)
    return f"{type(item).__name__} {text if len(text) <= 60 else text[:59] + '…'}"


def _class_index(target: Any, classes: int, place: str) -> int:
    if isinstance(target, bool) or not isinstance(target, Real) or target not in range(classes):
        found = repr(target) if isinstance(target, int | float) else shown(target)
        raise ValueError(
            f"{place}: expected a class index from 0 to {classes - 1} (the net has {classes} outputs), got {found}"
        )
    return int(target)  # type: ignore[call-overload, no-any-return]


def _checked(target: Any, loss: str, place: str) -> float:
    number = _number(target, place)
    if loss.startswith("binary_cross_entropy") and not 0.0 <= number <= 1.0:
        raise ValueError(f"{place}: expected 0 or 1 (or a probability between) for {loss}, got {number!r}")
    if loss == "hinge_loss" and number not in (-1.0, 1.0):
        raise ValueError(f"{place}: expected 1 or -1 for hinge_loss, got {number!r}")
    return number


def _number(item: Any, place: str) -> float:
    if type(item) is float:
        number = item
    elif isinstance(item, Real):
        number = float(item)
    else:
        raise TypeError(f"{place}: expected a number, got {shown(item)}")
    if not math.isfinite(number):
        raise ValueError(f"{place}: expected a finite number, got {number!r}")
    return number


def _listed(items: Any, place: str, expected: str) -> list[Any]:
    if type(items) is not list and isinstance(items, str | bytes | dict):
        raise TypeError(f"{place}: expected {expected}, got {shown(items)}")
    try:
        return list(items)
    except TypeError:
        raise TypeError(f"{place}: expected {expected}, got {shown(items)}") from None
