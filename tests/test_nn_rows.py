"""Rows that a Module of one's own takes: nested, of different lengths; replayed where all have one shape."""

from __future__ import annotations

import math
import sys
from collections import deque, namedtuple
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, nn


def given(X: Any) -> Any:
    """Return rows; those that a function makes with NumPy, where that is installed."""
    return X(pytest.importorskip("numpy")) if callable(X) else X


class Recurrent(nn.Module):
    """Reads a list of vectors, of any length."""

    def __init__(self) -> None:
        rng = Random(0)
        self.cell, self.out = nn.Layer(4, 2, activation="tanh", rng=rng), nn.Layer(2, 1, False, rng=rng)

    def __call__(self, rows: Any) -> Value:
        h: list[Any] = [0.0, 0.0]
        for x in rows:
            h = self.cell([*x, *h])
        found: Value = self.out(h)
        return found


class Sum(nn.Module):
    def __init__(self) -> None:
        self.w = [Value(1.0), Value(2.0)]

    def __call__(self, x: Any) -> Value:
        return ag.dot(self.w, x)


def own_loss(predictions: Any, targets: Any) -> Value:
    return ag.mean([(p - y) ** 2 for p, y in zip(predictions, targets, strict=True)])


RNG = Random(1)
SAME = [[[RNG.uniform(-1.0, 1.0) for _ in range(2)] for _ in range(3)] for _ in range(12)]
OTHERS = [rows[: 1 + i % 3] for i, rows in enumerate(SAME)]
Y = [sum(x for x, _ in rows) for rows in SAME]


@pytest.mark.parametrize("loss", ["mse", own_loss])
@pytest.mark.parametrize(("X", "replayed"), [(SAME, True), (OTHERS, False)])
def test_fit_takes_nested_rows(X: Any, replayed: bool, loss: Any, capsys: pytest.CaptureFixture[str]) -> None:
    model, eager = Recurrent(), Recurrent()
    history = nn.fit(model, X, Y, loss=loss, lr=0.05, epochs=5, validation=(OTHERS, Y))
    assert ("differ in shape" in capsys.readouterr().out) is not replayed
    optimizer = nn.Adam(eager.parameters(), lr=0.05)
    for found in history.loss:
        value = nn.mse_loss([eager(rows) for rows in X], Y)
        assert found == pytest.approx(value.data, rel=1e-9)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
    assert history.validation_loss[-1] == pytest.approx(eager.evaluate(OTHERS, Y, "mse").loss, rel=1e-9)


def test_predict_and_diagnose_take_nested_rows() -> None:
    model = Recurrent()
    expected = [model(rows).data for rows in OTHERS]
    assert model.predict(OTHERS) == expected
    assert model.predict(OTHERS * 10) == pytest.approx(expected * 10, rel=1e-12)
    assert nn.diagnose(model, OTHERS, Y, loss="mse").loss == pytest.approx(model.evaluate(OTHERS, Y, "mse").loss)


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        ([[1, 2], [3]], ValueError, "X, row 2: Sum does not take it, and not all rows have its shape: dot of lists"),
        ([[1, 2], [3, "a"]], TypeError, "X, row 2, number 2: expected a number, got str 'a'"),
        ([[[1, 2]], [[3, math.nan]]], ValueError, "X, row 2, number 1, number 2: expected a finite number, got nan"),
        ([[1, 2], 3], TypeError, "X, row 2: expected a list of numbers, got int 3"),
        ([(1, 2), (3, 10**400)], OverflowError, "X, row 2, number 2: int too large for a float: beyond 1.8e308"),
        (
            lambda np: np.array([1.0, 2.0]),
            TypeError,
            "X, row 1: expected a list of numbers, got float 1.0; rows stand in a list",
        ),
        (
            lambda np: np.array([[1, 2], [3, math.nan]]),
            ValueError,
            "X, row 2, number 2: expected a finite number, got nan",
        ),
        ([], ValueError, "X: expected at least one row, got none"),
        ([[1, 2], {3, 4}], TypeError, "X, row 2: expected a list, got set {3, 4}: a set has no order"),
    ],
)
def test_rows_that_are_wrong_are_named(X: Any, error: type[Exception], message: str) -> None:
    X = given(X)
    with pytest.raises(error) as found:
        nn.fit(Sum(), X, [1.0] * len(X), loss="mse", progress=False)
    assert str(found.value).startswith(message)


def test_rows_of_a_net_keep_their_length() -> None:
    with pytest.raises(ValueError, match=r"^X, row 2: expected 2 numbers, got 1$"):
        nn.fit(nn.MLP(2, [1]), [[1, 2], [3]], [1.0, 2.0], progress=False)


