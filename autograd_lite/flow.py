"""The chain rule for code that only reads a graph: d root / d node from the root down, d node / d wrt from `wrt` up.

`Value.backward` is the one that writes. A node is anything with `.parents` and `.partials`, the local derivatives.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter, mul
from typing import Any

Links = list[tuple[int, Any, float]]  # some parents of a node: parent index, parent, local derivative


def flow(
    order: Sequence[Any],
    grads: dict[int, Any],
    partials: Callable[[Any], Sequence[Any]] = attrgetter("partials"),
    times: Callable[[Any, Any], Any] = mul,
    zero: Any = 0.0,
) -> Iterator[tuple[Any, Any, Any, Any, Any]]:
    """Yield the contribution of each node to each of its parents, as in `Value.backward`: from the root to the leaves.

    Each item is (node, parent, partial, amount, total): `amount` is the contribution, the node's gradient times the
    partial; `total` the parent's gradient so far. `grads` holds the gradients by id, at the start that of the root.
    Other `partials`, `times` and `zero` make gradients that are Values, or small numbers for a worksheet.
    """
    for node in reversed(order):
        if parents := node.parents:
            upstream = grads[id(node)]
            for parent, partial in zip(parents, partials(node)):  # noqa: B905 (there are as many)
                key = id(parent)
                amount = times(upstream, partial)
                grads[key] = total = grads.get(key, zero) + amount
                yield node, parent, partial, amount, total


def gradients(order: Sequence[Any], *how: Any, **arithmetic: Any) -> dict[int, Any]:
    """Return d root / d node for each node of an order, by its id; the arguments are those of `flow`."""
    grads: dict[int, Any] = {id(order[-1]): 1.0}
    deque(flow(order, grads, *how, **arithmetic), maxlen=0)
    return grads


def dependents(order: Sequence[Any], wrt: Any) -> Iterator[tuple[Any, Links]]:
    """Yield `wrt` and every node that depends on it, operands first, with the links that lead down to `wrt`."""
    met = {id(wrt)}
    for node in order:
        if node is wrt:
            yield node, []
        elif links := [(i, p, d) for i, (p, d) in enumerate(zip(node.parents, node.partials, strict=True))
                       if id(p) in met]:  # fmt: skip
            met.add(id(node))
            yield node, links


def tangents(order: Sequence[Any], start: dict[int, float]) -> dict[int, float]:
    """Return the tangent of each node that depends on those in `start`, by its id: the chain rule, leaves first.

    Started with 1 at one node, it is d node / d that one; with a direction at several, the derivative along it.
    """
    slopes = dict(start)
    for node in order:
        if id(node) in start:
            continue
        for parent, partial in zip(node.parents, node.partials, strict=True):
            if (slope := slopes.get(id(parent))) is not None:
                slopes[id(node)] = slopes.get(id(node), 0.0) + slope * partial
    return slopes
