"""The data sets: real rows, right shapes, the same points on every run."""

import math
import random
import re
import subprocess
import sys
from importlib.resources import files
from itertools import pairwise

import pytest

from autograd_lite import datasets

DRAWN = [datasets.moons, datasets.circles, datasets.xor, datasets.spirals]


def test_iris_holds_fishers_rows():
    X, y = datasets.iris()
    assert [len(X), len(y), y.count(0), y.count(1), y.count(2)] == [150, 150, 50, 50, 50]
    assert y == sorted(y)
    assert X[34] == [4.9, 3.1, 1.5, 0.2] and X[37] == [4.9, 3.6, 1.4, 0.1]  # not as in the UCI copy
    means = [math.fsum(column) / 150 for column in zip(*X, strict=True)]
    assert means == pytest.approx([5.843333333333334, 3.0573333333333332, 3.758, 1.1993333333333334])


def test_iris_equals_scikit_learns():
    sklearn = pytest.importorskip("sklearn.datasets")
    theirs = sklearn.load_iris()
    X, y = datasets.iris()
    assert theirs.data.tolist() == X and theirs.target.tolist() == y
    assert tuple(theirs.target_names) == datasets.IRIS_CLASSES


def test_iris_is_fresh_on_each_call():
    X, _ = datasets.iris()
    X[0][0] = 99.0
    assert datasets.iris()[0][0][0] == 5.1


def test_names_are_plain_words_each_once_the_commonest_first():
    names = datasets.names()
    assert len(names) == len(set(names)) == 3002
    assert all(re.fullmatch(r"[a-z]{3,8}", name) for name in names)
    assert names[:8] == ["james", "john", "robert", "michael", "mary", "william", "david", "richard"]
    assert {"olivia", "xavier", "ida"} <= {*names}


def test_names_come_with_their_source_and_licence():
    head = files("autograd_lite.datasets").joinpath("names.txt").read_text(encoding="utf-8").split("james")[0]
    assert all(line.startswith("# ") for line in head.splitlines())
    assert "US Census Bureau" in head and "public domain" in head


@pytest.mark.parametrize("draw", DRAWN)
@pytest.mark.parametrize("n", [2, 3, 100, 101])
def test_drawn_sets_have_shape_and_balance(draw, n):
    X, y = draw(n)
    assert len(X) == len(y) == n
    assert all(type(v) is float and math.isfinite(v) for row in X for v in row)
    assert all(len(row) == 2 for row in X)
    assert abs(y.count(0) - y.count(1)) <= 1 and set(y) == {0, 1}


@pytest.mark.parametrize("draw", DRAWN)
def test_drawn_sets_repeat_by_seed_and_leave_the_global_random_alone(draw):
    state = random.getstate()
    assert draw(50, 0.2, 7) == draw(50, 0.2, 7)
    assert draw(50, 0.2, 7) != draw(50, 0.2, 8)
    assert random.getstate() == state


@pytest.mark.parametrize("draw", DRAWN)
def test_classes_come_shuffled(draw):
    _, y = draw(100)
    assert 30 <= sum(a != b for a, b in pairwise(y)) <= 70


def test_moons_without_noise_lie_on_their_circles():
    X, y = datasets.moons(50, noise=0.0)
    for (a, b), label in zip(X, y, strict=True):
        assert math.hypot(a - label, b - 0.5 * label) == pytest.approx(1.0)


@pytest.mark.parametrize("draw", DRAWN)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 1}, "n: expected a number of points, an int of 2 or more, got 1"),
        ({"n": -5}, "got -5"),
        ({"n": 10.0}, "got 10.0"),
        ({"n": True}, "got True"),
        ({"noise": -0.1}, "noise: expected a standard deviation, a number of 0 or more, got -0.1"),
        ({"noise": math.nan}, "got nan"),
    ],
)
def test_misuse_says_what_was_expected(draw, arguments, message):
    with pytest.raises(ValueError, match=message):
        draw(**arguments)


def test_the_same_points_in_another_process():
    program = "from autograd_lite import datasets; print(datasets.spirals(20, 0.3, 5))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert run.stdout.strip() == str(datasets.spirals(20, 0.3, 5))
