"""What is the user's own in `nn.fit`, a loss, a Module, beside the pair that the package has: 442 rows, a net 10-8-1.

A step is one training, its recording included. That is the size of scikit-learn's diabetes data; the numbers are drawn.
"""

from __future__ import annotations

import random
from typing import Any

from autograd_lite import nn
from tests.benchmarks.program import Program

ROWS, SEED = 442, 1337


class Net(nn.Module):
    """A Module as users write it."""

    def __init__(self) -> None:
        self.net = nn.MLP(10, [8, 1], "tanh", seed=SEED)

    def __call__(self, x: Any) -> Any:
        return self.net(x)


def training(epochs: int, own_loss: bool = False, own_module: bool = False) -> Program:
    rng = random.Random(SEED)
    X = [[rng.gauss(0.0, 1.0) for _ in range(10)] for _ in range(ROWS)]
    y = [sum(row) + rng.gauss(0.0, 0.1) for row in X]
    loss: Any = (lambda p, y: nn.mse_loss(p, y)) if own_loss else "mse"

    def step() -> list[float]:
        model = Net() if own_module else nn.MLP(10, [8, 1], "tanh", seed=SEED)
        return nn.fit(model, X, y, loss=loss, epochs=epochs, progress=False).loss

    return Program(step, lambda: step()[-2:])
