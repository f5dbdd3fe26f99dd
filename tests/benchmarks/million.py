"""Graphs of 1,000,000 scalar nodes: recorded, run eagerly, replayed."""

from __future__ import annotations

import gc
import random
import tracemalloc
from array import array
from collections.abc import Callable
from typing import Any

import autograd_lite as ag
from autograd_lite.replay.arguments import flatten
from autograd_lite.replay.kernel_runner import KernelRunner
from autograd_lite.replay.recording import trace_function
from tests.benchmarks.program import Program, evidence, of_values

WIDTH = 1_000  # parameters, and values that are alive at a time
NODES = 1_000_000


def graph(nodes: int = NODES) -> tuple[Callable[[], Any], list[ag.Value]]:
    """Return a function of no arguments whose graph has so many nodes, and its parameters."""
    rng = random.Random(1337)
    weights = [ag.Value(rng.uniform(-0.4, 0.4)) for _ in range(WIDTH)]

    def function() -> Any:
        values = list(weights)
        for i in range(nodes // 5):  # five nodes a turn
            here, there = i % WIDTH, (7 * i + 3) % WIDTH
            w = weights[(3 * i + 1) % WIDTH]
            values[here] = ag.relu(values[here] * w + values[there] * 0.5 - w)
        return ag.sum(values)

    return function, weights


def random_graph(nodes: int = NODES) -> tuple[Callable[[], Any], list[ag.Value]]:
    """Return a function of no arguments whose nodes are random operations on random values, and its parameters."""
    rng = random.Random(1337)
    weights = [ag.Value(rng.uniform(-1.0, 1.0)) for _ in range(WIDTH)]
    operations = (ag.hypot, ag.maximum, ag.minimum, lambda a, b: a * b, lambda a, _: a.tanh(), lambda a, _: a.sin(),
                  lambda a, _: 1.0 - a, lambda a, _: a.sigmoid())  # fmt: skip
    places = range(WIDTH)
    chosen = [(rng.choice(operations), rng.choice(places), rng.choice(places)) for _ in range(nodes - WIDTH)]

    def function() -> Any:
        values = list(weights)
        for operation, here, there in chosen:
            values[here] = operation(values[here], values[there])
        return ag.sum([value.tanh() for value in values])

    return function, weights


def random_operations() -> Program:
    """Return the kernel alone on random operations, forward and backward."""
    function, _ = random_graph()
    tape = trace_function(function, *flatten([], {})).tape
    runner, parameters = KernelRunner(tape), array("d", [p.data for p in tape.parameters])

    def step() -> Any:
        return runner.one(parameters, [], True)

    def check() -> list[float]:
        (out,), gradients = step()
        return evidence(out, gradients)

    return Program(step, check)


def random_operations_eagerly() -> Program:
    return _eager(*random_graph())


def eager() -> Program:
    return _eager(*graph())


def _eager(function: Callable[[], Any], weights: list[ag.Value]) -> Program:
    def step() -> Any:
        out = function()
        out.backward()
        return out

    return of_values(step, weights)


def recorded() -> Program:
    """Return the program whose step compiles the function and calls it for the first time."""
    function, weights = graph()
    return of_values(lambda: _backward(ag.compile(function)), weights)


def replayed() -> Program:
    function, weights = graph()
    f = ag.compile(function)
    program = of_values(lambda: _backward(f), weights)
    return Program(program.step, program.check, memory)


def _backward(f: Any) -> Any:
    out = f()
    out.backward()
    return out


def memory(nodes: int = NODES // 5) -> tuple[float, int]:
    """Return the bytes a node that a compiled function keeps between its calls."""
    function, _ = graph(nodes)
    gc.collect()
    tracemalloc.start()
    f = ag.compile(function)
    for _ in range(2):
        _backward(f)
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size / nodes, nodes