# ----------------------------------------------------------------------- rows as they are, in every way of running them

Point = namedtuple("Point", "a b")
COUNT = 120  # predict records a net from 100 rows on


def drawn(row: Callable[[Random], Any]) -> list[Any]:
    rng = Random(3)
    return [row(rng) for _ in range(COUNT)]


INTS = drawn(lambda rng: [rng.randrange(5), rng.randrange(3)])
FLOATS = drawn(lambda rng: [rng.random(), rng.random(), rng.random()])
BOOLS = drawn(lambda rng: [rng.random() < 0.5, rng.random()])
LARGE = [[2**60 + 10 * i + i % 7] for i in range(COUNT)]
BRANCH, REPLAYED = "decides by", ""  # what fit says of a net that it does not replay


class Own(nn.Module):
    """A Module that computes by a function of (its weights, its weights in an array, a row)."""

    def __init__(self, function: Callable[[Any, Any, Any], Any]) -> None:
        self.w, self.function = [Value(0.1 * i + 0.3) for i in range(5)], function

    def __call__(self, x: Any) -> Any:
        numpy = sys.modules.get("numpy")
        return self.function(self.w, numpy and numpy.array(self.w), x)


KINDS = {
    "an index": (lambda w, _, x: w[x[0]] * w[-1], INTS, BRANCH),
    "an index in an array of ints": (lambda w, _, x: w[x[0]] * w[-1], lambda np: np.array(INTS), BRANCH),
    "a count": (lambda w, _, x: w[0] * 2.0 + sum(w[i] for i in range(x[0])), INTS, BRANCH),
    "a key": (lambda w, _, x: {(0, 0): w[0], (1, 2): w[1]}.get(x, w[2]) * 1.0, [*map(tuple, INTS)], BRANCH),
    "a bit": (lambda w, _, x: w[0] * (x[0] & 1) + w[1], INTS, "unsupported operand type(s) for &"),
    "NumPy's methods": (
        lambda _, w, x: x[:2] @ w[:2] + w[3] * x.sum() + x.shape[0], lambda np: np.array(FLOATS), REPLAYED),
    "arrays in a list": (lambda _, w, x: (x * w[:3]).sum(), lambda np: [*map(np.array, FLOATS)], REPLAYED),
    "arrays of ints": (lambda _, w, x: (x * w[:2]).sum() / x.size, lambda np: np.array(INTS), REPLAYED),
    "a kind of numbers": (lambda w, _, x: w[x.dtype.kind == "i"] * x[0], lambda np: np.array(INTS), "something else"),
    "a tuple": (lambda w, _, x: ag.dot(w, x.__add__((1.0, 2.0))), [*map(tuple, FLOATS)], REPLAYED),
    "names": (lambda w, _, x: w[0] * x.a + w[1] * x.b, [Point(*row) for row in INTS], REPLAYED),
    "a bool": (lambda w, _, x: (w[0] if x[0] else w[1]) * x[1], BOOLS, BRANCH),
    "a bool as a number": (lambda w, _, x: w[0] * x[0] + w[1] * (1 - x[0]) * x[1], BOOLS, REPLAYED),
    "bools in an array": (lambda w, _, x: w[0] * x[0] + w[1], lambda np: np.array(BOOLS) > 0.5, REPLAYED),
    "a bool itself": (lambda w, _, x: w[0] * (3.0 if x[0] is True else 1.0), BOOLS, "something else"),
    "numbers of NumPy's": (
        lambda w, _, x: w[x[0].item()] * 1.0, lambda np: [[np.int64(i)] for i, _ in INTS], "operation by"),
    "a large int": (lambda w, _, x: w[0] * (x[0] % 7), LARGE, "no float holds it exactly"),
    "one int among floats": (
        lambda w, _, x: w[isinstance(x[0], int)] * x[0], [[0.5 * i] if i != 7 else [i] for i in range(COUNT)],
        "something else"),
}  # fmt: skip


def mean_of_squares(p: Any, y: Any) -> Any:
    return sum((a - b) ** 2 for a, b in zip(p, y, strict=True)) / len(p)


def root(p: Any, y: Any) -> Any:
    return mean_of_squares(p, y).sqrt()


