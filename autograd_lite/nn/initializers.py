r"""How the weights of a layer start: one closed table, from a name to the draw of one weight.

| name    | one weight of a layer with `nin` inputs and `nout` units                                   |
|---------|--------------------------------------------------------------------------------------------|
| uniform | between -1 and 1, as in micrograd                                                          |
| xavier  | between -r and r, $r = \sqrt{6 / (n_{in} + n_{out})}$: keeps the spread of signals and gradients |
| he      | normal with standard deviation $\sqrt{2 / n_{in}}$: the same for ReLU, which halves the signal |
| normal  | normal with standard deviation 1                                                           |
| zeros   | 0: every unit of a layer learns the same, which is worth seeing once                       |
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from operator import index
from random import Random
from typing import SupportsIndex

from autograd_lite.nn.spelling import read_name

__all__ = ["INITIALIZERS", "Initializer", "drawer", "seeded"]

Initializer = str | Callable[[], float]

INITIALIZERS: dict[str, Callable[[Random, int, int], float]] = {
    "uniform": lambda rng, nin, nout: rng.uniform(-1.0, 1.0),
    "xavier": lambda rng, nin, nout: rng.uniform(-1.0, 1.0) * math.sqrt(6.0 / (nin + nout)),
    "he": lambda rng, nin, nout: rng.gauss(0.0, math.sqrt(2.0 / nin)),
    "normal": lambda rng, nin, nout: rng.gauss(0.0, 1.0),
    "zeros": lambda rng, nin, nout: 0.0,
}


def seeded(seed: SupportsIndex) -> Random:
    """Return a generator of its own for a seed, an int.

    >>> seeded(0).random() == Random(0).random()
    True
    """
    if not isinstance(seed, SupportsIndex):
        raise TypeError(f"seed: expected an int or None, got {type(seed).__name__} {seed!r:.60}")
    return Random(index(seed))


def drawer(init: Initializer, nin: int, nout: int, rng: Random | None = None) -> Callable[[], float]:
    """Return the function that draws one weight; without `rng` it draws the global `random`.

    >>> drawer("xavier", 3, 3, Random(0))()
    0.6888437030500962
    >>> drawer("zero", 3, 3)
    Traceback (most recent call last):
    ValueError: init: expected uniform, xavier, he, normal, zeros or a function that draws one weight, \
got 'zero'
    """
    if callable(init):
        return init
    init = read_name(init, INITIALIZERS)
    if not isinstance(init, str) or init not in INITIALIZERS:
        names = ", ".join(INITIALIZERS)
        raise ValueError(f"init: expected {names} or a function that draws one weight, got {init!r}")
    draw = INITIALIZERS[init]
    # The global functions and an instance of Random have the same methods.
    source: Random = random if rng is None else rng  # type: ignore[assignment]
    return lambda: draw(source, nin, nout)
