"""What explorers set out to do, from nothing to its result, with the names that README gives them."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, nn


def test_newtons_method_finds_the_bottom_of_rosenbrocks_valley() -> None:
    x, y = Value(-1.2, label="x"), Value(1.0, label="y")
    steps = 0
    while math.hypot(x.data - 1.0, y.data - 1.0) > 1e-12 and steps < 20:
        steps += 1
        f = (1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2
        (a, b), (c, d) = ag.hessian(f, [x, y])
        p, q = ag.grad(f, [x, y])
        det = a * d - b * c
        x.data, y.data = x.data - (d * p - b * q) / det, y.data - (a * q - c * p) / det
    assert steps <= 7


def test_a_differential_equation_is_solved_by_a_net_with_derivatives_in_its_loss() -> None:
    """u' = -u with u(0) = 1: u = 1 + t N(t) holds the beginning, and the loss is the mean of (u' + u)²."""
    net = nn.MLP(1, [8, 1], activation="tanh", init="xavier", seed=0)

    def u(t: Any) -> Any:
        return 1.0 + t * net([t])

    @ag.compile
    def residual(t: Any) -> Any:
        value = u(t)
        return (ag.grad(value, t, create_graph=True) + value) ** 2

    times, adam = [0.1 * i for i in range(21)], nn.Adam(net.parameters(), lr=0.02)
    for _ in range(400):
        adam.zero_grad()
        residual.mean(times).backward()
        adam.step()
    assert max(abs(u(Value(t)).data - math.exp(-t)) for t in times) < 0.01


def split(X: Any, y: Any) -> tuple[Any, Any]:
    """Standardise the columns; return two thirds of the rows, and the others."""
    columns = []
    for column in zip(*X, strict=True):
        mean = sum(column) / len(column)
        size = math.sqrt(sum((v - mean) ** 2 for v in column) / len(column)) or 1.0
        columns.append([(v - mean) / size for v in column])
    rows = list(zip(map(list, zip(*columns, strict=True)), y, strict=True))
    random.Random(0).shuffle(rows)
    cut = 2 * len(rows) // 3
    return tuple([*zip(*part, strict=True)] for part in (rows[:cut], rows[cut:]))  # type: ignore[return-value]


def table(name: str) -> Any:
    found = pytest.importorskip("sklearn.datasets", reason="scikit-learn has the data; pip install scikit-learn")
    X, y = getattr(found, f"load_{name}")(return_X_y=True)
    return X.tolist(), y.tolist()


@pytest.mark.slow
def test_wine_is_told_apart_by_the_names_of_its_growers() -> None:
    X, y = table("wine")
    names = [("Barolo", "Grignolino", "Barbera")[i] for i in y]
    (rows, targets), (other, truth) = split(X, names)
    model, epochs = nn.MLP(13, [8, 3], output="softmax", init="he", seed=0), []
    history = nn.fit(
        model, [*rows], [*targets], lr=nn.warmup(nn.cosine(0.05, epochs=60), epochs=5), epochs=60, batch_size=32,
        seed=0, optimizer="adamw", weight_decay=0.01, clip=1.0, validation=0.2, patience=20, diagnose=True,
        progress=False, callback=lambda epoch, history: epochs.append(epoch),
    )  # fmt: skip
    assert epochs == [*range(1, len(history.loss) + 1)] and history.classes == ("Barbera", "Barolo", "Grignolino")
    assert model.evaluate([*other], [*truth]).accuracy > 0.93 and history.diagnoses
    found = model.predict([*other])  # a row of probabilities for each
    assert all(sum(row) == pytest.approx(1.0) for row in found)


@pytest.mark.slow
def test_digits_are_read() -> None:
    (rows, targets), (other, truth) = split(*table("digits"))
    model = nn.MLP(64, [32, 10], output="softmax", init="he", seed=0)
    nn.fit(model, [*rows], [*targets], lr=0.01, epochs=30, batch_size=32, seed=0, progress=False)
    assert nn.accuracy(model.predict([*other]), [*truth]) > 0.93


def test_a_chain_of_a_hundred_steps_is_drawn_with_its_middle_left_out() -> None:
    y = x = Value(0.5, label="x")
    for _ in range(100):
        y = (y * 1.01).sin() + x
    y.backward()
    picture = ag.draw(y)
    assert len(picture.scene.cards) < 60 and any(card.name.startswith("⋯") for card in picture.scene.cards)
