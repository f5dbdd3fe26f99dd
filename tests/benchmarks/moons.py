"""micrograd's demo: a net 2-16-16-1 with ReLU, hinge loss and an L2 term, all 100 points in each step.

Both programs run on any `Value` that has + * ** and `relu`, as they stand: exchange the import, no more.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from autograd_lite.datasets import moons
from tests.benchmarks.program import Program, of_training

SEED = 1337
SIZES = (2, 16, 16, 1)
STRENGTH = 1e-4  # of the L2 term
RATE = 0.05


def by_hand(Value: Any) -> Program:
    """Return the training step of a net whose weighted sums are written out, one + and one * at a time."""
    rng = random.Random(SEED)
    layers = [
        [([Value(rng.uniform(-1.0, 1.0)) for _ in range(nin)], Value(0.0)) for _ in range(nout)]
        for nin, nout in pairwise(SIZES)
    ]

    def net(xs: list[Any]) -> Any:
        for number, layer in enumerate(layers, start=1):
            outputs = []
            for weights, bias in layer:
                z = bias
                for w, x in zip(weights, xs, strict=True):
                    z = z + w * x
                outputs.append(z if number == len(layers) else z.relu())
            xs = outputs
        return xs[0]

    return _training(net, [p for layer in layers for weights, bias in layer for p in (*weights, bias)], Value)


def by_mlp(Value: Any, MLP: Any) -> Program:
    """Return the training step of a net made by `MLP`."""
    random.seed(SEED)
    net = MLP(SIZES[0], list(SIZES[1:]))
    return _training(net, net.parameters(), Value)


def _training(net: Callable[[list[Any]], Any], parameters: list[Any], Value: Any) -> Program:
    X, classes = moons(100, 0.1, seed=SEED)
    y = [2 * label - 1 for label in classes]

    def step() -> Any:
        scores = [net(list(map(Value, row))) for row in X]
        losses = [(1 + -label * score).relu() for label, score in zip(y, scores, strict=True)]
        loss = sum(losses) * (1.0 / len(losses)) + STRENGTH * sum(p * p for p in parameters)
        for p in parameters:
            p.grad = 0
        loss.backward()
        for p in parameters:
            p.data -= RATE * p.grad
        return loss

    return of_training(step)
