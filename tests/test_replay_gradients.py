"""compile: derivatives that are taken inside a compiled function are part of its graph."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, nn
from autograd_lite.replay.consistency import same_numbers

W = Value(1.5, label="W")


@pytest.fixture(autouse=True)
def _without_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRAD_LITE_CC", "none")


NET = nn.MLP(1, [3, 3, 1], activation="tanh", seed=1)
RELU = nn.MLP(1, [6, 1], seed=1)


def residual(t: Any) -> Any:
    u = NET([t])
    return (ag.grad(u, t, create_graph=True) - 2.0 * t) ** 2


def oscillator(t: Any) -> Any:
    u = NET([t])
    first = ag.grad(u, t, create_graph=True)
    return (ag.grad(first, t, create_graph=True) + u) ** 2


def with_kinks(t: Any) -> Any:
    u = RELU([t]) ** 2
    return u * ag.grad(u, t, create_graph=True)


def by_a_parameter(t: Any) -> Any:
    loss = (W * NET([t]) - 1.0) ** 2
    return loss + ag.sum([g * g for g in ag.grad(loss, [W, *NET.parameters()], create_graph=True)])


@pytest.mark.parametrize("function", [residual, oscillator, with_kinks, by_a_parameter])
def test_grad_inside_a_compiled_function_is_recorded(function: Any) -> None:
    parameters = [W, *NET.parameters(), *RELU.parameters()]
    f, xs = ag.compile(function), [0.1, 0.5, -0.3, 0.7, -2.0, 2.0]
    for x in xs:
        found, expected = f(x), function(Value(x))
        assert same_numbers([found.data, *ag.grad(found, parameters)], [expected.data, *ag.grad(expected, parameters)])
    assert f.mean(xs).data == pytest.approx(math.fsum(function(Value(x)).data for x in xs) / len(xs), rel=1e-12)


def test_a_loss_with_derivatives_trains_as_it_does_without_compile() -> None:
    nets = [nn.MLP(1, [4, 1], activation="tanh", seed=2) for _ in range(2)]
    xs = [0.1 * i for i in range(8)]

    def loss_of(net: Any) -> Callable[[Any], Any]:
        def loss(t: Any) -> Any:
            u = net([t]) + 1.0
            return (ag.grad(u, t, create_graph=True) - u) ** 2

        return loss

    losses = [ag.compile(loss_of(nets[0])).mean, lambda xs: ag.mean([loss_of(nets[1])(Value(x)) for x in xs])]
    for net, mean in zip(nets, losses, strict=True):
        optimizer = nn.SGD(net.parameters(), lr=0.1)
        for _ in range(15):
            loss = mean(xs) + 0.0 * ag.sum(net.parameters())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    assert nets[0].state_dict() == pytest.approx(nets[1].state_dict(), rel=1e-9)


@pytest.mark.parametrize(
    ("function", "call"),
    [
        (lambda x: W * ag.grad(W * x, x), "grad"),
        (lambda x: W * ag.jacobian([W * x], [x])[0][0], "grad"),
        (lambda x: W * ag.hessian(W * x * x, [x])[0][0], "grad"),
        (lambda x: W * ag.jvp(lambda a: a * a, x, 1.0)[1], "jvp"),
        (lambda x: (W * x).backward() or W, "backward"),
        (lambda x: W * W.grad, r"\.grad"),
    ],
)
def test_gradients_as_numbers_are_refused_inside(function: Any, call: str) -> None:
    with pytest.raises(
        TypeError, match=rf"compile: {call} of .* inside the function, at .*create_graph=True\) gives Val"
    ):
        ag.compile(function)(1.0)


def test_rows_that_run_without_a_replay_are_differentiated_inside_too() -> None:
    f = ag.compile(lambda x: ag.grad(W * x * x, x, create_graph=True))
    for around in (contextlib.nullcontext, ag.no_grad):
        with ag.anomaly(), around():
            assert f.map([1.0, 2.0]) == [2.0 * W.data, 4.0 * W.data]


def test_second_derivatives_where_only_some_rows_hold_values() -> None:
    w, v = Value(1.5), Value(0.7)
    f = ag.compile(lambda x, k: (w * x).tanh() * k)
    mean, plain = f.mean([v, 2.0], [3.0, 4.0]), ((w * v).tanh() * 3.0 + (w * 2.0).tanh() * 4.0) / 2.0
    assert mean.data == plain.data
    assert ag.hvp(mean, [w, v], [1.0, 1.0]) == pytest.approx(ag.hvp(plain, [w, v], [1.0, 1.0]), rel=1e-14)
