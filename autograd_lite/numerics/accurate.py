"""The composites: accurate formulas, written with the primitives and plain arithmetic only.

They keep to a small part of Python (assignments, `if`, `for` over a range, calls, comparisons, conditional expressions;
a test holds them to it), because other languages translate their text and exchange the primitives. Accuracy: a few
units in the last place on the whole domain; sources beside the formulas.
"""

from __future__ import annotations

from math import copysign

from autograd_lite.numerics.ieee import divide, erfc, exp, expm1, inf, log, log1p, nan, power, sqrt

__all__ = ["arctan2_slope", "binary_cross_entropy_with_logits", "gauss", "gauss_times", "gelu", "hypot",
           "hypot_slope", "log_sigmoid", "normal_cdf", "normal_pdf", "normal_pdf_times", "one_minus_square",
           "pow_derivative", "sech2", "sigmoid", "sigmoid_times", "silu", "softplus"]  # fmt: skip


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
        return a / inf if abs(a) < inf else copysign(1.0, a) if abs(b) < inf else nan
    scale = _power_of_two(a, b)
    scaled = sqrt(a * scale * (a * scale) + b * scale * (b * scale))
    return a * scale / scaled if scale > 1.0 else a / scaled * scale  # neither quotient is subnormal if a / h is not


def arctan2_slope(a: float, b: float) -> float:
    """Return $b / (a^2 + b^2)$, the derivative of `arctan2` by a; 0 at the origin and at infinity."""
    if a == 0.0 and b == 0.0:
        return 0.0
    if abs(a) == inf or abs(b) == inf:
        return 0.0 * a + 0.0 * b if a != a or b != b else copysign(0.0, b)
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
        return copysign(root, factor) * copysign(1.0, p)
    factor *= copysign(lost, p)
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


def _high_part(x: float) -> float:
    """Return the upper half of the digits of x, whose square is exact (Veltkamp's split, Dekker 1971)."""
    t = x * 134217729.0  # 2**27 + 1
    return t - (t - x)


def gauss_times(factor: float, x: float) -> float:
    """Return $factor e^{-x^2}$; x is split so that the square in the exponent is exact.

    A root of the exponential is squared at the end: where the result is subnormal, it rounds once.
    """
    if abs(x) > 40.0:
        return 0.0 if abs(factor) == inf else factor * 0.0
    high = _high_part(x)
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
    high = _high_part(x)
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
_SQRT_HALF_HIGH = 0.7071067839860916  # its high part, see above
_SQRT_HALF_LOW = -2.7995440410322203e-09
_SQRT_HALF_REST = -4.833646656726457e-17  # sqrt(1/2) minus the float


def normal_cdf(x: float) -> float:
    """Return the normal distribution $erfc(-x / sqrt 2) / 2$, corrected for the rounding of $x / sqrt 2$."""
    if abs(x) > 60.0:
        return 1.0 if x > 0.0 else 0.0
    y = x * _SQRT_HALF
    high = _high_part(x)
    low = x - high
    rest = (high * _SQRT_HALF_HIGH - y) + high * _SQRT_HALF_LOW + low * _SQRT_HALF_HIGH
    rest = rest + low * _SQRT_HALF_LOW + x * _SQRT_HALF_REST
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
    """Return $(1 - y) softplus(z) + y softplus(-z)$; a term of weight 0 is left out, because 0 * inf is nan."""
    if y == 0.0:
        return softplus(z)
    if y == 1.0:
        return softplus(-z)
    return (1.0 - y) * softplus(z) + y * softplus(-z)
