"""Every row of the table in exact mathematics: value, first and second derivatives, with 50 digits.

Written from calculus, not from the package. Each entry is a function of the operands that returns a number, or the
list of the terms whose sum is meant: where terms cancel, no formula in floats is better than its largest term.
"""

# ruff: noqa: E501

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath
from mpmath import mpf, sqrt

mpmath.mp.dps = 50
EPS = 2.0**-52
TINY = 5e-324
HUGE = mpf(1.7976931348623157e308)
one, zero = mpf(1), mpf(0)
PI = mpmath.pi


def exp(x: Any) -> Any:
    """e^x; beyond 10^5 the results are no floats in any case, and mpmath takes for ever."""
    return mpmath.exp(max(min(x, 100000), -100000))


def erfc(x: Any) -> Any:
    return mpmath.erfc(max(min(x, 300), -300))


def pow_(a: Any, b: Any) -> Any:
    if a == 0 or b == 0:
        return one if b == 0 else zero if b > 0 else mpmath.inf
    return exp(b * mpmath.log(abs(a))) * (-1 if a < 0 and int(b) % 2 else 1)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + exp(-x))


def softplus(x: Any) -> Any:
    return max(x, zero) + mpmath.log1p(exp(-abs(x)))


def cosh(x: Any) -> Any:
    return (exp(x) + exp(-x)) / 2


def sinh(x: Any) -> Any:
    return mpmath.sinh(max(min(x, 100000), -100000))


def tanh(x: Any) -> Any:
    return mpmath.tanh(max(min(x, 1000), -1000))


def sech2(x: Any) -> Any:
    return 1 / cosh(x) ** 2


def cdf(x: Any) -> Any:
    return erfc(-x / sqrt(2)) / 2


def pdf(x: Any) -> Any:
    return exp(-x * x / 2) / sqrt(2 * PI)


def bell(x: Any) -> Any:
    return exp(-x * x)


def fraction(x: Any) -> Fraction:
    """The number itself: quotients of floats may have 600 digits before the point."""
    sign, mantissa, exponent, _ = mpf(x)._mpf_
    return (-1) ** sign * int(mantissa) * Fraction(2) ** exponent


def floor_quotient(a: Any, b: Any) -> int:
    return math.floor(fraction(a) / fraction(b))


def remainder(a: Any, b: Any) -> Any:
    rest = fraction(a) % fraction(b)
    return mpf(rest.numerator) / rest.denominator


def log(x: Any) -> Any:
    return mpmath.log(x)


def length(a: Any, b: Any) -> Any:
    return sqrt(a * a + b * b)


Formula = Callable[..., Any]


@dataclass(frozen=True)
class Exact:
    """A row of one or two operands: value, partials, second derivatives (aa; or aa, ab, bb), and where it lives.

    A row without second derivatives is there to be a derivative of another row (`pow_derivative`).
    """

    value: Formula
    partials: tuple[Formula, ...]
    seconds: tuple[Formula, ...]
    low: float = -math.inf
    high: float = math.inf
    kinks: tuple[float, ...] = ()


def _(
    value: Formula, partials: Any, seconds: Any = (), low: float = -math.inf, high: float = math.inf, kinks: Any = ()
) -> Exact:
    listed = lambda x: x if isinstance(x, tuple) else (x,)  # noqa: E731
    return Exact(value, listed(partials), listed(seconds), low, high, kinks)


nil = lambda *_: zero  # noqa: E731
unit = lambda *_: one  # noqa: E731
minus = lambda *_: -one  # noqa: E731
FIFTH = mpf(0.01)  # the slope of leaky ReLU, the float

