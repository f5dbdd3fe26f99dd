"""Write `edges.txt`, the values and partials at the edges: `python -m tests.golden.edges`.

Written from mathematics and IEEE 754, not from the package:

- between zero and infinity the exact result (`tests/exact.py`, 50 digits) is rounded to the nearest float;
- at ±0, ±infinity and the ends of a domain stand literal limits, typed in below;
- sums, products, quotients and remainders of zeros and infinities follow IEEE 754 and C99's annex F, for powers with
  the limit 0 where infinity times 0 would be nan;
- a nan makes nan, except in algebraic partials (b of a * b) and in nan ** 0 and 1 ** nan, which are 1.

`±0` is a result too small for a float, a zero of either sign; every other zero has its sign.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mpmath
from mpmath import mpf

from tests.exact import EXACT, LISTS, exactly

inf, nan = math.inf, math.nan
SPECIAL = [s * x for x in (0.0, 5e-324, 2.2250738585072014e-308, 1e-200, 0.5, 1.0) for s in (1.0, -1.0)]
SPECIAL += [1.0 + 2.0**-52, 2.0, -2.0, 3.0]
SPECIAL += [s * x for x in (1e200, 1.7976931348623157e308, inf) for s in (1.0, -1.0)] + [nan]

# value and derivative at 0.0, at -0.0, at infinity, at minus infinity
HALF_PI, THIRD, PEAK, LOG_2 = math.pi / 2, 1.1283791670955126, 0.3989422804014327, 0.6931471805599453
DEGREES, RADIANS = 180 / math.pi, math.pi / 180
AT_THE_ENDS = {
    "neg": ((-0.0, -1.0), (0.0, -1.0), (-inf, -1.0), (inf, -1.0)),
    "pos": ((0.0, 1.0), (-0.0, 1.0), (inf, 1.0), (-inf, 1.0)),
    "abs": ((0.0, 0.0), (0.0, 0.0), (inf, 1.0), (inf, -1.0)),
    "sign": ((0.0, 0.0), (0.0, 0.0), (1.0, 0.0), (-1.0, 0.0)),
    "square": ((0.0, 0.0), (0.0, -0.0), (inf, inf), (inf, -inf)),
    "reciprocal": ((inf, -inf), (-inf, -inf), (0.0, -0.0), (-0.0, -0.0)),
    "rad2deg": ((0.0, DEGREES), (-0.0, DEGREES), (inf, DEGREES), (-inf, DEGREES)),
    "deg2rad": ((0.0, RADIANS), (-0.0, RADIANS), (inf, RADIANS), (-inf, RADIANS)),
    "exp2": ((1.0, LOG_2), (1.0, LOG_2), (inf, inf), (0.0, 0.0)),
    "log2": ((-inf, inf), (-inf, inf), (inf, 0.0), (nan, nan)),
    "log10": ((-inf, inf), (-inf, inf), (inf, 0.0), (nan, nan)),
    "exp": ((1.0, 1.0), (1.0, 1.0), (inf, inf), (0.0, 0.0)),
    "expm1": ((0.0, 1.0), (-0.0, 1.0), (inf, inf), (-1.0, 0.0)),
    "log": ((-inf, inf), (-inf, inf), (inf, 0.0), (nan, nan)),
    "log1p": ((0.0, 1.0), (-0.0, 1.0), (inf, 0.0), (nan, nan)),
    "sqrt": ((0.0, inf), (-0.0, inf), (inf, 0.0), (nan, nan)),
    "sin": ((0.0, 1.0), (-0.0, 1.0), (nan, nan), (nan, nan)),
    "cos": ((1.0, -0.0), (1.0, 0.0), (nan, nan), (nan, nan)),
    "tan": ((0.0, 1.0), (-0.0, 1.0), (nan, nan), (nan, nan)),
    "arcsin": ((0.0, 1.0), (-0.0, 1.0), (nan, nan), (nan, nan)),
    "arccos": ((HALF_PI, -1.0), (HALF_PI, -1.0), (nan, nan), (nan, nan)),
    "one_minus_square": ((1.0, -0.0), (1.0, 0.0), (-inf, -inf), (-inf, inf)),
    "arctan": ((0.0, 1.0), (-0.0, 1.0), (HALF_PI, 0.0), (-HALF_PI, 0.0)),
    "sinh": ((0.0, 1.0), (-0.0, 1.0), (inf, inf), (-inf, inf)),
    "cosh": ((1.0, 0.0), (1.0, -0.0), (inf, inf), (inf, -inf)),
    "tanh": ((0.0, 1.0), (-0.0, 1.0), (1.0, 0.0), (-1.0, 0.0)),
    "sech2": ((1.0, -0.0), (1.0, 0.0), (0.0, -0.0), (0.0, 0.0)),
    "arcsinh": ((0.0, 1.0), (-0.0, 1.0), (inf, 0.0), (-inf, 0.0)),
    "arccosh": ((nan, nan), (nan, nan), (inf, 0.0), (nan, nan)),
    "arctanh": ((0.0, 1.0), (-0.0, 1.0), (nan, nan), (nan, nan)),
    "erf": ((0.0, THIRD), (-0.0, THIRD), (1.0, 0.0), (-1.0, 0.0)),
    "erfc": ((1.0, -THIRD), (1.0, -THIRD), (0.0, -0.0), (2.0, -0.0)),
    "gauss": ((1.0, -0.0), (1.0, 0.0), (0.0, 0.0), (0.0, 0.0)),
    "normal_pdf": ((PEAK, -0.0), (PEAK, 0.0), (0.0, 0.0), (0.0, 0.0)),
    "normal_cdf": ((0.5, PEAK), (0.5, PEAK), (1.0, 0.0), (0.0, 0.0)),
    "sigmoid": ((0.5, 0.25), (0.5, 0.25), (1.0, 0.0), (0.0, 0.0)),
    "log_sigmoid": ((-LOG_2, 0.5), (-LOG_2, 0.5), (0.0, 0.0), (-inf, 1.0)),
    "softplus": ((LOG_2, 0.5), (LOG_2, 0.5), (inf, 1.0), (0.0, 0.0)),
    "relu": ((0.0, 0.0), (0.0, 0.0), (inf, 1.0), (0.0, 0.0)),
    "leaky_relu": ((0.0, 0.01), (-0.0, 0.01), (inf, 1.0), (-inf, 0.01)),
    "elu": ((0.0, 1.0), (-0.0, 1.0), (inf, 1.0), (-1.0, 0.0)),
    "gelu": ((0.0, 0.5), (-0.0, 0.5), (inf, 1.0), (0.0, 0.0)),
    "silu": ((0.0, 0.5), (-0.0, 0.5), (inf, 1.0), (0.0, 0.0)),
    "clamp": ((0.0, 0.0), (-0.0, 0.0), (1.0, 0.0), (0.0, 0.0)),
}
AT_THE_EDGE = {  # of the domain, or a kink
    ("log1p", -1.0): (-inf, inf), ("arcsin", 1.0): (HALF_PI, inf), ("arcsin", -1.0): (-HALF_PI, inf),
    ("arccos", 1.0): (0.0, -inf), ("arccos", -1.0): (math.pi, -inf), ("arctanh", 1.0): (inf, inf),
    ("arctanh", -1.0): (-inf, inf), ("arccosh", 1.0): (0.0, inf), ("clamp", 1.0): (1.0, 0.0),
}  # fmt: skip


def nearest(result: Any) -> float | str:
    """Return the float nearest to an exact result, or "±0" where that is a zero but the result is none."""
    exact, _ = exactly(result)
    if abs(exact) > mpf(2) ** 1024 * (1 - mpf(2) ** -54):
        return inf if exact > 0 else -inf
    return float(exact) if exact == 0 or float(exact) != 0.0 else "±0"


def of_one(name: str, x: float) -> tuple[Any, ...]:
    exact = EXACT[name]
    if math.isnan(x):
        return nan, {"neg": -1.0, "pos": 1.0, "rad2deg": DEGREES, "deg2rad": RADIANS}.get(name, nan)
    if x == 0.0 or math.isinf(x):
        return AT_THE_ENDS[name][(math.copysign(1.0, x) < 0) + 2 * math.isinf(x)]
    if (name, x) in AT_THE_EDGE:
        return AT_THE_EDGE[name, x]
    if not exact.low < x < exact.high:
        return nan, nan
    return nearest(exact.value(mpf(x))), nearest(exact.partials[0](mpf(x)))


# ------------------------------------------------------------------------------------- zeros and infinities in IEEE 754


def times(a: float, b: float) -> float:
    return a * b


def over(a: float, b: float) -> float:
    return a * math.copysign(inf, b) if b == 0.0 else a / b


def odd(b: float) -> bool:
    return math.isfinite(b) and b % 2.0 == 1.0


def c_pow(a: float, b: float) -> float:
    """C99's pow where an operand is 0, infinite or nan."""
    if b == 0.0 or a == 1.0 or (a == -1.0 and math.isinf(b)):
        return 1.0
    if math.isnan(a) or math.isnan(b):
        return nan
    grows = b > 0.0 if abs(a) > 1.0 else b < 0.0
    result = inf if grows else 0.0
    return -result if math.copysign(1.0, a) < 0.0 and odd(b) else result


