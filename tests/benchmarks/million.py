"""A graph of 1,000,000 scalar nodes: recorded, run eagerly, replayed."""

from __future__ import annotations

import gc
import random
import tracemalloc
from collections.abc import Callable
from typing import Any

import autograd_lite as ag
from tests.benchmarks.program import Program, of_values

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


def eager() -> Program:
    function, weights = graph()

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
