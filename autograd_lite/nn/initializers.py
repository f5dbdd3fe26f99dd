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
from random import Random

from autograd_lite.checks import one_of, read_name

Initializer = str | Callable[[], float]

INITIALIZERS: dict[str, Callable[[Random, int, int], float]] = {
    "uniform": lambda rng, nin, nout: rng.uniform(-1.0, 1.0),
    "xavier": lambda rng, nin, nout: rng.uniform(-1.0, 1.0) * math.sqrt(6.0 / (nin + nout)),
    "he": lambda rng, nin, nout: rng.gauss(0.0, math.sqrt(2.0 / nin)),
    "normal": lambda rng, nin, nout: rng.gauss(0.0, 1.0),
    "zeros": lambda rng, nin, nout: 0.0,
}


def weight_sampler(init: Initializer, nin: int, nout: int, rng: Random | None = None) -> Callable[[], float]:
    """Return the function that draws one weight; without `rng` it draws the global `random`.

    >>> weight_sampler("xavier", 3, 3, Random(0))()
    0.6888437030500962
    >>> weight_sampler("zero", 3, 3)
    Traceback (most recent call last):
    ValueError: init: expected uniform, xavier, he, normal, zeros or a function that draws one weight, \
got 'zero'; did you mean zeros?
    """
    if callable(init):
        return init
    name = one_of("init", read_name(init, INITIALIZERS), INITIALIZERS, "a function that draws one weight")
    draw = INITIALIZERS[name]
    # The global functions and an instance of Random have the same methods.
    source: Random = random if rng is None else rng  # type: ignore[assignment]
    return lambda: draw(source, nin, nout)
