"""How far rounding alone may put a derivative off. An answer is judged relative to the right number, but for this.

Terms that cancel leave a rest as large as their rounding. And each number n on the way to a derivative d is rounded, by
up to ε·n, which moves d by ∂d/∂n · ε·n: so cos(π/2), which should be 0, is 6e-17. A product of small factors is certain
to its last digits, however small it is.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from functools import cached_property
from math import inf
from sys import float_info
from typing import Any

from autograd_lite.coerce import number_of
from autograd_lite.derivatives import IN_VALUES
from autograd_lite.engine import Value
from autograd_lite.flow import flow
from autograd_lite.modes import Mode, in_mode
from autograd_lite.view import View

EPSILON = float_info.epsilon
CANCELLED = 4.0 * EPSILON  # of the sum of the terms without signs: each is a product, and rounded more than once
OPERANDS = 1e-12  # at most: a number whose last digits decide, as in cos(1e20), is meant as it stands


class Rounding:
    """The differences that rounding explains, of the gradients of a graph and of what is added up to them.

    A gradient is asked for by its node; a "local" derivative, a "contribution" or a "total" by the node that it comes
    from and the number of the parent.

    >>> a, b = Value(0.1), Value(0.3)
    >>> rest = Rounding(View((a + a + a - b) ** 2))
    >>> rest.explains(1e-16, a), rest.explains(1e-14, a), Rounding(View(a ** 99)).explains(1e-100, a)
    (True, False, False)
    """

    def __init__(self, view: View) -> None:
        self.view = view

    def explains(self, off: float, node: Value, kind: str = "gradient", index: int = 0) -> bool:
        """Tell whether rounding explains that a number is off by so much."""
        key = (kind, id(node), index)
        if off <= CANCELLED * self._sizes[key] < inf:
            return True
        return off <= OPERANDS and off <= EPSILON * _spread(self._values.get(key)) < inf

    @cached_property
    def _sizes(self) -> dict[Hashable, float]:
        """Each number as it were if no term had a sign: a gradient is the sum of its paths."""
        return dict(self._numbers(lambda node: [abs(d) for d in node.partials]))

    @cached_property
    def _values(self) -> dict[Hashable, Any]:
        """Each number as a Value, which knows what it is computed from; none where a row has no second derivative."""
        try:
            with in_mode(Mode()):  # recorded, whatever mode the caller is in
                return dict(self._numbers(*IN_VALUES))
        except (TypeError, ValueError):
            return {}

    def _numbers(self, *how: Any) -> Iterator[tuple[Hashable, Any]]:
        grads: dict[int, Any] = {id(self.view.root): 1.0}
        last, index = None, 0
        for node, _, local, amount, total in flow(self.view.order, grads, *how):
            last, index = node, index + 1 if node is last else 0
            for kind, x in (("local", local), ("contribution", amount), ("total", total)):
                yield (kind, id(node), index), x
        for key, x in grads.items():
            yield ("gradient", key, 0), x


def _spread(x: Any) -> float:
    """Return the sum over all n that x is computed from of |∂x/∂n · n|; 0 for a plain number."""
    if x.__class__ is not Value:
        return 0.0
    view = View(x)
    return sum([abs(view.gradients[id(n)] * number_of(n)) for n in view.order])
