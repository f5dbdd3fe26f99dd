"""Mathematics on floats: IEEE results where `math` raises, sums left to right."""

import math

from autograd_lite import numerics as n
from autograd_lite.ops import TABLE

inf, nan = math.inf, math.nan


def test_nothing_raises():
    assert (n.exp(710.0), n.log(0.0), n.divide(1.0, -0.0), n.power(0.0, -1.0), n.power(-0.0, -3.0)) == (
        inf, -inf, -inf, inf, -inf)  # fmt: skip
    assert n.power(-1e200, 3.0) == -inf and n.power(-1e200, 4.0) == inf and n.sinh(-1000.0) == -inf
    assert all(map(math.isnan, (n.power(-8.0, 1 / 3), n.divide(0.0, 0.0), n.log(-1.0), n.sin(inf), n.mod(1.0, 0.0))))


def test_lengths_neither_overflow_nor_underflow():
    assert math.isclose(n.hypot(3e200, 4e200), 5e200, rel_tol=4e-16) and math.isclose(
        n.hypot(3e-200, 4e-200), 5e-200, rel_tol=4e-16
    )
    assert n.hypot(nan, inf) == inf and n.hypot(inf, nan) == inf and math.isnan(n.hypot(nan, 1.0))


def test_sums_run_left_to_right():
    assert n.total([1e16, 1.0, -1e16]) == 0.0  # builtin sum gives 1.0 since Python 3.12
    assert TABLE["dot"].forward([1e16, 1.0], [1.0, 1.0], -1e16) == 1.0


def test_shifted_sums_of_powers():
    assert n.logsumexp([1000.0, 1000.0]) == 1000.0 + math.log(2.0)
    assert n.softmax([inf, 0.0]) == [1.0, 0.0] and n.softmax([710.0, 710.0]) == [0.5, 0.5]
    assert n.softmax_at([0.0, 0.0], 1.0) == 0.5 and n.cross_entropy([1000.0, 0.0], 0.0) == 0.0


def test_the_far_ends_of_gelu_and_a_class_that_is_none():
    assert n.gelu(-40.0) == 0.0 and n.gelu(-37.5) < 0.0 and abs(n.gelu(-38.0)) < abs(n.gelu(-37.5)) < 1e-304
    assert all(math.isnan(n.cross_entropy([1.0, 2.0], target)) for target in (nan, -1.0, 2.0))


def test_a_tail_that_underflows_wins_over_an_infinite_factor():
    for factor in (inf, -inf, 1e308, 1.0):
        assert n.gauss_times(factor, 40.1) == n.gauss_times(factor, -1e200) == 0.0
        assert n.normal_pdf_times(factor, 60.1) == n.normal_pdf_times(factor, -inf) == 0.0
        assert n.sigmoid_times(factor, -1500.1) == n.sigmoid_times(factor, -inf) == 0.0
