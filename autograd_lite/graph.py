"""The computation graph as every reader sees it: an order to walk it in, and its edges.

Nothing here knows what a Value is. A node is anything with `.parents`, a tuple of nodes.
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

    dc/db is 2, dc/da is 4. The rule "each node hands its gradient on as soon as some arrives" would let the
    first arrow from c into b (1) run on to a at once, and the second (then 2) again: a would collect 1 + 1 from
    the first and 2 + 2 from the second, 6 in all. A node may hand on only when *all* arrows into it have been
    added up, that is, after every node that uses it. Reversed, this list is such an order.

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
    stack: list[N | None] = [root]
    while stack:
        node = stack.pop()
        if node is None:  # the end of the operands of the node that was opened last
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


def trace(root: N) -> tuple[list[N], list[tuple[N, N]]]:
    """Return all nodes, operands first, and all edges as (operand, result) pairs, with repetition."""
    nodes = topological_order(root)
    return nodes, [(parent, node) for node in nodes for parent in node.parents]  # type: ignore[misc]
