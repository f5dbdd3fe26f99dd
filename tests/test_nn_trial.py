"""A net with a state of its own is trained as by hand: the runs in which it is recorded leave no trace in it."""

import math
import random
from collections import deque
from typing import Any

import pytest

from autograd_lite import Value, nn

X, Y = [[1.0], [2.0], [5.0]], [1.0, 2.0, 3.0]


class RunningMean(nn.Module):
    def __init__(self):
        self.w, self.mean = Value(1.0), 0.0

    def __call__(self, x):
        self.mean = 0.9 * self.mean + 0.1 * x[0]
        return self.w * (x[0] - self.mean)


class Previous(nn.Module):
    def __init__(self):
        self.w, self.last, self.extremes = Value(1.0), 0.0, {}

    def __call__(self, x):
        before, self.last = self.last, x[0]
        self.extremes["low"] = min(self.extremes.get("low", 9.0), x[0])
        return self.w * (x[0] + before)


class Counter(nn.Module):
    def __init__(self):
        self.w, self.calls, self.seen, self.kinds, self.window = Value(1.0), 0, [], set(), deque(maxlen=2)

    def __call__(self, x):
        self.calls += 1
        self.seen.append(x[0])
        self.window.append(x[0])
        self.kinds.add(x[0] > 1.5)
        return self.w * x[0] * (1.0 + 0.01 * self.calls)


def by_hand(model, epochs):
    losses = []
    for _ in range(epochs):
        model.zero_grad()
        loss = nn.mse_loss([model(x) for x in X], Y)
        loss.backward()
        model.w.data -= 0.01 * model.w.grad
        losses.append(loss.data)
    return losses


def state_of(model):
    return {name: item for name, item in vars(model).items() if name != "w"}


@pytest.mark.parametrize("kind", [RunningMean, Previous, Counter])
@pytest.mark.parametrize("loss", ["mse", lambda p, y: sum((a - b) ** 2 for a, b in zip(p, y, strict=True)) / len(p)])
def test_a_state_of_its_own(kind, loss):
    trained, own = kind(), kind()
    history = nn.fit(trained, X, Y, loss=loss, optimizer="sgd", lr=0.01, epochs=4, progress=False)
    assert history.loss == pytest.approx(by_hand(own, 4), rel=1e-14)
    assert state_of(trained) == state_of(own)
    assert [name for name, _ in trained.named_parameters()] == ["w"]


@pytest.mark.parametrize("kind", [RunningMean, Previous, Counter])
def test_a_diagnosis_leaves_it_alone(kind):
    model = kind()
    for x in X:
        model(x)
    before, drawn = {name: str(item) for name, item in state_of(model).items()}, random.getstate()
    nn.diagnose(model, X, Y, loss="mse", lr=0.1)
    assert {name: str(item) for name, item in state_of(model).items()} == before
    assert random.getstate() == drawn


def test_a_net_of_the_packages_layers_with_a_call_of_its_own_has_code_of_its_own():
    class Centred(nn.MLP):
        mean = 0.0

        def __call__(self, x):
            self.mean = 0.9 * self.mean + 0.1 * x[0]
            return super().__call__([x[0] - self.mean])

    model, own = Centred(1, [1], seed=0), Centred(1, [1], seed=0)
    assert model.parts_with_switch() and not nn.MLP(1, [1]).parts_with_switch()
    loss = nn.mse_loss([own(x) for x in X], Y)
    assert nn.fit(model, X, Y, loss="mse", epochs=1, progress=False).loss == [pytest.approx(loss.data, rel=1e-14)]
    assert model.mean == own.mean


def test_what_nobody_reads_does_not_keep_a_net_from_being_replayed(capsys):
    class Logged(nn.Module):
        def __init__(self):
            self.w, self.latest = Value(1.0), None

        def __call__(self, x):
            self.latest = x[0]
            return self.w * x[0]

    model = Logged()
    nn.fit(model, X, Y, loss="mse", epochs=20)
    assert "recorded once, and replayed" in capsys.readouterr().out
    assert model.latest is None
    assert [name for name, _ in model.named_parameters()] == ["w"]


def safe_log(number: Any) -> float:
    try:
        return math.log(number)
    except Exception:
        return 0.0


@pytest.mark.parametrize(
    "seen",
    [
        safe_log,
        lambda number: number / 10.0 if isinstance(number, float) else number,
        lambda number: 1.0 if number.is_integer() else 2.0,
        lambda number: {"7.0": 2.0}.get(f"{number}", 1.0),
        lambda number: 2.0 if number * 1.0 == 3.0 else number,
    ],
)
def test_a_net_that_looks_at_the_type_or_the_text_of_its_inputs_is_trained_as_it_is_written(seen: Any) -> None:
    class Looking(nn.Module):
        def __init__(self) -> None:
            self.w, self.b = Value(0.5), Value(0.1)

        def __call__(self, x: Any) -> Any:
            return self.w * seen(x[0]) + self.b

    X, y = [[float(i)] for i in range(1, 14)], [0.5 * i for i in range(13)]
    by_hand = sum((Looking()(x).data - t) ** 2 for x, t in zip(X, y, strict=True)) / len(X)
    history = nn.fit(Looking(), X, y, loss="mse", optimizer="sgd", lr=1e-4, epochs=1, progress=False)
    assert history.loss[0] == pytest.approx(by_hand, rel=1e-12)
    assert Looking().evaluate(X, y, loss="mse").loss == pytest.approx(by_hand, rel=1e-12)
    assert Looking().predict(X * 10) == [Looking()(x).data for x in X * 10]