def limit(factor: float, power: float) -> float:
    """The product, 0 where a power's limit 0 meets infinity."""
    return 0.0 if power == 0.0 else factor * power


def of_pow(a: float, b: float) -> tuple[Any, ...]:
    if math.isfinite(a) and math.isfinite(b) and a != 0.0 and b != 0.0:
        if a < 0.0 and b % 1.0 != 0.0:
            return nan, nan, nan
        exact = EXACT["pow"]
        value, slope = (nearest(f(mpf(a), mpf(b))) for f in (exact.value, exact.partials[0]))
        return value, slope, nan if a < 0.0 else nearest(exact.partials[1](mpf(a), mpf(b)))
    value = c_pow(a, b) if b != 1.0 else a
    by_a = 0.0 if b == 0.0 else b if b in (1.0,) else limit(b, c_pow(a, b - 1.0))
    if b == 2.0:
        by_a = 2.0 * a
    if math.isnan(a) or math.isnan(b):
        return value, by_a, 0.0 if a == 1.0 else nan
    if a < 0.0:
        return value, by_a, nan
    logarithm = -inf if a == 0.0 else inf if a == inf else float(mpmath.log(a))
    return value, by_a, 0.0 if a == 0.0 and b >= 0.0 else limit(logarithm, value) if value != 1.0 else logarithm


