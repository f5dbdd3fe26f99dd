r"""Schedules: a learning rate for each epoch, counted from 1. `fit` takes any function of the epoch as its `lr`.

Each takes the rate to begin with, and `warmup` also another schedule: `warmup(cosine(0.1, epochs=100), epochs=5)`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from autograd_lite.checks import real, whole

Schedule = Callable[[int], float]

_RATE = "a learning rate of 0 or more"


def cosine(lr: float, epochs: int, lowest: float = 0.0) -> Schedule:
    r"""$\eta_t = \eta_{low} + \frac12 (\eta - \eta_{low}) (1 + \cos(\pi (t - 1) / T))$: down half a wave in T epochs.

    It begins at `lr` and stays at `lowest` after `epochs` (torch's CosineAnnealingLR).

    >>> rate = cosine(0.1, epochs=4)
    >>> [round(rate(epoch), 4) for epoch in range(1, 7)]
    [0.1, 0.0854, 0.05, 0.0146, 0.0, 0.0]
    """
    lr, lowest = real("lr", lr, _RATE), real("lowest", lowest, _RATE)
    whole("epochs", epochs, "a number of epochs")
    return lambda epoch: lowest + 0.5 * (lr - lowest) * (1.0 + math.cos(math.pi * min((epoch - 1) / epochs, 1.0)))


def step(lr: float, every: int, factor: float = 0.1) -> Schedule:
    r"""$\eta_t = \eta \gamma^{\lfloor (t - 1) / n \rfloor}$: the rate is multiplied by `factor` after each n epochs.

    This is torch's StepLR.

    >>> rate = step(0.5, every=2)
    >>> [round(rate(epoch), 4) for epoch in range(1, 6)]
    [0.5, 0.5, 0.05, 0.05, 0.005]
    """
    lr, factor = real("lr", lr, _RATE), real("factor", factor, "a number of 0 or more")
    whole("every", every, "a number of epochs")
    return lambda epoch: float(lr * factor ** ((epoch - 1) // every))


def warmup(lr: float | Schedule, epochs: int = 5) -> Schedule:
    r"""$\eta_t \cdot \min(1, t / T)$: the rate grows in T equal steps to `lr`, a number or another schedule.

    Adam's first steps are as long as any, on averages of very few gradients; a small rate makes up for it.

    >>> rate = warmup(0.5, epochs=4)
    >>> [rate(epoch) for epoch in range(1, 7)]
    [0.125, 0.25, 0.375, 0.5, 0.5, 0.5]
    """
    whole("epochs", epochs, "a number of epochs")
    later = lr if callable(lr) else real("lr", lr, _RATE)
    return lambda epoch: rate_at(later, epoch) * min(1.0, epoch / epochs)


def rate_at(lr: float | Schedule, epoch: int) -> float:
    """Return the rate of an epoch, of a schedule or the same for all; raise if it is no rate.

    >>> rate_at(0.1, 3), rate_at(lambda epoch: 1.0 / epoch, 4)
    (0.1, 0.25)
    """
    return float(real(f"lr, epoch {epoch}", lr(epoch), _RATE)) if callable(lr) else lr
