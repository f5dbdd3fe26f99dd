"""The switch between training and evaluating: on for the steps of fit, off for all that only looks at a net."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, nn
from autograd_lite.nn.switch import switched

X, Y = [[float(i), 1.0] for i in range(8)], [2.0 * i for i in range(8)]


class Noted(nn.Module):
    """A part that notes how it is asked: 100 is added in training."""

    def __init__(self) -> None:
        self.notes = SimpleNamespace(seen=set())  # no container of the net: that is put back after a trial run

    @property
    def seen(self) -> set[bool]:
        return self.notes.seen  # type: ignore[no-any-return]

    def __call__(self, x: Value) -> Value:
        self.seen.add(self.training)
        return x + 100.0 if self.training else x


class Line(nn.Module):
    def __init__(self) -> None:
        self.parts, self.net = {"noise": [Noted()]}, nn.Layer(2, 1, False, rng=Random(0))

    def __call__(self, x: Any) -> Value:
        found: Value = self.parts["noise"][0](self.net(x))
        return found


class Dropout(nn.Module):
    def __init__(self) -> None:
        self.rng = Random(0)

    def __call__(self, xs: Any) -> Any:
        return [2.0 * x * (self.rng.random() < 0.5) for x in xs] if self.training else xs


def own_loss(predictions: Any, targets: Any) -> Value:
    return ag.mean([(p - y) ** 2 for p, y in zip(predictions, targets, strict=True)])


def test_train_and_eval_switch_all_parts_and_return_the_model() -> None:
    model = Line()
    assert model.training and model.eval() is model and not any(part.training for part in model.modules())
    assert len(model.modules()) == 4 and model.train() is model and all(part.training for part in model.modules())
    assert model([1.0, 1.0]).data - model.eval()([1.0, 1.0]).data == pytest.approx(100.0)


@pytest.mark.parametrize("loss", ["mse", own_loss])
def test_fit_trains_in_training_and_validates_without(loss: Any) -> None:
    model = Line()
    history = nn.fit(model, X, Y, loss=loss, lr=0.01, epochs=3, validation=(X, Y), diagnose=True, progress=False)
    evaluated = model.evaluate(X, Y, loss).loss
    assert history.validation_loss[-1] == pytest.approx(evaluated, rel=1e-12) and evaluated < 1000.0
    assert min(history.loss) > 2000.0  # with 100 added
    assert history.diagnoses[-1].loss == pytest.approx(evaluated, rel=1e-12)
    assert "training" not in vars(model) and model.training  # all is as it was


def test_a_net_with_dropout_validates_the_whole_net() -> None:
    model = nn.MLP(2, [4, 1], seed=0)
    model.layers.insert(1, Dropout())
    history = nn.fit(model, X, Y, lr=0.001, epochs=3, validation=(X, Y), progress=False, loss="mse")
    assert history.validation_loss[-1] == model.evaluate(X, Y, "mse").loss == model.evaluate(X, Y, "mse").loss
    assert (
        len({model([1.0, 2.0]).data for _ in range(20)}) > 1 and model.training
    )  # a call by hand drops, as in PyTorch


@pytest.mark.parametrize(
    "look",
    [
        lambda model: model.predict(X),
        lambda model: model.predict(X * 20),
        lambda model: model.evaluate(X, Y, "mse"),
        lambda model: nn.diagnose(model, X, Y, loss="mse"),
    ],
)
def test_whatever_only_looks_evaluates(look: Callable[[Any], Any]) -> None:
    model = Line()
    look(model)
    assert model.parts["noise"][0].seen == {False}


def test_fit_trains_a_model_that_was_switched_off_and_leaves_it_so() -> None:
    model = Line().eval()
    nn.fit(model, X, Y, loss="mse", epochs=1, progress=False)
    assert model.parts["noise"][0].seen == {True} and not any(part.training for part in model.modules())


def test_a_training_of_ones_own_stays() -> None:
    class Rows(Line):
        def __init__(self) -> None:
            super().__init__()
            self.training = X  # type: ignore[assignment]

    class Property(Line):
        @property  # type: ignore[misc]
        def training(self) -> bool:  # type: ignore[override]
            return False

    for model in (Rows(), Property()):
        nn.fit(model, X, Y, loss="mse", epochs=1, validation=(X, Y), progress=False)
        model.predict(X)
    assert Rows().training is X


def test_the_switch_goes_back_after_an_error() -> None:
    model = Line()
    with pytest.raises(ZeroDivisionError), switched(model, training=False) as change:
        assert change and not model.net.training
        raise ZeroDivisionError
    assert all(part.training for part in model.modules())


def test_a_plain_net_is_not_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nn.Module, "modules", lambda self: pytest.fail("looked through"))
    model = nn.MLP(2, [3, 1], seed=0)
    nn.fit(model, X, Y, epochs=1, validation=0.25, progress=False)
    model.predict(X)
