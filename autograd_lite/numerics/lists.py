"""The functions of lists: values and partials of the rows that take any number of operands.

Sums run left to right, so that every run rounds alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_lite.numerics.ieee import divide, exp, inf, log1p, nan

__all__ = ["cross_entropy", "cross_entropy_partials", "largest", "largest_share", "log_softmax_at",
           "log_softmax_partials", "logsumexp", "ones", "smallest", "smallest_share", "softmax", "softmax_at",
           "softmax_partials", "total"]  # fmt: skip


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
        if x > result or not x <= x:  # a nan is not equal to itself
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
    """Return how many entries equal a value as numbers: `==` of two Values asks whether they are one object."""
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
