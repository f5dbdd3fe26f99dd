"""fit: what a replay refuses runs eagerly, and what changes between epochs is noticed."""

from __future__ import annotations

import itertools
import random
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, nn
from autograd_lite.kernel import library
from autograd_lite.replay import worth

X, Y = [[0.0], [1.0], [2.0], [3.0]], [0.0, 1.0, 4.0, 9.0]


def choose_runner(kernel: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run all in a kernel, or nothing."""
    if not kernel:
        monkeypatch.setenv("AUTOGRAD_LITE_CC", "none")
    elif library.is_here():
        monkeypatch.setattr(worth, "KERNEL_FROM", 0)
        monkeypatch.setattr(worth, "WAIT", 0)
    else:
        pytest.skip("no C compiler")


def noisy_unit(z: Any) -> Any:
    return z * random.random()


@pytest.mark.parametrize("kernel", [False, True])
def test_fit_runs_eagerly_what_is_refused_and_says_so(
    kernel: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    choose_runner(kernel, monkeypatch)
    losses = []
    for _ in range(2):
        random.seed(5)
        model = nn.MLP(1, [3, 1], activation=noisy_unit, seed=0)
        losses.append(nn.fit(model, X, Y, epochs=5, lr=0.01).loss)
    said = [line for line in capsys.readouterr().out.splitlines() if "without a replay" in line]
    assert losses[0] == losses[1] and len(set(losses[0])) == 5
    assert len(said) == 2 and said[0].startswith(
        "fit: this net runs without a replay, operation by operation: compile: "
    )


@pytest.mark.filterwarnings("ignore:no gradient reached 1 of 10")
@pytest.mark.parametrize("kernel", [False, True])
@pytest.mark.parametrize("change", ["weight", "flag", "data"])
def test_fit_notices_what_changes_between_epochs(kernel: bool, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The change is made where an epoch is reported."""
    choose_runner(kernel, monkeypatch)
    settings = SimpleNamespace(k=1.0)

    def train(eagerly: bool) -> list[float]:
        settings.k = 1.0
        model = nn.MLP(1, [3, 1], activation=lambda z: ag.tanh(z * settings.k), seed=0)
        epoch = itertools.count(1)

        def report(history: Any) -> None:
            if next(epoch) != 3:
                return
            if change == "weight":
                model.layers[0].neurons[0].w[0] = Value(0.25)
            elif change == "flag":
                settings.k = 0.5
            else:
                model.layers[0].neurons[0].w[0].data = 0.25

        class Reporter:
            def __enter__(self) -> Any:
                return report

            def __exit__(self, *_: object) -> None:
                pass

        with monkeypatch.context() as patched:
            patched.setattr("autograd_lite.nn.training.reporter", lambda *_: Reporter())
            patched.setattr("autograd_lite.nn.training.UNSEEN", 0.0)
            if eagerly:
                patched.setattr("autograd_lite.nn.training_steps.replayed", lambda *_: None)
            return nn.fit(model, X, Y, optimizer=nn.SGD(model.parameters(), lr=0.01), epochs=6, progress=False).loss

    assert train(False) == pytest.approx(train(True), rel=1e-9)


def test_a_number_that_is_set_while_the_net_learns_unseen_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    choose_runner(False, monkeypatch)
    model = nn.MLP(1, [3, 1], activation="tanh", seed=0)
    weight, *others = model.parameters()

    def report(history: Any) -> None:
        if len(history.loss) == 3:
            weight.data = 0.25

    monkeypatch.setattr("autograd_lite.nn.training.reporter", lambda *_: nullcontext(report))
    monkeypatch.setattr("autograd_lite.nn.training.UNSEEN", 1e9)
    before = [p.data for p in others]
    nn.fit(model, X, Y, optimizer=nn.SGD(model.parameters(), lr=0.01), epochs=6, progress=False)
    assert weight.data == 0.25 and all(p.data != x for p, x in zip(others, before, strict=True))
