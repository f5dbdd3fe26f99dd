"""Whole epochs: `nn.fit` against a plain training loop in PyTorch, the same net, optimiser and order of examples.

A step is one training of some epochs, its preparation included; seconds are given for an epoch. The loop does less:
`fit` counts the right answers too.
"""

from __future__ import annotations

import os
import random
from typing import Any

from autograd_lite import datasets, nn
from tests.benchmarks.program import Program

RATE = 0.01
SEED = 1337
Data = tuple[list[list[float]], list[int]]


def iris() -> Data:
    X, y = datasets.iris()
    return X, y


def digits() -> Data:
    """Return scikit-learn's digits, 1,797 pictures of 8 times 8; where it is missing, noise of that shape."""
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        rng = random.Random(SEED)
        return [[rng.random() for _ in range(64)] for _ in range(1797)], [rng.randrange(10) for _ in range(1797)]
    X, y = load_digits(return_X_y=True)
    return (X / 16.0).tolist(), y.tolist()


NETS = {"iris": (iris, [4, 16, 3]), "digits": (digits, [64, 64, 32, 10])}


def start(name: str) -> tuple[Data, nn.MLP]:
    load, sizes = NETS[name]
    return load(), nn.MLP(sizes[0], sizes[1:], output="softmax", init="he", seed=SEED)


def by_fit(name: str, batch_size: int | None, epochs: int) -> Program:
    (X, y), model = start(name)
    before = model.state_dict()

    def step(epochs: int = epochs) -> list[float]:
        model.load_state_dict(before)
        mover = nn.Adam(model.parameters(), lr=RATE)
        history = nn.fit(model, X, y, optimizer=mover, epochs=epochs, batch_size=batch_size, seed=SEED, progress=False)
        return history.loss

    return Program(step, lambda: step(2))


def by_torch(name: str, batch_size: int | None, epochs: int) -> Program:
    import torch

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    (rows, classes), net = start(name)
    X, y = torch.tensor(rows, dtype=torch.float64), torch.tensor(classes)
    model = nn.to_torch(net)[:-1]  # torch's cross-entropy wants logits
    before = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    count = len(X)
    rng, orders = random.Random(SEED), []
    for _ in range(epochs):
        order = list(range(count))
        rng.shuffle(order)
        orders.append(torch.tensor(order))

    def batches(epoch: int) -> Any:
        if batch_size is None:
            yield X, y
            return
        torch.randperm(count)  # what a loop would draw; the order itself is that of `fit`
        for places in orders[epoch].split(batch_size):
            yield X[places], y[places]

    def step(epochs: int = epochs) -> list[float]:
        model.load_state_dict(before)
        mover = torch.optim.Adam(model.parameters(), lr=RATE)
        losses = []
        for epoch in range(epochs):
            total = 0.0
            for inputs, targets in batches(epoch):
                mover.zero_grad()
                loss = torch.nn.functional.cross_entropy(model(inputs), targets)
                loss.backward()
                mover.step()
                total += loss.item() * len(inputs)
            losses.append(total / count)
        return losses

    return Program(step, lambda: step(2))
