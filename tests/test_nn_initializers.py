"""Initialisers: the spread that each formula promises."""

import random
import statistics
from random import Random

import pytest

from autograd_lite.nn.initializers import INITIALIZERS, weight_sampler


@pytest.mark.parametrize(
    ("name", "deviation", "bound"),
    [
        ("uniform", 3**-0.5, 1.0),
        ("xavier", (2 / (30 + 20)) ** 0.5, (6 / (30 + 20)) ** 0.5),
        ("he", (2 / 30) ** 0.5, None),
        ("normal", 1.0, None),
        ("zeros", 0.0, 0.0),
    ],
)
def test_mean_and_spread(name, deviation, bound):
    draw = weight_sampler(name, 30, 20, Random(0))
    weights = [draw() for _ in range(20_000)]
    assert statistics.fmean(weights) == pytest.approx(0.0, abs=0.03)
    assert statistics.pstdev(weights) == pytest.approx(deviation, rel=0.03)
    if bound is not None:
        assert max(map(abs, weights)) <= bound


@pytest.mark.parametrize("name", INITIALIZERS)
def test_the_same_with_a_seeded_generator_and_the_global_one(name):
    random.seed(5)
    from_global = [weight_sampler(name, 3, 2)() for _ in range(4)]
    rng = Random(5)
    # A normal draw makes two numbers and keeps one for later, so one sampler is used on each side.
    assert [weight_sampler(name, 3, 2, rng)() for _ in range(4)] == from_global


def test_a_function_draws_weights_too():
    weights = iter([1.0, 2.0])
    draw = weight_sampler(lambda: next(weights), 1, 1)
    assert [draw(), draw()] == [1.0, 2.0]
