"""All paths from one node up to the root: how many there are, the largest, and the sum of all others.

The derivative is the sum over the paths of the products of their local derivatives. There may be 2^1100 of them, so
none of this walks them one by one:

- the count is a sum over the parents, node by node, in whole numbers;
- the largest come in order by their detours: every path is the best one but for a few turns, each of which costs
  what the best path on from there is smaller. A path found has its cheapest further turns tried next;
- the rest is summed in disjoint bundles: a bundle leaves the shown paths by one edge, and what follows that edge is
  a derivative known already. Nothing is subtracted, so nothing cancels that was not opposite in sign.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush, nsmallest
from itertools import count
from math import fsum, isfinite, log, prod
from typing import NamedTuple

from autograd_lite.engine import Value

HUGE = 1e12  # stands for the logarithm of inf: beyond that of any product of a graph that fits into memory


class Edge(NamedTuple):
    """One step of a path, from the root's side: `node` was made from its parent number `place`."""

    node: Value
    place: int

    @property
    def parent(self) -> Value:
        """The node that the step leads to."""
        return self.node.parents[self.place]

    @property
    def factor(self) -> float:
        """The local derivative."""
        return self.node.partials[self.place]


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


class Reach(NamedTuple):
    """What leads down from a node to the input."""

    slope: float  # the sum of all products: d node / d input
    bulk: float  # the same without signs
    best: float  # the logarithm of the largest
    knot: int  # the id of the node where its ways part: itself, or further down if it has but one


def size(x: float) -> float:
    """Return log |x|, a finite number also for 0, inf and nan (which count as largest)."""
    return (log(abs(x)) if x else -HUGE) if isfinite(x) else HUGE


def find_paths(order: Sequence[Value], wrt: Value, limit: int) -> Paths:
    """Return the paths from `wrt` to the last node of the order, the `limit` largest one by one.

    >>> x = Value(3.0)
    >>> y = x * x + x
    >>> from autograd_lite.graph import topological_order
    >>> found = find_paths(topological_order(y), x, 2)
    >>> found.count, [p.product for p in found.shown], found.rest
    (3, [3.0, 3.0], 1.0)
    """
    root, (reach, meetings) = order[-1], reached(order, wrt)
    if id(root) not in reach:
        return Paths((), 0, 0.0, 0.0)
    shown = [Path(tuple(edges), root, prod([e.factor for e in edges])) for edges in _largest(root, wrt, reach, limit)]
    rest = sum_of(list(_bundles(root, shown, reach)))
    return Paths(tuple(shown), _count(meetings, id(wrt)), rest, reach[id(root)].bulk)


def reached(order: Sequence[Value], wrt: Value) -> tuple[dict[int, Reach], list[tuple[int, list[int]]]]:
    """Return what leads down from each node above `wrt`, by its id; and each knot with those that its ways lead to."""
    reach = {id(wrt): Reach(1.0, 1.0, 0.0, id(wrt))}
    meetings: list[tuple[int, list[int]]] = []
    for node in order:
        if node is wrt:
            continue
        pairs = zip(node.parents, node.partials, strict=True)
        live = [(d, below) for p, d in pairs if (below := reach.get(id(p))) is not None]
        if len(live) == 1:  # most of a long chain
            d, way = live[0]
            reach[id(node)] = Reach(d * way.slope, abs(d) * way.bulk, size(d) + way.best, way.knot)
        elif live:
            slope = sum_of([d * way.slope for d, way in live])
            bulk = sum([abs(d) * way.bulk for d, way in live])
            reach[id(node)] = Reach(slope, bulk, max([size(d) + way.best for d, way in live]), id(node))
            meetings.append((id(node), [way.knot for _, way in live]))
    return reach, meetings


def sum_of(numbers: Sequence[float]) -> float:
    """Return the sum, rounded once; inf and nan as they add up."""
    if len(numbers) == 1:
        return numbers[0]
    try:
        return fsum(numbers)
    except (OverflowError, ValueError):
        return sum(numbers)


def _count(meetings: Sequence[tuple[int, list[int]]], start: int) -> int:
    """Return the number of paths; a knot's is forgotten after its last use, for it may be a million bits long."""
    last = {way: key for key, ways in meetings for way in ways}
    counts, total = {start: 1}, 1
    for key, ways in meetings:
        counts[key] = total = sum([counts[way] for way in ways])
        for way in ways:
            if last[way] == key:
                counts.pop(way, None)
    return total


def _largest(root: Value, wrt: Value, reach: dict[int, Reach], limit: int) -> Iterator[list[Edge]]:
    """Yield the paths of largest |product|, largest first."""

    turns_of: dict[int, list[tuple[float, int]]] = {}  # the paths share most of their nodes

    def turns(node: Value) -> list[tuple[float, int]]:
        if len(node.parents) == 1:
            return _ONLY
        found = turns_of.get(id(node))
        if found is None:
            found = turns_of[id(node)] = _turns(node, reach)
        return found

    def onward(node: Value) -> list[Edge]:
        """Return the best path from a node to the input."""
        edges = []
        while node is not wrt:
            place = turns(node)[0][1]
            edges.append(Edge(node, place))
            node = node.parents[place]
        return edges

    tie = count()
    edges = onward(root)
    heap: list[tuple[float, int, list[Edge], int, int]] = []  # cost, a path, and where which way to turn from it
    cost, fixed = 0.0, 0
    while limit > 0:
        yield edges
        limit -= 1
        detours = ((cost + loss, i, place) for i in range(fixed, len(edges))
                   for loss, place in turns(edges[i].node)[1:])  # fmt: skip
        for more, i, place in nsmallest(limit, detours):
            heappush(heap, (more, next(tie), edges, i, place))
        if not heap:
            return
        cost, _, before, i, place = heappop(heap)
        turned = Edge(before[i].node, place)
        edges, fixed = [*before[:i], turned, *onward(turned.parent)], i + 1


_ONLY = [(0.0, 0)]


def _turns(node: Value, reach: dict[int, Reach]) -> list[tuple[float, int]]:
    """Return what each way on from a node costs against the best one, which comes first."""
    top = reach[id(node)].best
    ways = enumerate(zip(node.parents, node.partials, strict=True))
    return sorted((top - (size(d) + reach[id(p)].best), i) for i, (p, d) in ways if id(p) in reach)


def _bundles(root: Value, shown: Sequence[Path], reach: dict[int, Reach]) -> Iterator[float]:
    """Yield the sum of each bundle: all paths that leave the shown ones by the same edge at the same place.

    The shown paths are followed together, from the root; a group of them that still agree is split where they part.
    """
    stack: list[tuple[Value, float, list[Path], int]] = [(root, 1.0, list(shown), 0)]
    while stack:
        node, sofar, together, depth = stack.pop()
        if not together:
            yield sofar * reach[id(node)].slope
            continue
        if depth == len(together[0].edges):  # arrived at the input: this is a shown path
            continue
        if len(node.parents) == 1:
            stack.append((node.parents[0], sofar * node.partials[0], together, depth + 1))
            continue
        for place, (parent, factor) in enumerate(zip(node.parents, node.partials, strict=True)):
            if id(parent) in reach:
                agreeing = [path for path in together if path.edges[depth].place == place]
                stack.append((parent, sofar * factor, agreeing, depth + 1))
