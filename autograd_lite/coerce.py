"""Numbers that a Value accepts: any real number, stored as an exact float."""

from __future__ import annotations

from math import isfinite
from numbers import Real
from typing import Any


def to_float(data: Any, label: str = "", what: str = "Value data") -> float:
    """Return a real number as an exact float; anything else is a TypeError that names its type and the label."""
    if data.__class__ is float:
        return data
    number = to_float_or_none(data)
    if number is None:
        where = f" (label {label!r})" if label else ""
        hint = "pass an int, a float or another real number"
        if hasattr(data, "operands"):
            hint = "it is a Value already: .data is its number"
        elif data is None and what == "grad":
            hint = "use zero_grad(), or write 0.0"
        elif hasattr(data, "ndim") and hasattr(data, "item"):  # an array or a tensor
            hint = "use .item() for its number" if data.ndim == 0 else "make a Value of each of its numbers"
        raise TypeError(f"{what} must be a real number, not {type(data).__name__}{where}; {hint}")
    return number


def to_float_or_none(data: Any) -> float | None:
    """Return a real number as an exact float, or None for anything else (strings, arrays, Decimal, complex, …)."""
    if data.__class__ is int or isinstance(data, Real):
        try:
            return float(data)
        except OverflowError:
            raise OverflowError(f"{type(data).__name__} too large for a float: beyond 1.8e308; write inf for infinity"
                                ) from None  # fmt: skip
    if type(data).__module__ == "numpy" and type(data).__name__ in ("bool", "bool_"):  # not a Real
        return float(bool(data))
    return None


def to_operand(x: Any, name: str) -> float:
    """Return a number as an operand of the operation of this name; anything else is a TypeError."""
    number = to_float_or_none(x)
    if number is None:
        raise TypeError(f"{name}: operands must be Values or real numbers, not {type(x).__name__} ({x!r:.60})")
    return number


def number_of(x: Any) -> float:
    """Return the number of a Value or a float; unlike `.data`, it does not report to a recording."""
    number: float = x if x.__class__ is float else x._data
    return number


def plain_number(x: float) -> float | str:
    """Return a number as JSON holds it: nan and the infinities are texts."""
    return x if isfinite(x) else repr(x)


def settings_of(name: str, *settings: Any) -> tuple[float, ...]:
    """Return the settings of an operation as floats; a Value, or anything that is not a number, is a TypeError."""
    numbers = []
    for setting in settings:
        number = None if isinstance(setting, bool) else to_float_or_none(setting)
        if number is None:
            hint = "; it is a constant of the operation: use .data" if hasattr(setting, "operands") else ""
            raise TypeError(f"{name}: a setting must be a plain number, not {type(setting).__name__}{hint}")
        numbers.append(number)
    return tuple(numbers)