def of_div(a: float, b: float) -> tuple[Any, ...]:
    if math.isfinite(a) and math.isfinite(b) and a != 0.0 and b != 0.0:
        return tuple(nearest(f(mpf(a), mpf(b))) for f in (EXACT["div"].value, *EXACT["div"].partials))
    out = over(a, b)
    return (nan, nan, nan) if math.isnan(out) else (out, over(1.0, b), over(-out, b))


def of_mod(a: float, b: float) -> tuple[Any, ...]:
    if math.isnan(a) or math.isnan(b) or math.isinf(a) or b == 0.0:
        return nan, nan, nan
    same = math.copysign(1.0, a) == math.copysign(1.0, b)
    if math.isinf(b):
        value, quotient = (
            (a, 0.0) if a != 0.0 and same else (math.copysign(0.0, b), 0.0 if same else -0.0) if a == 0.0 else (b, -1.0)
        )
        return value, 1.0, -quotient
    if a == 0.0:
        return math.copysign(0.0, b), 1.0, -0.0 if same else 0.0
    value, quotient = nearest(EXACT["mod"].value(mpf(a), mpf(b))), nearest(EXACT["floor_divide"].value(mpf(a), mpf(b)))
    return value if value != 0.0 else math.copysign(0.0, b), 1.0, -quotient  # type: ignore[operator]


def of_floor_divide(a: float, b: float) -> tuple[Any, ...]:
    if b == 0.0 and a != 0.0 and not math.isnan(a):  # as a / b
        return math.copysign(inf, a) * math.copysign(1.0, b), 0.0, 0.0
    _, one, slope = of_mod(a, b)
    return (nan, nan, nan) if math.isnan(one) else (-slope, 0.0, 0.0)


def of_arctan2(a: float, b: float) -> tuple[Any, ...]:
    if math.isnan(a) or math.isnan(b):
        return nan, nan, nan
    left = math.copysign(1.0, b) < 0.0
    if math.isinf(a) or math.isinf(b):  # the partials vanish, from the side of their sign
        share = (
            HALF_PI
            if not math.isinf(b)
            else (3 * math.pi / 4 if left else math.pi / 4)
            if math.isinf(a)
            else math.pi
            if left
            else 0.0
        )
        return math.copysign(share, a), math.copysign(0.0, b), math.copysign(0.0, -a)
    if a == 0.0 and b == 0.0:
        return math.copysign(math.pi if left else 0.0, a), 0.0, 0.0
    by_a, by_b = (nearest(f(mpf(a), mpf(b))) for f in EXACT["arctan2"].partials)
    if a == 0.0:
        return math.copysign(math.pi if left else 0.0, a), by_a, math.copysign(0.0, -a)
    return nearest(mpmath.atan2(mpf(a), mpf(b))), math.copysign(0.0, b) if b == 0.0 else by_a, by_b


