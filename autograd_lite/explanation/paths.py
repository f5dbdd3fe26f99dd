"""All paths from one node up to the root: how many there are, the largest, and the sum of all others.

The derivative is the sum over the paths of the products of their local derivatives. There may be 2^1100 of them, so
none of this walks them one by one:

- the count is a sum over the parents, node by node, in whole numbers;
- the k largest: follow the best path, keep every detour from it with its loss in a heap, take the cheapest next;
- the rest is summed in disjoint bundles: a bundle leaves the shown paths by one edge, and what follows that edge is
  a derivative known already. Nothing is subtracted, so digits cancel only between terms of opposite sign.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush, nsmallest
from itertools import count
from math import fsum, isfinite, log, prod
from typing import NamedTuple

from autograd_lite.engine import Value
from autograd_lite.flow import dependents
from autograd_lite.view import Edge

HUGE = 1e12  # stands for the logarithm of inf: larger than that of any product in a graph that fits into memory


@dataclass(frozen=True, slots=True)
class Path:
    """One path, as its steps from the root to the input, and the product of their local derivatives."""

    edges: tuple[Edge, ...]
    root: Value
    product: float

    @property
    def nodes(self) -> tuple[Value, ...]:
        """The nodes, from the root to the input."""
        return (self.root, *(edge.parent for edge in self.edges))

    @property
    def factors(self) -> tuple[float, ...]:
        """The local derivative of each step."""
        return tuple(edge.factor for edge in self.edges)


@dataclass(frozen=True, slots=True)
class Paths:
    """The largest paths, how many there are in all, and the sum of those that are not among them."""

    shown: tuple[Path, ...]
    count: int
    rest: float
    absolute: float  # the sum of all products without their signs: the scale of rounding


class ToInput(NamedTuple):
    """All that leads from a node down to the input."""

    slope: float  # the sum of all products: d node / d input
    absolute_sum: float  # the same without signs
    best: float  # the logarithm of the largest
    branch_point: int  # the id of the node where its paths part: itself, or further down if it has but one


def log_size(x: float) -> float:
    """Return log |x|, a finite number also for 0, inf and nan (which count as largest)."""
    return (log(abs(x)) if x else -HUGE) if isfinite(x) else HUGE


def find_paths(order: Sequence[Value], wrt: Value, limit: int) -> Paths:
    """Return the paths from `wrt` to the last node of the order, the `limit` largest one by one.

    >>> from autograd_lite.view import View
    >>> x = Value(3.0)
    >>> found = find_paths(View(x * x + x).order, x, 2)
    >>> found.count, [p.product for p in found.shown], found.rest
    (3, [3.0, 3.0], 1.0)
    """
    root, (below, meetings) = order[-1], to_input(order, wrt)
    if id(root) not in below:
        return Paths((), 0, 0.0, 0.0)
    shown = [Path(tuple(edges), root, prod([e.factor for e in edges])) for edges in _largest(root, wrt, below, limit)]
    rest = sum_of(list(_bundles(root, shown, below)))
    return Paths(tuple(shown), _count(meetings, id(wrt)), rest, below[id(root)].absolute_sum)


def to_input(order: Sequence[Value], wrt: Value) -> tuple[dict[int, ToInput], list[tuple[int, list[int]]]]:
    """Return all that leads down from each node above `wrt`, by id; and each branch point with those next below it."""
    found = {id(wrt): ToInput(1.0, 1.0, 0.0, id(wrt))}
    meetings: list[tuple[int, list[int]]] = []
    for node, links in dependents(order, wrt):
        ways = [(d, found[id(parent)]) for _, parent, d in links]
        if len(ways) == 1:  # most of a long chain
            d, way = ways[0]
            found[id(node)] = ToInput(
                d * way.slope, abs(d) * way.absolute_sum, log_size(d) + way.best, way.branch_point
            )
        elif ways:
            slope = sum_of([d * way.slope for d, way in ways])
            absolute_sum = sum([abs(d) * way.absolute_sum for d, way in ways])
            best = max([log_size(d) + way.best for d, way in ways])
            found[id(node)] = ToInput(slope, absolute_sum, best, id(node))
            meetings.append((id(node), [way.branch_point for _, way in ways]))
    return found, meetings


def sum_of(numbers: Sequence[float]) -> float:
    """Return the sum, rounded once; inf and nan as they add up."""
    if len(numbers) == 1:
        return numbers[0]
    try:
        return fsum(numbers)
    except (OverflowError, ValueError):
        return sum(numbers)


def _count(meetings: Sequence[tuple[int, list[int]]], start: int) -> int:
    """Return the number of paths; each is dropped after its last use: it may be a million bits long."""
    last = {way: key for key, ways in meetings for way in ways}
    counts, total = {start: 1}, 1
    for key, ways in meetings:
        counts[key] = total = sum([counts[way] for way in ways])
        for way in ways:
            if last[way] == key:
                counts.pop(way, None)
    return total


def _largest(root: Value, wrt: Value, below: dict[int, ToInput], limit: int) -> Iterator[list[Edge]]:
    """Yield the paths of largest |product|, largest first."""
    turns_of: dict[int, list[tuple[float, int]]] = {}  # the paths share most of their nodes

    def turns(node: Value) -> list[tuple[float, int]]:
        """Return each way on from a node with its loss against the best one, which comes first."""
        if len(node.parents) == 1:
            return _ONLY
        if id(node) not in turns_of:
            top = below[id(node)].best
            ways = enumerate(zip(node.parents, node.partials, strict=True))
            turns_of[id(node)] = sorted(
                (top - (log_size(d) + below[id(p)].best), i) for i, (p, d) in ways if id(p) in below
            )
        return turns_of[id(node)]

    def onward(node: Value) -> list[Edge]:
        """Return the best path from a node to the input."""
        edges = []
        while node is not wrt:
            edges.append(Edge(node, turns(node)[0][1]))
            node = edges[-1].parent
        return edges

    tie = count()
    edges = onward(root)
    heap: list[tuple[float, int, list[Edge], int, int]] = []  # loss, tie, a path, and the turn from it: index, parent
    loss, fixed = 0.0, 0
    while limit > 0:
        yield edges
        limit -= 1
        detours = ((loss + more, at, parent_index) for at in range(fixed, len(edges))
                   for more, parent_index in turns(edges[at].node)[1:])  # fmt: skip
        for more, at, parent_index in nsmallest(limit, detours):
            heappush(heap, (more, next(tie), edges, at, parent_index))
        if not heap:
            return
        loss, _, before, at, parent_index = heappop(heap)
        turned = Edge(before[at].node, parent_index)
        edges, fixed = [*before[:at], turned, *onward(turned.parent)], at + 1


_ONLY = [(0.0, 0)]


def _bundles(root: Value, shown: Sequence[Path], below: dict[int, ToInput]) -> Iterator[float]:
    """Yield the sum of each bundle: all paths that leave the shown ones by the same edge at the same place.

    The shown paths are followed together, from the root; a group of them that still agree is split where they part.
    """
    stack: list[tuple[Value, float, list[Path], int]] = [(root, 1.0, list(shown), 0)]
    while stack:
        node, so_far, together, depth = stack.pop()
        if not together:
            yield so_far * below[id(node)].slope
            continue
        if depth == len(together[0].edges):  # arrived at the input: this is a shown path
            continue
        if len(node.parents) == 1:
            stack.append((node.parents[0], so_far * node.partials[0], together, depth + 1))
            continue
        for i, (parent, factor) in enumerate(zip(node.parents, node.partials, strict=True)):
            if id(parent) in below:
                agreeing = [path for path in together if path.edges[depth].parent_index == i]
                stack.append((parent, so_far * factor, agreeing, depth + 1))
