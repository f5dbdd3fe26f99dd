"""The loops in C over the slots of many Values: the same bits as in Python, and Python does what they do not know."""

from __future__ import annotations

import math
import struct
import sys
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, nn, sweep
from autograd_lite.kernel import library
from autograd_lite.ops import ROWS
from autograd_lite.replay import slots

if not library.is_here():
    pytest.skip("no C compiler", allow_module_level=True)

inf, nan = math.inf, math.nan
EDGES = [0.0, -0.0, inf, -inf, nan, 5e-324, 1e308, -1e308, 1.0, 0.1]
NUMBERS = [EDGES[i % 10] * (1 + i // 10) for i in range(70)]
SHARES = array("d", [EDGES[i // 7 % 10] for i in range(70)])


@pytest.fixture(autouse=True)
def _in_c() -> Iterator[None]:
    slots.lend(library.library(ROWS).handle)
    assert sweep.in_c is not None
    yield


class Weight(Value):
    """A class of the user's."""


def bits(numbers: Sequence[Any]) -> bytes:
    assert {type(number) for number in numbers} == {float}
    return struct.pack(f"{len(numbers)}d", *numbers).replace(struct.pack("d", -nan), struct.pack("d", nan))


def leaves(kind: Callable[[list[Value]], Any] = list, make: Callable[[float], Value] = Value) -> Any:
    found = [make(number) for number in NUMBERS]
    for leaf, gradient in zip(found, reversed(NUMBERS), strict=True):
        leaf.grad = gradient
    return kind(found)


def state(values: Sequence[Value]) -> tuple[bytes, bytes, list[bool], list[bool]]:
    return (bits([v._data for v in values]), bits([v._grad for v in values]), [v.has_grad for v in values],
            [sweep.was_written(v) for v in values])  # fmt: skip


LOOPS: dict[str, Callable[[Any], Any]] = {
    "numbers_in": lambda values: bits(sweep.numbers_in(values)),
    "gradients_in": lambda values: None if (found := sweep.gradients_in(values)) is None else bits(found),
    "one_step_down": lambda values: bits(sweep.one_step_down(values, 0.1, 0.0)),
    "one_step_down with decay": lambda values: bits(sweep.one_step_down(values, 0.1, 0.01)),
    "add_to_gradients": lambda values: sweep.add_to_gradients(values, SHARES),
    "write_numbers": lambda values: sweep.write_numbers(values, SHARES),
    "clear_gradients": sweep.clear_gradients,
}


def odd_one(values: list[Value]) -> list[Value]:
    return [*values[:40], Weight(0.5), *values[41:]]


def unreached_one(values: list[Value]) -> list[Value]:
    values[50].zero_grad()
    return values


def results(values: list[Value]) -> list[Value]:
    with ag.no_grad():
        return [v * 1.0 for v in values]


def holds_an_int(values: list[Value]) -> list[Value]:
    values[33]._data = 7  # type: ignore[assignment]
    values[34]._grad = True
    return values


def one_less(values: list[Value]) -> list[Value]:
    return values[:-1]


@pytest.mark.parametrize("kind", [list, tuple, odd_one, unreached_one, results, one_less, type("Own", (list,), {})])
@pytest.mark.parametrize("loop", LOOPS)
def test_a_loop_in_c_does_what_the_loop_in_python_does(kind, loop, monkeypatch):
    if kind is one_less and loop in ("add_to_gradients", "write_numbers"):
        kind = list  # as many numbers as leaves
    in_c, in_python = leaves(kind), leaves(kind)
    found = LOOPS[loop](in_c)
    monkeypatch.setattr(sweep, "in_c", None)
    expected = LOOPS[loop](in_python)
    assert found == expected and state(in_c) == state(in_python)


def test_a_slot_that_holds_no_float_is_left_to_python():
    values = holds_an_int(leaves())
    assert sweep.numbers_in(values)[33] == 7 and sweep.in_c.numbers(values) is None
    assert sweep.in_c.add(values, SHARES) == 34
    sweep.write_numbers(values, SHARES)
    assert bits([v.data for v in values]) == bits(SHARES)


def test_the_loops_run_in_c_and_not_beside_it(monkeypatch):
    """The tests above would pass without them."""
    monkeypatch.setattr(sweep, "_add_each", None)
    monkeypatch.setattr(sweep, "_write_numbers", None)
    monkeypatch.setattr(sweep, "_clear_gradients", None)
    values = leaves(tuple)
    sweep.add_to_gradients(values, SHARES)
    sweep.write_numbers(values, SHARES)
    sweep.clear_gradients(values)
    assert not any(v.has_grad for v in values)
    assert type(sweep.numbers_in(values)) is array and type(sweep.one_step_down(values, 0.1, 0.0)) is list
    sweep.add_to_gradients(values, SHARES)
    assert type(sweep.one_step_down(values, 0.1, 0.0)) is array


def test_no_number_behind_an_array_is_read():
    values = leaves()
    sweep.write_numbers(values, SHARES[:50])
    sweep.add_to_gradients(values, SHARES[:50])
    assert bits([v.data for v in values]) == bits([*SHARES[:50], *NUMBERS[50:]])
    assert bits([v.grad for v in values[50:]]) == bits(NUMBERS[::-1][50:])


def test_few_leaves_are_left_to_python():
    assert type(sweep.numbers_in(leaves()[: sweep.MANY - 1])) is list


def test_no_reference_is_lost_or_kept():
    values = leaves()

    def run() -> int:
        for loop in LOOPS.values():
            loop(values)
        return sys.getallocatedblocks()

    objects = (True, sweep.UNREACHED, 1e308, values[0])
    run()
    counts, blocks = [*map(sys.getrefcount, objects)], run()
    for _ in range(200):
        run()
    assert abs(run() - blocks) < 200  # 70 floats each time would be 14,000
    assert all(abs(sys.getrefcount(x) - count) < 5 for x, count in zip(objects, counts, strict=True))


def test_another_way_to_lay_out_objects_is_refused(monkeypatch):
    for implementation, locked in (("pypy", True), ("cpython", False)):
        monkeypatch.setattr(sweep, "in_c", None)
        monkeypatch.setattr(sys, "implementation", type("", (), {"name": implementation}))
        monkeypatch.setattr(sys, "_is_gil_enabled", lambda locked=locked: locked, raising=False)
        slots.lend(library.library(ROWS).handle)
        assert sweep.in_c is None
    monkeypatch.undo()
    monkeypatch.setattr(sweep, "in_c", None)
    monkeypatch.setattr(slots, "_words", lambda thing: [0, 0, 0, 0])  # where nothing is found
    slots.lend(library.library(ROWS).handle)
    assert sweep.in_c is None


@pytest.mark.parametrize("make", [nn.SGD, nn.Adam, lambda p, lr: nn.SGD(p, lr, momentum=0.9)])
def test_an_optimizer_gives_the_same_bits_either_way(make, monkeypatch):
    def trained() -> bytes:
        model = nn.MLP(3, [8, 1], activation="tanh", seed=1)
        f = ag.compile(lambda x, y: (model(x) - y) ** 2)
        optimizer = make(model.parameters(), lr=0.05)
        X = [[math.sin(i * k) for k in (1, 2, 3)] for i in range(200)]
        for _ in range(6):
            optimizer.zero_grad()
            f.mean(X, [x[0] for x in X]).backward()
            optimizer.step()
        return bits([p.data for p in model.parameters()])

    in_c = trained()
    monkeypatch.setattr(sweep, "in_c", None)
    monkeypatch.setattr(slots, "lend", lambda handle: None)
    assert trained() == in_c


def test_a_diverging_step_moves_nothing_in_c():
    values = [Value(1.0) for _ in range(40)]
    for v in values:
        v.grad = 1.0
    values[20].grad = inf
    with pytest.raises(FloatingPointError, match="the gradient is inf"):
        nn.SGD(values, lr=0.1).step()
    assert all(v.data == 1.0 for v in values)
