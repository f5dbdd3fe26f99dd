"""Students' answers: read as numbers, and compared with the right one as far as their digits go."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from math import isclose, isfinite, isnan, nan
from typing import Any

from autograd_lite.coerce import to_float_or_none
from autograd_lite.engine import Value
from autograd_lite.notation.text import number, safe
from autograd_lite.words import say

EXACT = 1e-9  # relative; rounding errors of a calculation that was not rounded on purpose
ROUNDED = 5e-3 * (1 + 1e-9)  # relative: two to three digits; 1.99 is as near to 2 as 2.01 is
CLOSE = 3e-2
LONGEST = 64  # characters of a text that is read as a number

_NUMBER = re.compile(r"[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d{1,4})?|inf(inity)?)", flags=re.IGNORECASE)
_MIXED = re.compile(r"([+-]?)(\d*)\s*([¼-¾⅐-⅞])", flags=re.ASCII)  # ½, −1½

_DATE = re.compile(
    r"\d{1,4}([-./])\d{1,2}\1\d{1,4}|\d{1,2}[-. ]+[^\W\d]{3,4}\.?([-. ]+\d{2,4})?|[^\W\d]{3,4}[-. ]+\d{1,2}"
)


def given_number(answer: Any) -> float | None:
    """Return an answer as a float: a real number, or a text that spells one; None for anything else, nan included.

    An array or a tensor of one number is that number.

    >>> given_number("0.25"), given_number("0,25"), given_number("−1/8"), given_number("−∞"), given_number("a half")
    (0.25, 0.25, -0.125, -inf, None)
    >>> given_number("- 2"), given_number("4 %"), given_number("1½"), given_number(Decimal("0.1"))
    (-2.0, 0.04, 1.5, 0.1)
    """
    if is_array(answer):
        try:
            answer = answer.item()
        except Exception:  # several numbers, or none; each library raises its own error
            return None
    if isinstance(answer, str):
        return _spelled(answer)
    try:
        found = float(answer) if isinstance(answer, Decimal) else to_float_or_none(answer)
    except (OverflowError, ValueError):  # an int beyond the floats, a signalling nan
        return None
    return None if found is None or found != found else found


def is_array(answer: Any) -> bool:
    """Tell whether an answer is an array or a tensor, of NumPy, PyTorch, JAX, …; its own attributes are not asked."""
    return hasattr(type(answer), "ndim") and hasattr(type(answer), "tolist")


def is_nan(answer: Any) -> bool:
    """Tell whether an answer is nan, or the text that spells it."""
    return answer.strip().lower() == "nan" if isinstance(answer, str) else isinstance(answer, float) and isnan(answer)


def _spelled(text: str) -> float | None:
    """Read a number as people write it: with a decimal comma, a true minus sign, in percent, or as a fraction."""
    if len(text) > LONGEST:
        return None
    text = text.strip().replace("−", "-").replace("–", "-").replace(",", ".").replace("∞", "inf").replace("⁄", "/")
    text = re.sub(r"^([+-])\s+", r"\1", text)
    if mixed := _MIXED.fullmatch(text):
        sign, whole, fraction = mixed.groups()
        return float(f"{sign}1") * (int(whole or 0) + unicodedata.numeric(fraction))
    parts = text.removesuffix("%").split("/")
    if len(parts) > 2 or not all(_NUMBER.fullmatch(part.strip()) and part.isascii() for part in parts):
        return None
    top, *bottom = map(float, [*parts, "100"] if text.endswith("%") else parts)
    for divisor in bottom:
        top = top / divisor if divisor else nan
    return top if top == top else None


def near(x: float, y: float, tolerance: float) -> bool:
    """Tell whether x and y differ by no more than a relative tolerance: beside 0 there is nothing but 0.

    >>> near(1.01e-30, 1e-30, 0.03), near(-1e-30, 1e-30, 0.03), near(0.0, 1e-30, 0.03)
    (True, False, False)
    """
    return isfinite(y) and isclose(x, y, rel_tol=tolerance)


def right_digits(x: float, y: float) -> bool:
    """Tell whether x is y, exactly or rounded to two digits or more; a half may be rounded up or down.

    >>> [right_digits(x, 0.125) for x in (0.125, 0.13, 0.12, 0.1)], right_digits(0.63, 0.625)
    ([True, True, True, False], True)
    """
    if near(x, y, ROUNDED):
        return True
    if not (isfinite(x) and isfinite(y)):
        return x == y
    _, digits, exponent = Decimal(repr(x)).normalize().as_tuple()
    half = Decimal((0, (5,), int(exponent) - 1))
    # y, too, may have been rounded on its way: 0.12499999999999999 is 1/8
    return len(digits) >= 2 and abs(Decimal(repr(x)) - Decimal(y)) <= half + abs(Decimal(y)) * Decimal("1e-12")


def is_cut(x: float, y: float) -> bool:
    """Tell whether x is y cut off behind two digits or more, where it should be rounded.

    >>> is_cut(0.0011, 0.00117), is_cut(-1.2, -1.29), is_cut(0.0012, 0.00117), is_cut(0.001, 0.00117)
    (True, True, False, False)
    """
    if not (isfinite(x) and isfinite(y)):
        return False
    sign, digits, exponent = Decimal(repr(x)).normalize().as_tuple()
    left_out = (Decimal(y) - Decimal(repr(x))) * (-1) ** sign
    return len(digits) >= 2 and 0 <= left_out < Decimal((0, (1,), int(exponent)))


def shown(answer: Any) -> str:
    """Return an answer for a table, whatever it is."""
    if answer.__class__ is float:
        return number(answer).text
    try:
        return safe(repr(answer))
    except Exception:  # its repr is not ours: it may raise anything
        return type(answer).__name__


def no_number(answer: Any) -> str:
    """Return why an answer is not read as a number."""
    if isinstance(answer, Value):
        return say("grade.no_number_value")
    if is_nan(answer):
        return say("grade.no_number_nan")
    if isinstance(answer, int):
        return say("grade.no_number_large")
    if isinstance(answer, str):
        return say("grade.no_number_date" if _DATE.fullmatch(answer.strip()) else "grade.no_number_text")
    if isinstance(answer, type):
        return say("grade.no_number_class", name=answer.__name__)
    return say("grade.no_number_other", name=type(answer).__name__)
