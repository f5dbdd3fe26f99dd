"""The computation graph, for all code that walks one: an order of its nodes, and its edges.

A node is anything with `.parents`, a tuple of nodes. (`Value.backward` has a faster twin of it: `sweep.in_order`.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar


class Node(Protocol):
    """Anything that remembers which nodes it was made from."""

    @property
    def parents(self) -> Sequence[Node]: ...


N = TypeVar("N", bound=Node)


def topological_order(root: N) -> list[N]:
    """Return every node that `root` depends on, operands first, `root` last.

    Why is an order needed? Take

        b = a + a
        c = b + b

    dc/db is 2, dc/da is 4. Two arrows lead back from c to b, and two from b to a; every local derivative is 1. If b
    handed its gradient on at each arrival, it would hand on first 1, then 2, each time along both arrows: a would get
    1 + 1 + 2 + 2 = 6. A node may hand on only when *all* arrows into it have been added up, that is, after every
    node that uses it. The list that is returned, read from its end, is such an order.

    The walk keeps its own stack, so a chain of a million nodes needs no recursion.

    >>> class N:
    ...     def __init__(self, *parents): self.parents = parents
    >>> a = N(); b = N(a, a); c = N(b, b)
    >>> topological_order(c) == [a, b, c]
    True
    """
    if not hasattr(root, "parents"):
        raise TypeError(f"expected a Value, got {type(root).__name__}; pass the result of a computation")
    order: list[N] = []
    met: set[int] = set()
    opened: list[N] = []  # the nodes whose operands are being walked, from the root down
    stack: list[N | None] = [root]  # None: here the operands of a node end
    while stack:
        node = stack.pop()
        if node is None:  # all operands of the node opened last are in the order now
            order.append(opened.pop())
        elif id(node) not in met:
            met.add(id(node))
            if parents := node.parents:
                opened.append(node)
                stack.append(None)
                stack.extend(reversed(parents))  # type: ignore[arg-type]
            else:
                order.append(node)
    return order