EXACT: dict[str, Exact] = {
    "add": _(lambda a, b: a + b, (unit, unit), (nil, nil, nil)),
    "sub": _(lambda a, b: a - b, (unit, minus), (nil, nil, nil)),
    "mul": _(lambda a, b: a * b, (lambda a, b: b, lambda a, b: a), (nil, unit, nil)),
    "div": _(lambda a, b: a / b, (lambda a, b: 1 / b, lambda a, b: -a / b**2),
             (nil, lambda a, b: -1 / b**2, lambda a, b: 2 * a / b**3)),
    "pow": _(pow_, (lambda a, b: b * pow_(a, b - 1), lambda a, b: pow_(a, b) * log(a)),
             (lambda a, b: b * (b - 1) * pow_(a, b - 2),
              lambda a, b: [pow_(a, b - 1), b * pow_(a, b - 1) * log(a)],
              lambda a, b: pow_(a, b) * log(a) ** 2)),
    "pow_derivative": _(lambda a, b: b * pow_(a, b - 1),
                        (lambda a, b: b * (b - 1) * pow_(a, b - 2), lambda a, b: [pow_(a, b - 1), b * pow_(a, b - 1) * log(a)])),
    "mod": _(remainder, (unit, lambda a, b: mpf(-floor_quotient(a, b))), (nil, nil, nil)),
    "floor_divide": _(lambda a, b: mpf(floor_quotient(a, b)), (nil, nil), (nil, nil, nil)),
    "neg": _(lambda a: -a, minus, nil),
    "pos": _(lambda a: a, unit, nil),
    "abs": _(abs, mpmath.sign, nil, kinks=(0.0,)),
    "sign": _(mpmath.sign, nil, nil, kinks=(0.0,)),
    "square": _(lambda a: a * a, lambda a: 2 * a, lambda a: mpf(2)),
    "reciprocal": _(lambda a: 1 / a, lambda a: -1 / a**2, lambda a: 2 / a**3, kinks=(0.0,)),
    "rad2deg": _(lambda a: 180 * a / PI, lambda a: 180 / PI, nil),
    "deg2rad": _(lambda a: PI * a / 180, lambda a: PI / 180, nil),
    "exp": _(exp, exp, exp),
    "exp2": _(lambda a: exp(a * log(2)), lambda a: log(2) * exp(a * log(2)), lambda a: log(2) ** 2 * exp(a * log(2))),
    "expm1": _(lambda a: mpmath.expm1(min(a, 100000)), exp, exp),
    "log": _(log, lambda a: 1 / a, lambda a: -1 / a**2, low=0.0),
    "log_slope": _(lambda a: 1 / a, lambda a: -1 / a**2, low=0.0),
    "log2": _(lambda a: log(a) / log(2), lambda a: 1 / (a * log(2)), lambda a: -1 / (a**2 * log(2)), low=0.0),
    "log10": _(lambda a: log(a) / log(10), lambda a: 1 / (a * log(10)), lambda a: -1 / (a**2 * log(10)), low=0.0),
    "log1p": _(mpmath.log1p, lambda a: 1 / (1 + a), lambda a: -1 / (1 + a) ** 2, low=-1.0),
    "sqrt": _(sqrt, lambda a: 1 / (2 * sqrt(a)), lambda a: -1 / (4 * a * sqrt(a)), low=0.0),
    "sin": _(mpmath.sin, mpmath.cos, lambda a: -mpmath.sin(a)),
    "cos": _(mpmath.cos, lambda a: -mpmath.sin(a), lambda a: -mpmath.cos(a)),
    "tan": _(mpmath.tan, lambda a: 1 + mpmath.tan(a) ** 2, lambda a: 2 * mpmath.tan(a) * (1 + mpmath.tan(a) ** 2)),
    "arcsin": _(mpmath.asin, lambda a: 1 / sqrt(1 - a * a), lambda a: a / sqrt(1 - a * a) ** 3, low=-1.0, high=1.0),
    "arccos": _(mpmath.acos, lambda a: -1 / sqrt(1 - a * a), lambda a: -a / sqrt(1 - a * a) ** 3, low=-1.0, high=1.0),
    "one_minus_square": _(lambda a: (1 - a) * (1 + a), lambda a: -2 * a, lambda a: mpf(-2)),
    "arctan": _(mpmath.atan, lambda a: 1 / (1 + a * a), lambda a: -2 * a / (1 + a * a) ** 2),
    "arctan2": _(mpmath.atan2, (lambda a, b: b / (a * a + b * b), lambda a, b: -a / (a * a + b * b)),
                 (lambda a, b: -2 * a * b / length(a, b) ** 4, lambda a, b: (a - b) * (a + b) / length(a, b) ** 4,
                  lambda a, b: 2 * a * b / length(a, b) ** 4)),
    "arctan2_slope": _(lambda a, b: b / (a * a + b * b),
                       (lambda a, b: -2 * a * b / length(a, b) ** 4, lambda a, b: (a - b) * (a + b) / length(a, b) ** 4)),
    "hypot": _(length, (lambda a, b: a / length(a, b), lambda a, b: b / length(a, b)),
               (lambda a, b: b * b / length(a, b) ** 3, lambda a, b: -a * b / length(a, b) ** 3, lambda a, b: a * a / length(a, b) ** 3)),
    "hypot_slope": _(lambda a, b: a / length(a, b),
                     (lambda a, b: b * b / length(a, b) ** 3, lambda a, b: -a * b / length(a, b) ** 3)),
    "sinh": _(sinh, cosh, sinh),
    "cosh": _(cosh, sinh, cosh),
    "tanh": _(tanh, sech2, lambda a: -2 * tanh(a) * sech2(a)),
    "sech2": _(sech2, lambda a: -2 * tanh(a) * sech2(a), lambda a: [4 * tanh(a) ** 2 * sech2(a), -2 * sech2(a) ** 2]),
    "arcsinh": _(mpmath.asinh, lambda a: 1 / sqrt(1 + a * a), lambda a: -a / sqrt(1 + a * a) ** 3),
    "arccosh": _(mpmath.acosh, lambda a: 1 / sqrt(a * a - 1), lambda a: -a / sqrt(a * a - 1) ** 3, low=1.0),
    "arctanh": _(mpmath.atanh, lambda a: 1 / (1 - a * a), lambda a: 2 * a / (1 - a * a) ** 2, low=-1.0, high=1.0),
    "erf": _(lambda a: mpmath.erf(max(min(a, 300), -300)), lambda a: 2 / sqrt(PI) * bell(a), lambda a: -4 * a / sqrt(PI) * bell(a)),
    "erfc": _(erfc, lambda a: -2 / sqrt(PI) * bell(a), lambda a: 4 * a / sqrt(PI) * bell(a)),
    "gauss": _(bell, lambda a: -2 * a * bell(a), lambda a: [4 * a * a * bell(a), -2 * bell(a)]),
    "gauss_times": _(lambda a, b: a * bell(b), (lambda a, b: bell(b), lambda a, b: -2 * a * b * bell(b))),
    "normal_pdf_times": _(lambda a, b: a * pdf(b), (lambda a, b: pdf(b), lambda a, b: -a * b * pdf(b))),
    "normal_pdf": _(pdf, lambda a: -a * pdf(a), lambda a: [a * a * pdf(a), -pdf(a)]),
    "normal_cdf": _(cdf, pdf, lambda a: -a * pdf(a)),
    "sigmoid": _(sigmoid, lambda a: sigmoid(a) * sigmoid(-a),
                 lambda a: [sigmoid(a) * sigmoid(-a) ** 2, -(sigmoid(a) ** 2) * sigmoid(-a)]),
    "sigmoid_times": _(lambda a, b: a * sigmoid(b), (lambda a, b: sigmoid(b), lambda a, b: a * sigmoid(b) * sigmoid(-b))),
    "log_sigmoid": _(lambda a: -softplus(-a), lambda a: sigmoid(-a), lambda a: -sigmoid(a) * sigmoid(-a)),
    "softplus": _(softplus, sigmoid, lambda a: sigmoid(a) * sigmoid(-a)),
    "relu": _(lambda a: max(a, zero), lambda a: mpf(a > 0), nil, kinks=(0.0,)),
    "leaky_relu": _(lambda a: a if a > 0 else FIFTH * a, lambda a: one if a > 0 else FIFTH, nil, kinks=(0.0,)),
    "elu": _(lambda a: a if a > 0 else mpmath.expm1(a), lambda a: one if a > 0 else exp(a),
             lambda a: zero if a > 0 else exp(a), kinks=(0.0,)),
    "gelu": _(lambda a: a * cdf(a), lambda a: [cdf(a), a * pdf(a)], lambda a: [2 * pdf(a), -a * a * pdf(a)]),
    "silu": _(lambda a: a * sigmoid(a), lambda a: [sigmoid(a), a * sigmoid(a) * sigmoid(-a)],
              lambda a: [2 * sigmoid(a) * sigmoid(-a), a * sigmoid(a) * sigmoid(-a) ** 2, -a * sigmoid(a) ** 2 * sigmoid(-a)]),
    "clamp": _(lambda a: min(max(a, zero), one), lambda a: mpf(0 < a < 1), nil, kinks=(0.0, 1.0)),
    "binary_cross_entropy_with_logits": _(
        lambda z, y: (1 - y) * softplus(z) + y * softplus(-z),
        (lambda z, y: [(1 - y) * sigmoid(z), -y * sigmoid(-z)], lambda z, y: -z),
        (lambda z, y: sigmoid(z) * sigmoid(-z), minus, nil)),
}  # fmt: skip


