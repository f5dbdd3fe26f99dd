"""Rows that a Module of one's own takes: nested, of different lengths; replayed where all have one shape."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, nn


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
        ([], ValueError, "X: expected at least one row, got none"),
    ],
)
def test_rows_that_are_wrong_are_named(X: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as found:
        nn.fit(Sum(), X, [1.0] * len(X), loss="mse", progress=False)
    assert str(found.value).startswith(message)


def test_rows_of_a_net_keep_their_length() -> None:
    with pytest.raises(ValueError, match=r"^X, row 2: expected 2 numbers, got 1$"):
        nn.fit(nn.MLP(2, [1]), [[1, 2], [3]], [1.0, 2.0], progress=False)
