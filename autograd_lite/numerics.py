"""Scalar mathematics on floats that never raises: every result is IEEE-754's, as in PyTorch, NumPy and C.

Python's own `math` raises where a tensor library returns inf or nan (`exp(710)`, `log(0)`, `1/0`), and
`(-8.0) ** (1/3)` is a complex number. Here stand

1. the *primitives*: `math`'s functions with IEEE results (a `try` costs nothing while nothing is raised);
2. the *composites*: the accurate formulas, written with primitives and plain arithmetic only, so that any other
   run (compiled code, say) obtains them by exchanging the primitives;
3. the *vector functions* of the n-ary operations: sums run left to right, so that every run rounds alike.

Accuracy: a few units in the last place on the whole domain; sources beside the formulas.

>>> exp(1000.0), log(0.0), divide(1.0, -0.0), power(-8.0, 1 / 3)
(inf, -inf, -inf, nan)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

inf = math.inf
nan = math.nan

# ---------------------------------------------------------------------------------------------- primitives


def exp(x: float) -> float:
    """Return $e^x$; inf where it overflows."""
    try:
        return math.exp(x)
    except OverflowError:
        return inf


def expm1(x: float) -> float:
    """Return $e^x - 1$ without cancellation near 0."""
    try:
        return math.expm1(x)
    except OverflowError:
        return inf


def log(x: float) -> float:
    """Return the natural logarithm; -inf at 0, nan below."""
    try:
        return math.log(x)
    except ValueError:
        return nan if x < 0.0 else -inf


def log2(x: float) -> float:
    """Return the logarithm to base 2; -inf at 0, nan below."""
    try:
        return math.log2(x)
    except ValueError:
        return nan if x < 0.0 else -inf


def log10(x: float) -> float:
    """Return the logarithm to base 10; -inf at 0, nan below."""
    try:
        return math.log10(x)
    except ValueError:
        return nan if x < 0.0 else -inf


def log1p(x: float) -> float:
    """Return $log(1 + x)$ without cancellation near 0; -inf at -1, nan below."""
    try:
        return math.log1p(x)
    except ValueError:
        return nan if x < -1.0 else -inf


def sqrt(x: float) -> float:
    """Return the square root; nan below 0."""
    try:
        return math.sqrt(x)
    except ValueError:
        return nan


def sin(x: float) -> float:
    """Return the sine; nan at ±inf."""
    try:
        return math.sin(x)
    except ValueError:
        return nan


def cos(x: float) -> float:
    """Return the cosine; nan at ±inf."""
    try:
        return math.cos(x)
    except ValueError:
        return nan


def tan(x: float) -> float:
    """Return the tangent; nan at ±inf."""
    try:
        return math.tan(x)
    except ValueError:
        return nan


def sinh(x: float) -> float:
    """Return the hyperbolic sine; ±inf where it overflows."""
    try:
        return math.sinh(x)
    except OverflowError:
        return inf if x > 0.0 else -inf


def cosh(x: float) -> float:
    """Return the hyperbolic cosine; inf where it overflows."""
    try:
        return math.cosh(x)
    except OverflowError:
        return inf


tanh = math.tanh
arctan = math.atan
arcsinh = math.asinh
arctan2 = math.atan2
erf = math.erf
erfc = math.erfc


def arcsin(x: float) -> float:
    """Return the inverse sine; nan outside [-1, 1]."""
    try:
        return math.asin(x)
    except ValueError:
        return nan


def arccos(x: float) -> float:
    """Return the inverse cosine; nan outside [-1, 1]."""
    try:
        return math.acos(x)
    except ValueError:
        return nan


def arccosh(x: float) -> float:
    """Return the inverse hyperbolic cosine; nan below 1."""
    try:
        return math.acosh(x)
    except ValueError:
        return nan


def arctanh(x: float) -> float:
    """Return the inverse hyperbolic tangent; ±inf at ±1, nan beyond."""
    try:
        return math.atanh(x)
    except ValueError:
        return inf if x == 1.0 else -inf if x == -1.0 else nan


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
    """Return $floor(a / b)$ that fits `mod`; nan where b is 0."""
    return nan if b == 0.0 else a // b  # asked first, for C's result is ±inf


# ---------------------------------------------------------------------------------------------- composites


def _power_of_two(a: float, b: float) -> float:
    """Return the factor, a power of two and so exact, that brings the squares of a and b within range."""
    largest = abs(a) if abs(a) > abs(b) else abs(b)
    return 2.0**-600 if largest > 1e150 else 2.0**600 if largest < 1e-140 else 1.0


def hypot(a: float, b: float) -> float:
    """Return $sqrt(a^2 + b^2)$ without overflow or underflow."""
    if abs(a) == inf or abs(b) == inf:  # even beside a nan
        return inf
    scale = _power_of_two(a, b)
    return sqrt(a * scale * (a * scale) + b * scale * (b * scale)) / scale


def hypot_slope(a: float, b: float) -> float:
    """Return $a / sqrt(a^2 + b^2)$, the cosine of an angle: the derivative of `hypot` by a; 0 at the origin."""
    if a == 0.0 and b == 0.0:
        return 0.0
    if abs(a) == inf or abs(b) == inf:  # the limit, if there is one
        return a / inf if abs(a) < inf else math.copysign(1.0, a) if abs(b) < inf else nan
    scale = _power_of_two(a, b)
    scaled = sqrt(a * scale * (a * scale) + b * scale * (b * scale))
    return a * scale / scaled if scale > 1.0 else a / scaled * scale  # neither quotient is subnormal if a / h is not


def arctan2_slope(a: float, b: float) -> float:
    """Return $b / (a^2 + b^2)$, the derivative of `arctan2` by a; 0 at the origin and at infinity."""
    if a == 0.0 and b == 0.0:
        return 0.0
    if abs(a) == inf or abs(b) == inf:
        return 0.0 * a + 0.0 * b if a != a or b != b else math.copysign(0.0, b)
    scale = _power_of_two(a, b)
    return divide(b * scale, a * scale * (a * scale) + b * scale * (b * scale)) * scale


def one_minus_square(x: float) -> float:
    """Return $1 - x^2 = (1 - x)(1 + x)$, which keeps its digits near ±1."""
    return (1.0 - x) * (1.0 + x)


def pow_derivative(a: float, b: float, m: float, n: float) -> float:
    """Return $a^b$ differentiated m times by a and n times by b, m + n > 0.

    That is $sum_i binom(n, i) f^{(n-i)}(b) log^i(a) a^{b-m}$ with $f(b) = b (b - 1) ... (b - m + 1)$, by Leibniz's
    rule. For n > 0 it is nan below a = 0, where $a^b$ lives at whole numbers b only. Zeros of a whole exponent's
    polynomial win over infinite powers ($x^0$ has the derivative 0 everywhere), limits over nan ($0.5^infinity$).
    """
    if b == 2.0 and m == 1.0 and n == 0.0:  # the square, soon
        return 2.0 * a
    h = b - m
    p = power(a, h)
    usual = 1e-290 < abs(p) < 1e290
    exact = h + m == b and b - h == m
    if usual and exact and m == 1.0 and n == 0.0:
        return b * p + 0.0  # 0.0, not -0.0, for the slope of a^0
    factor = 1.0
    if n > 0.0:
        if a == 0.0 and (h > 0.0 or (h == 0.0 and m == 0.0)):
            return 0.0
        factor = log(a) if m == 0.0 and n == 1.0 else _leibniz(log(a), b, int(m), int(n))
    else:
        for i in range(int(m)):
            factor *= b - i
    if usual and exact:
        return factor * p + 0.0
    if not exact and a < 0.0 and abs(a) < inf and abs(b) < inf and b % 1.0 != 0.0:
        return nan  # b - m may be a whole number by rounding, but a^b is none
    if factor == 0.0 or (p == 0.0 and (abs(a) == inf or abs(b) == inf)):
        return nan if n > 0.0 and a < 0.0 else 0.0
    if a == 0.0 or abs(a) == inf or abs(h) == inf or p != p or factor != factor:
        return factor * p
    back = h - b
    lost = exp(((b - (h - back)) - (m + back)) * log(abs(a)))  # by the rounding of b - m: Knuth's two-sum
    if usual:
        return factor * (p * lost)
    # where a^h is subnormal or infinite, the product may still be neither: multiply by a root, repeatedly
    times = 2 if 0.0 < power(abs(a), 0.5 * h) < inf else 8
    root = power(abs(a), h / times)
    if root == 0.0 or root == inf:
        return math.copysign(root, factor) * math.copysign(1.0, p)
    factor *= math.copysign(lost, p)
    for _ in range(times):
        factor *= root
    return factor


def _leibniz(logarithm: float, b: float, m: int, n: int) -> float:
    """Return $(d / db + log a)^n$ applied to $b (b - 1) ... (b - m + 1)$."""
    derivatives = [1.0] + [0.0] * n  # of the polynomial, from the 0th to the nth
    for i in range(m):
        for j in range(n, -1, -1):
            derivatives[j] = derivatives[j] * (b - i) + (j * derivatives[j - 1] if j > 0 else 0.0)
    result = 0.0
    binomial = 1.0
    for i in range(n + 1):
        if derivatives[n - i] != 0.0:
            term = binomial * derivatives[n - i]
            for _ in range(i):
                term *= logarithm
            result += term
        binomial = binomial * (n - i) / (i + 1)
    return result


def sigmoid(x: float) -> float:
    """Return $1 / (1 + e^{-x})$, from the side on which the exponential cannot overflow."""
    if x >= 0.0:
        return 1.0 / (1.0 + exp(-x))
    z = exp(x)
    return z / (1.0 + z)


def softplus(x: float) -> float:
    """Return $log(1 + e^x) = max(x, 0) + log1p(e^{-|x|})$."""
    tail = log1p(exp(-abs(x)))
    return x + tail if x > 0.0 else tail


def log_sigmoid(x: float) -> float:
    """Return $log sigmoid(x) = min(x, 0) - log1p(e^{-|x|})$."""
    tail = log1p(exp(-abs(x)))
    return x - tail if x < 0.0 else 0.0 - tail  # 0.0, not -0.0, far to the right


def sech2(x: float) -> float:
    """Return $1 / cosh^2 x = 4E / (1 + E)^2$ with $E = e^{-2|x|}$: the derivative of the hyperbolic tangent.

    The textbook's $1 - t^2$ has lost every digit at x = 20.
    """
    if abs(x) > 300.0:
        e = exp(-abs(x))
        return 4.0 * e * e
    e = exp(-2.0 * abs(x))
    t = 1.0 + e
    return 4.0 * e / (t * t + 2.0 * (e - (t - 1.0)))  # the last term is what t lost by rounding


def gauss_times(factor: float, x: float) -> float:
    """Return $factor e^{-x^2}$; x is split so that the square in the exponent is exact (Veltkamp, Dekker 1971).

    A root of the exponential is squared at the end: where the result is subnormal, it rounds once.
    """
    if abs(x) > 40.0:
        return 0.0 if abs(factor) == inf else factor * 0.0
    t = x * 134217729.0  # 2**27 + 1
    high = t - (t - x)
    low = x - high
    correction = expm1(-low * (2.0 * high + low))
    if abs(x) < 26.5:
        square = exp(-high * high)
        return factor * (square + square * correction)
    root = exp(-0.5 * high * high)
    return factor * (root + root * correction) * root


def gauss(x: float) -> float:
    """Return $e^{-x^2}$."""
    return gauss_times(1.0, x)


def normal_pdf_times(factor: float, x: float) -> float:
    """Return $factor e^{-x^2 / 2} / sqrt(2 pi)$, x split and the root squared as in `gauss_times`."""
    if abs(x) > 60.0:
        return 0.0 if abs(factor) == inf else factor * 0.0
    t = x * 134217729.0
    high = t - (t - x)
    low = x - high
    correction = 0.3989422804014327 * exp(-0.5 * low * (2.0 * high + low))
    if abs(x) < 37.0:
        return factor * (correction * exp(-0.5 * high * high))
    root = exp(-0.25 * high * high)
    return factor * root * correction * root


def normal_pdf(x: float) -> float:
    """Return the normal density $e^{-x^2 / 2} / sqrt(2 pi)$."""
    return normal_pdf_times(1.0, x)


_SQRT_HALF = 0.7071067811865476
_SQRT_HALF_REST = -4.833646656726457e-17  # sqrt(1/2) minus the float above


def normal_cdf(x: float) -> float:
    """Return the normal distribution $erfc(-x / sqrt 2) / 2$, corrected for the rounding of $x / sqrt 2$."""
    if abs(x) > 60.0:
        return 1.0 if x > 0.0 else 0.0
    y = x * _SQRT_HALF
    t = x * 134217729.0
    x_high = t - (t - x)
    x_low = x - x_high
    t = _SQRT_HALF * 134217729.0
    c_high = t - (t - _SQRT_HALF)
    c_low = _SQRT_HALF - c_high
    rest = ((x_high * c_high - y) + x_high * c_low + x_low * c_high) + x_low * c_low + x * _SQRT_HALF_REST
    # first-order Taylor step: d/dy erfc(-y) = 2 / sqrt(pi) * exp(-y^2)
    return 0.5 * erfc(-y) + rest * 0.5641895835477563 * exp(-y * y)


def gelu(x: float) -> float:
    """Return $x Phi(x)$ with the exact normal distribution (Hendrycks and Gimpel 2016); 0 at -inf."""
    if x < -60.0:
        return 0.0
    if x < -37.0:  # the distribution is subnormal here: x times its asymptotic series (Mills' ratio)
        r = 1.0 / (x * x)
        tail = 1.0 - r * (1.0 - 3.0 * r * (1.0 - 5.0 * r * (1.0 - 7.0 * r * (1.0 - 9.0 * r * (1.0 - 11.0 * r)))))
        return normal_pdf_times(-tail, x)
    return x * normal_cdf(x)


def sigmoid_times(factor: float, x: float) -> float:
    """Return $factor sigmoid(x)$; 0 far to the left. Where the sigmoid is subnormal, the result rounds once."""
    if x < -1500.0:
        return 0.0 if abs(factor) == inf else factor * 0.0
    if x < -700.0:
        root = exp(0.5 * x)
        return factor * root * root
    return factor * sigmoid(x)


def silu(x: float) -> float:
    """Return $x sigmoid(x)$; 0 at -inf."""
    return sigmoid_times(x, x)


def binary_cross_entropy_with_logits(z: float, y: float) -> float:
    """Return $(1 - y) softplus(z) + y softplus(-z)$; a term of weight 0 is left out, for 0 * inf is nan."""
    if y == 0.0:
        return softplus(z)
    if y == 1.0:
        return softplus(-z)
    return (1.0 - y) * softplus(z) + y * softplus(-z)


# ---------------------------------------------------------------------------------------- vector functions


def total(xs: Sequence[float]) -> float:
    """Return $x_1 + x_2 + …$, left to right (builtin `sum` compensates since Python 3.12, and so rounds apart)."""
    result = xs[0]
    for i in range(1, len(xs)):
        result += xs[i]
    return result


def largest(xs: Sequence[float]) -> float:
    """Return the largest number; nan if there is one."""
    result = xs[0]
    for x in xs:
        if x > result or not x <= x:  # not one that is equal to itself: nan
            result = x
    return result


def smallest(xs: Sequence[float]) -> float:
    """Return the smallest number; nan if there is one."""
    result = xs[0]
    for x in xs:
        if x < result or not x <= x:
            result = x
    return result


def _count(xs: Sequence[Any], value: Any) -> int:
    """Return how many entries are equal to a value, as numbers: two Values are equal only if they are one."""
    count = 0
    for x in xs:
        if x <= value and x >= value:
            count += 1
    return count


def _peak(xs: Sequence[float]) -> int:
    """Return the index of the first largest number."""
    peak = 0
    for i in range(1, len(xs)):
        if xs[i] > xs[peak]:
            peak = i
    return peak


def _exp_of_difference(x: float, m: float) -> float:
    """Return $e^{x - m}$ for x <= m, corrected for the rounding of $x - m$ (Knuth's two-sum)."""
    d = x - m
    if d < -750.0:
        return 0.0
    back = d - x
    rest = (x - (d - back)) - (m + back)
    return exp(d) * (1.0 + rest)


def _rest_at(xs: Sequence[float], peak: int) -> float:
    """Return the sum of $e^{x_j - x_peak}$ over all j but the peak."""
    rest = 0.0
    for j in range(len(xs)):
        if j != peak:
            rest += _exp_of_difference(xs[j], xs[peak])
    return rest


def logsumexp(xs: Sequence[float]) -> float:
    """Return $log sum_j e^{x_j} = m + log1p(sum of the others' e^{x_j - m})$, m the largest.

    Source: Blanchard, Higham, Higham, IMA J. Numer. Anal. 41 (2021).
    """
    peak = _peak(xs)
    m = xs[peak]
    if m == inf or m == -inf:
        return largest(xs)
    return m + log1p(_rest_at(xs, peak))


def softmax(xs: Sequence[float]) -> list[float]:
    """Return $e^{x_i} / sum_j e^{x_j}$ for each i, shifted by the largest."""
    m = largest(xs)
    if m == inf:  # all weight on the one infinite entry; with two of them it is undecided
        return [nan] * len(xs) if _count(xs, m) > 1 else [1.0 if x == m else 0.0 for x in xs]
    powers = [_exp_of_difference(x, m) for x in xs]
    scale = total(powers)
    return [divide(e, scale) for e in powers]


def softmax_at(xs: Sequence[float], i: float) -> float:
    """Return the i-th output of `softmax`."""
    return softmax(xs)[int(i)]


def log_softmax_at(xs: Sequence[float], i: float) -> float:
    """Return $x_i - logsumexp(x)$, as $(x_i - m) - log1p(…)$ so that a certain class keeps its digits."""
    return 0.0 - cross_entropy(xs, i)  # 0.0, not -0.0, for a certain class


def cross_entropy(xs: Sequence[float], target: float) -> float:
    """Return $-log softmax(x)_t = (m - x_t) + log1p(sum of the others' e^{x_j - m})$, m the largest.

    A target that is no index gives nan.
    """
    if not 0.0 <= target < len(xs):
        return nan
    peak = _peak(xs)
    m = xs[peak]
    t = int(target)
    if m == inf or m == -inf:
        if largest(xs) != m:
            return nan
        return inf if xs[t] < m else 0.0 if m > 0.0 and _count(xs, m) == 1 else nan
    return (m - xs[t]) + log1p(_rest_at(xs, peak))


# The partials of n-ary rows, as lists. They use nothing but operators on the entries, so the same code gives
# the derivatives' numbers (entries are floats) and the derivatives' graph (entries are Values).


def ones(xs: Sequence[Any]) -> list[float]:
    """Return a 1 for each entry."""
    return [1.0] * len(xs)


def largest_share(xs: Sequence[Any]) -> list[float]:
    """Return 1 for the largest entry, shared evenly between equals (the subgradient of least norm), else 0."""
    return _share(xs, largest(xs))


def smallest_share(xs: Sequence[Any]) -> list[float]:
    """Return 1 for the smallest entry, shared evenly between equals, else 0."""
    return _share(xs, smallest(xs))


def _share(xs: Sequence[Any], extreme: Any) -> list[float]:
    if not extreme <= extreme:
        return [nan] * len(xs)
    share = 1.0 / _count(xs, extreme)
    return [share if x <= extreme and x >= extreme else 0.0 for x in xs]


def _others(ps: Sequence[Any], i: int) -> Any:
    """Return the sum of all entries but the i-th: $1 - p_i$ without cancellation."""
    rest: Any = 0.0
    for j in range(len(ps)):
        if j != i:
            rest = rest + ps[j]
    return rest


def softmax_partials(ps: Sequence[Any], i: float) -> list[Any]:
    """Return $p_i (1[i = j] - p_j)$ for each j."""
    return [ps[int(i)] * (_others(ps, j) if j == i else -ps[j]) for j in range(len(ps))]


def log_softmax_partials(ps: Sequence[Any], i: float) -> list[Any]:
    """Return $1[i = j] - p_j$ for each j."""
    return [_others(ps, j) if j == i else -ps[j] for j in range(len(ps))]


def cross_entropy_partials(ps: Sequence[Any], target: float) -> list[Any]:
    """Return $p_j - 1[j = t]$ for each j."""
    return [0.0 - _others(ps, j) if j == target else ps[j] for j in range(len(ps))]