# ------------------------------------------------------------------------------------------------ rows of lists


def softmax(xs: Any) -> list[Any]:
    top = max(xs)
    powers = [exp(x - top) for x in xs]
    scale = mpmath.fsum(powers)
    return [p / scale for p in powers]


def kept(xs: Any, i: Any, j: Any, ps: Any = None) -> Any:
    """1[i = j] - p_j without cancellation: for i = j the sum of the others."""
    ps = softmax(xs) if ps is None else ps
    return mpmath.fsum(p for k, p in enumerate(ps) if k != j) if i == j else -ps[j]


def target_minus_softmax(xs: Any, i: Any) -> list[Any]:
    ps = softmax(xs)
    return [kept(xs, i, j, ps) for j in range(len(xs))]


def logsumexp(xs: Any) -> list[Any]:
    """As its two terms."""
    order = sorted(xs)
    return [order[-1], mpmath.log1p(mpmath.fsum(exp(x - order[-1]) for x in order[:-1]))]


def surprise(xs: Any, i: Any) -> list[Any]:
    """-log softmax_i as terms, none of which is negative: what lies above x_i, and the logarithm."""
    top, rest = logsumexp(xs)
    return [top - xs[int(i)], rest]


def softmax_slope(xs: Any, i: Any, j: Any) -> Any:
    """d softmax_i / d x_j."""
    return softmax(xs)[i] * kept(xs, i, j)