@pytest.mark.filterwarnings("ignore:no gradient reached")
@pytest.mark.parametrize("loss", [nn.mse_loss, mean_of_squares, root], ids=lambda loss: loss.__name__)
@pytest.mark.parametrize("kind", KINDS)
def test_a_module_meets_the_rows_that_it_is_called_with(
    kind: str, loss: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    function, rows, remark = KINDS[kind]
    X = given(rows)
    model, twin = Own(function), Own(function)
    y = [0.1 * (i % 5) for i in range(COUNT)]

    expected = [model(x).data for x in X]
    assert model.predict(X) == expected and model.predict(X[:9]) == expected[:9]
    value = loss([model(x) for x in X], y).data
    assert model.evaluate(X, y, loss).loss == pytest.approx(value, rel=1e-12)
    assert nn.diagnose(model, X, y, loss=loss).loss == pytest.approx(value, rel=1e-12)

    history = nn.fit(model, X, y, loss=loss, lr=0.01, epochs=4, validation=(X, y))
    printed = capsys.readouterr().out
    assert remark in printed if remark else "operation by operation" not in printed
    optimizer = nn.Adam(twin.parameters(), lr=0.01)
    for found in history.loss:
        step = loss([twin(x) for x in X], y)
        assert found == pytest.approx(step.data, rel=1e-9)
        optimizer.zero_grad()
        step.backward()
        optimizer.step()
    assert history.validation_loss[-1] == pytest.approx(loss([twin(x) for x in X], y).data, rel=1e-9)
    assert nn.fit(model, X, y, loss=loss, epochs=2, batch_size=7, validation=0.3, progress=False).loss


@pytest.mark.parametrize(
    ("X", "kinds"),
    [
        ([[1, 2.5], [True, 3]], ["int", "float", "bool", "int"]),
        (lambda np: [[1, 2.5], [True, np.float32(3.0)]], ["int", "float", "bool", "float32"]),
        (((1, 2), (3, 4)), ["int"] * 4),
        ([range(2), deque([2, 3])], ["int"] * 4),
        ([Point(1, 2), Point(True, 4)], ["int", "int", "bool", "int"]),
        (lambda np: np.array([[1, 2], [3, 4]], dtype="uint8"), ["uint8"] * 4),
    ],
)
def test_rows_are_copies_with_their_containers_and_numbers(X: Any, kinds: list[str]) -> None:
    seen: list[Any] = []
    X = given(X)
    array = getattr(sys.modules.get("numpy"), "ndarray", ())
    Own(lambda w, _, x: (seen.append(x), w[0])[1]).predict(X)
    assert [type(number).__name__ for row in seen for number in row] == kinds
    for row, before in zip(seen, X, strict=True):
        assert type(row) is (type(before) if isinstance(before, (list, tuple, array)) else list)
        assert row is not before or type(row) is tuple
        assert not isinstance(row, array) or row.base is None  # of its own memory


def test_a_row_of_another_container_is_named() -> None:
    message = r"^X, row 2: Own does not take it, and not all rows have its shape: .*no attribute 'copy'"
    with pytest.raises(ValueError, match=message):
        Own(lambda w, _, x: w[x.index(1)] * x.copy()[0]).predict([[1], (1,)])


def test_a_net_of_many_ways_predicts_without_a_warning(recwarn: pytest.WarningsRecorder) -> None:
    table = {i: 0.5 * i for i in range(200)}
    model = Own(lambda w, _, x: w[0] * table[x[0]])
    assert model.predict([[i] for i in range(200)]) == [0.3 * table[i] for i in range(200)]
    assert model.predict([[1.0] * (1 + i // 3) for i in range(200)]) == [0.15] * 200
    assert not recwarn.list


@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize("loss", [mean_of_squares, root])
def test_a_loss_of_ones_own_meets_the_targets_that_were_given(outputs: int, loss: Any) -> None:
    costs, seen = {0: 1.0, 1: 2.5, 2: 4.0}, set()

    def dear(p: Any, y: Any) -> Any:
        if outputs == 2:
            p, y = [a for a, _ in p], [a for a, _ in y]
        seen.update(type(b) for b in y)
        return loss([a * costs[b] for a, b in zip(p, y, strict=True)], [b % 2 for b in y])

    X = [row[:2] for row in FLOATS]
    y: Any = [x for x, _ in drawn(lambda rng: (rng.randrange(3), 0))]
    y = y if outputs == 1 else [(target, True) for target in y]
    model = nn.MLP(2, [3, outputs], "tanh", seed=0)
    expected = dear([model(x) for x in X], y).data
    seen.clear()
    assert nn.fit(model, X, y, loss=dear, epochs=3, progress=False).loss[0] == pytest.approx(expected, rel=1e-12)
    assert int in seen and float not in seen
    assert nn.MLP(2, [3, outputs], "tanh", seed=0).evaluate(X, y, dear).loss == pytest.approx(expected, rel=1e-12)
