"""The primitives: `math`'s functions, with IEEE-754's result where Python raises, as a table.

The functions are written from the table, so that other languages, whose functions do not raise, need its names only.
A `try` costs nothing while nothing is raised.

>>> exp(1000.0), log(0.0), divide(1.0, -0.0), power(-8.0, 1 / 3)
(inf, -inf, -inf, nan)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from autograd_lite.generated import run_text

__all__ = ["arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cos", "cosh", "divide", "erf",
           "erfc", "exp", "expm1", "floor_divide", "inf", "log", "log1p", "log2", "log10", "mod", "nan", "power",
           "sin", "sinh", "sqrt", "tan", "tanh"]  # fmt: skip

inf = math.inf
nan = math.nan


@dataclass(frozen=True, slots=True)
class Primitive:
    """A row of the table: a function of `math`, and the results, expressions in x, where it raises."""

    name: str
    function: str  # its name in `math`
    overflow: str  # in the place of an OverflowError; "" if there is none
    undefined: str  # in the place of a ValueError, outside the domain


PRIMITIVES: dict[str, Primitive] = {}
F = TypeVar("F", bound=Callable[..., float])

_TEXT = '''
def {name}(x: float) -> float:
    """Return {doc}."""
    try:
        return math.{function}(x)
    except {error}:
        return {result}
'''


def _primitive(name: str, function: F, doc: str, overflow: str = "", undefined: str = "") -> F:
    """Enter a row, and return its function: `math`'s own where that never raises."""
    row = PRIMITIVES[name] = Primitive(name, function.__name__, overflow, undefined)
    if not (overflow or undefined):
        return function
    error = "OverflowError" if overflow else "ValueError"
    text = _TEXT.format(name=name, doc=doc, function=row.function, error=error, result=overflow or undefined)
    return run_text(text, f"<the primitive {name}>", globals())[name]  # type: ignore[no-any-return]


# fmt: off
exp = _primitive("exp", math.exp, "$e^x$; inf where it overflows", overflow="inf")
expm1 = _primitive("expm1", math.expm1, "$e^x - 1$ without cancellation near 0", overflow="inf")
log = _primitive("log", math.log, "the natural logarithm; -inf at 0, nan below", undefined="nan if x < 0.0 else -inf")
log2 = _primitive("log2", math.log2, "the logarithm to base 2", undefined="nan if x < 0.0 else -inf")
log10 = _primitive("log10", math.log10, "the logarithm to base 10", undefined="nan if x < 0.0 else -inf")
log1p = _primitive("log1p", math.log1p, "$log(1 + x)$ without cancellation near 0; -inf at -1, nan below",
                   undefined="nan if x < -1.0 else -inf")
sqrt = _primitive("sqrt", math.sqrt, "the square root; nan below 0", undefined="nan")
sin = _primitive("sin", math.sin, "the sine; nan at ±inf", undefined="nan")
cos = _primitive("cos", math.cos, "the cosine; nan at ±inf", undefined="nan")
tan = _primitive("tan", math.tan, "the tangent; nan at ±inf", undefined="nan")
sinh = _primitive("sinh", math.sinh, "the hyperbolic sine; ±inf where it overflows",
                  overflow="inf if x > 0.0 else -inf")
cosh = _primitive("cosh", math.cosh, "the hyperbolic cosine; inf where it overflows", overflow="inf")
tanh = _primitive("tanh", math.tanh, "the hyperbolic tangent")
arcsin = _primitive("arcsin", math.asin, "the inverse sine; nan outside [-1, 1]", undefined="nan")
arccos = _primitive("arccos", math.acos, "the inverse cosine; nan outside [-1, 1]", undefined="nan")
arctan = _primitive("arctan", math.atan, "the inverse tangent")
arctan2 = _primitive("arctan2", math.atan2, "the angle of the point (x, y), given y and x")
arcsinh = _primitive("arcsinh", math.asinh, "the inverse hyperbolic sine")
arccosh = _primitive("arccosh", math.acosh, "the inverse hyperbolic cosine; nan below 1", undefined="nan")
arctanh = _primitive("arctanh", math.atanh, "the inverse hyperbolic tangent; ±inf at ±1, nan beyond",
                     undefined="inf if x == 1.0 else -inf if x == -1.0 else nan")
erf = _primitive("erf", math.erf, "the error function")
erfc = _primitive("erfc", math.erfc, "1 minus the error function, without cancellation")
# fmt: on

# ------------------------------------------------------------------------- arithmetic, where Python raises or differs


def divide(a: float, b: float) -> float:
    """Return $a / b$; ±inf or nan where b is 0."""
    try:
        return a / b
    except ZeroDivisionError:
        return a * math.copysign(inf, b)  # 0 * inf and nan * inf are nan, as 0/0 and nan/0 are


def power(a: float, b: float) -> float:
    """Return $a^b$, $a^2$ as $a * a$; nan for a negative base with a fractional exponent, never complex."""
    if b == 2.0:
        return a * a
    try:
        return math.pow(a, b)
    except OverflowError:
        return -inf if a < 0.0 and b % 2.0 == 1.0 else inf
    except ValueError:
        if a < 0.0:
            return nan
        return math.copysign(inf, a) if b % 2.0 == 1.0 else inf  # 0 to a negative power


def mod(a: float, b: float) -> float:
    """Return Python's $a % b$ (the sign of b); nan where b is 0 or a is infinite."""
    try:
        return a % b
    except ZeroDivisionError:
        return nan


def floor_divide(a: float, b: float) -> float:
    """Return $floor(a / b)$ that fits `mod`; as $a / b$ where b is 0."""
    return divide(a, b) if b == 0.0 else a // b