@dataclass(frozen=True)
class ExactOfList:
    """A row of lists: the terms of its value, its flat partials, and the terms of d2 / dx_i dx_j, if not 0."""

    terms: Formula
    partials: Formula
    seconds: Formula | None = None


LISTS: dict[str, ExactOfList] = {
    "sum": ExactOfList(lambda a: a, lambda a: [one] * len(a)),
    "dot": ExactOfList(lambda a, b, c: [*map(mpmath.fmul, a, b), c], lambda a, b, c: [*b, *a, one]),
    "maximum": ExactOfList(lambda a: [max(a)], lambda a: [mpf(x == max(a)) / a.count(max(a)) for x in a]),
    "minimum": ExactOfList(lambda a: [min(a)], lambda a: [mpf(x == min(a)) / a.count(min(a)) for x in a]),
    "logsumexp": ExactOfList(logsumexp, softmax, softmax_slope),
    "softmax": ExactOfList(
        lambda a: [softmax(a)[0]], lambda a: list(map(mpmath.fmul, [softmax(a)[0]] * len(a), target_minus_softmax(a, 0))),
        lambda a, i, j: [softmax(a)[0] * kept(a, 0, i) * kept(a, 0, j), -softmax(a)[0] * softmax_slope(a, i, j)]),
    "log_softmax": ExactOfList(lambda a: [-t for t in surprise(a, 0)], lambda a: target_minus_softmax(a, 0),
                               lambda a, i, j: -softmax_slope(a, i, j)),
    "cross_entropy": ExactOfList(surprise, lambda a, t: [*(-d for d in target_minus_softmax(a, t)), zero],
                                 lambda a, t, i, j: softmax_slope(a, i, j)),
}  # fmt: skip


# ------------------------------------------------------------------------------------------------------- errors


def exactly(result: Any) -> tuple[Any, Any]:
    """Return the exact number, and the size of its largest term."""
    if not isinstance(result, list):
        return result, abs(result)
    total = mpmath.fsum(result)
    return total, max(abs(total), *map(abs, result))


def ulps(got: float, result: Any) -> float:
    """Return the error in units of the last place of the exact result, or of its largest term if that is larger.

    A result within a unit of the largest float may be infinite.
    """
    exact, size = exactly(result)
    if abs(exact) > HUGE or math.isinf(got):
        near = abs(exact) > HUGE * (1 - 4 * mpf(EPS))
        return 0.0 if near and (got > 0) == (exact > 0) and (abs(got) > 1.7e308) else math.inf
    if got != got:
        return math.inf
    return float(abs(mpf(got) - exact) / mpf(math.ulp(float(min(size, HUGE)))))