def of_hypot(a: float, b: float) -> tuple[Any, ...]:
    if math.isinf(a) or math.isinf(b):
        unclear = math.isnan(a) or math.isnan(b) or (math.isinf(a) and math.isinf(b))
        slopes = [math.copysign(1.0 if math.isinf(x) else 0.0, x) for x in (a, b)]
        return (inf, nan, nan) if unclear else (inf, *slopes)
    if math.isnan(a) or math.isnan(b):
        return nan, nan, nan
    if a == 0.0 and b == 0.0:
        return 0.0, 0.0, 0.0
    exact = EXACT["hypot"]
    slopes = [x if x == 0.0 else nearest(f(mpf(a), mpf(b))) for x, f in zip((a, b), exact.partials, strict=True)]
    return nearest(exact.value(mpf(a), mpf(b))), *slopes


def of_entropy(z: float, y: float) -> tuple[Any, ...]:
    if math.isnan(z):
        return nan, nan, nan
    if math.isinf(z):
        weight = 1.0 - y if z > 0.0 else y
        return (inf, math.copysign(weight, z), -z) if weight else (0.0, 0.0, -z)
    exact = EXACT["binary_cross_entropy_with_logits"]
    return nearest(exact.value(mpf(z), mpf(y))), nearest(exact.partials[0](mpf(z), mpf(y))), -z


# --------------------------------------------------------------------------------------------------- lists of two


def of_extreme(name: str, a: float, b: float) -> tuple[Any, ...]:
    if math.isnan(a) or math.isnan(b):
        return nan, nan, nan
    if a == b:
        return a, 0.5, 0.5
    first = a > b if name == "maximum" else a < b
    return (a, 1.0, 0.0) if first else (b, 0.0, 1.0)


def of_shifted(name: str, a: float, b: float) -> tuple[Any, ...]:
    """logsumexp and its family, of the first of two."""
    more = (0,) if name == "cross_entropy" else ()
    exact = LISTS[name]
    if math.isfinite(a) and math.isfinite(b):
        parts = exact.terms([mpf(a), mpf(b)], *more), exact.partials([mpf(a), mpf(b)], *more)[:2]
        value, slopes = nearest(parts[0]), [nearest(d) for d in parts[1]]
        return ("±0" if value == 0.0 and name != "logsumexp" else value), *slopes
    if math.isnan(a) or math.isnan(b):
        return nan, nan, nan
    if a == b:  # no weight is left to share, or two that are infinite
        return {"logsumexp": a}.get(name, nan), nan, nan
    first = a > b
    share, other = (1.0, 0.0) if first else (0.0, 1.0)
    return {
        "logsumexp": (max(a, b) + 0.0, share, other),
        "softmax": (share, 0.0, "±0"),
        "log_softmax": (0.0 if first else -inf, other, -other),
        "cross_entropy": (0.0 if first else inf, -other if other else 0.0, other),
    }[name]


def of_two(name: str, a: float, b: float) -> tuple[Any, ...]:
    if name in ("add", "sub"):
        return (a + b, 1.0, 1.0) if name == "add" else (a - b, 1.0, -1.0)
    if name in ("mul", "dot"):
        return (a * b, b, a) if name == "mul" else (0.0 + a * b, b, a, 1.0)
    if name == "sum":
        return a + b, 1.0, 1.0
    if name in ("maximum", "minimum"):
        return of_extreme(name, a, b)
    if name in LISTS:
        return of_shifted(name, a, b)
    return {"div": of_div, "pow": of_pow, "mod": of_mod, "floor_divide": of_floor_divide, "arctan2": of_arctan2,
            "hypot": of_hypot, "binary_cross_entropy_with_logits": of_entropy}[name](a, b)  # fmt: skip


def shown(x: Any) -> str:
    return x if isinstance(x, str) else repr(x)


def lines() -> Iterator[str]:
    yield "# operation, operands | value | partials; written by edges.py, which says how"
    for name in [*EXACT, *LISTS]:
        if name in AT_THE_ENDS:
            points: list[tuple[float, ...]] = [(x,) for x in SPECIAL]
        elif name in LISTS or EXACT[name].seconds:  # not those that are only the derivatives of others
            points = [(x, y) for x in SPECIAL for y in SPECIAL]
            if name == "binary_cross_entropy_with_logits":
                points = [(x, y) for x, y in points if 0.0 <= y <= 1.0]
        else:
            continue
        for point in points:
            value, *partials = of_one(name, *point) if len(point) == 1 else of_two(name, *point)
            yield f"{name} {' '.join(map(repr, point))} | {shown(value)} | {' '.join(map(shown, partials))}"


if __name__ == "__main__":
    Path(__file__).with_name("edges.txt").write_text("\n".join(lines()) + "\n", encoding="utf-8")