# ------------------------------------------------------------------------------------------------------- points

SPECIAL = (0.5, 1.0, 2.0, 3.0, 1.0 + EPS, 1e-200, 2.0**-1022, TINY, 1e200, 1.7976931348623157e308, 20.0, 37.0, 38.5,
           40.0, 1.278464542761074, 0.7517915247, 710.0, 709.782712893384, 720.0, 740.0, 745.1, 1.5707963267948966,
           3.141592653589793, 0.9999999999, 26.5, 27.2, 8.3, 0.8862269254527579,
           2.421249936224718)  # fmt: skip


def points(low: float, high: float, count: int, near: int, seed: str) -> Iterator[float]:
    """Yield `count` numbers of the open interval, and `near` around special points and ends.

    Half of the `count` are uniform in the logarithm, half are uniform where most functions bend.
    """
    draw = random.Random(seed)
    special = [x for s in SPECIAL for x in (s, -s)] + [0.0, low, high]
    special = [x for x in special if low <= x <= high and math.isfinite(x)]
    for i in range(near):
        x = special[i % len(special)]
        if i >= len(special):
            x += draw.choice([-1.0, 1.0]) * (abs(x) or 1.0) * 10.0 ** draw.uniform(-16, -1)
        if low < x < high and math.isfinite(x) and x != 0.0:
            yield x
    for i in range(count):
        kind = i % 4
        if kind == 0:  # any magnitude that a float has
            x = draw.choice([-1.0, 1.0]) * 10.0 ** draw.uniform(-323, 308.2)
        elif kind == 1:  # where most functions live
            x = draw.choice([-1.0, 1.0]) * 10.0 ** draw.uniform(-20, 3)
        elif kind == 2:
            x = draw.uniform(max(low, -800.0), min(high, 800.0))
        else:
            x = draw.uniform(max(low, -10.0), min(high, 10.0))
        if not low < x < high:
            x = (
                abs(x)
                if low < abs(x) < high
                else low + 10.0 ** draw.uniform(-17, 2)
                if high == math.inf
                else draw.uniform(low, high)
            )
        if low < x < high:
            yield x


def pairs(name: str, count: int, near: int) -> Iterator[tuple[float, float]]:
    """Yield operands for a row of two: apart, of like size, and at special points."""
    draw = random.Random(name)
    first = list(points(-math.inf, math.inf, count, near, name + " a"))
    second = list(points(-math.inf, math.inf, count, near, name + " b"))
    draw.shuffle(second)
    for i, (a, b) in enumerate(zip(first, second, strict=False)):
        if i % 3 == 1:  # of like size
            b = a * draw.choice([-1.0, 1.0]) * 10.0 ** draw.uniform(-20, 20)
        elif i % 6 == 2:  # nearly equal
            b = a * draw.choice([-1.0, 1.0]) * (1.0 + draw.choice([0.0, 10.0 ** draw.uniform(-16, -1)]))
        if name in ("pow", "pow_derivative"):
            a, b = _base_and_exponent(a, b, i, draw)
        elif name == "binary_cross_entropy_with_logits":
            b = draw.choice([0.0, 1.0, 0.5, draw.random()])
        elif name in ("gauss_times", "normal_pdf_times", "sigmoid_times"):
            a, b = max(min(a, 1e300), -1e300), second[i]  # a factor that the chain rule can still multiply
        if (b != 0.0 and math.isfinite(b)) or name == "binary_cross_entropy_with_logits":
            yield a, b


def _base_and_exponent(a: float, b: float, i: int, draw: random.Random) -> tuple[float, float]:
    if i % 4 == 0:  # results of any magnitude
        a = abs(a)
        return (a, draw.uniform(-760.0, 760.0) / math.log(a)) if a != 1.0 else (a, b)
    if i % 4 == 1:
        return abs(a), draw.choice([2.0, 3.0, -1.0, 0.5, -0.5, 1.5, 1.0, -2.0, draw.uniform(-5.0, 5.0)])
    if i % 4 == 2:
        return -abs(a), float(draw.randint(-6, 6) or 7)
    return abs(a), b
