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
from math import fsum, isfinite, log

from autograd_lite.engine import Value

HUGE = 1e12  # stands for the logarithm of inf: beyond that of any product of a graph that fits into memory


@dataclass(frozen=True, slots=True)
class Edge:
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
    """One path: its nodes from the root to the input, the local derivative of each step, and their product."""

    edges: tuple[Edge, ...]
    nodes: tuple[Value, ...]
    factors: tuple[float, ...]
    product: float


@dataclass(frozen=True, slots=True)
class Paths:
    """The largest paths, how many there are in all, and the sum of those that are not among them."""

    shown: tuple[Path, ...]
    count: int
    rest: float
    absolute: float  # the sum of all products without their signs: the scale of rounding


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
    root = order[-1]
    slopes, bulk, best = {id(wrt): 1.0}, {id(wrt): 1.0}, {id(wrt): 0.0}
    for node in order:
        if node is wrt:
            continue
        live = [(p, d) for p, d in zip(node.parents, node.partials, strict=True) if id(p) in slopes]
        if live:
            slopes[id(node)] = sum_of([d * slopes[id(p)] for p, d in live])
            bulk[id(node)] = sum([abs(d) * bulk[id(p)] for p, d in live])
            best[id(node)] = max([size(d) + best[id(p)] for p, d in live])
    if id(root) not in slopes:
        return Paths((), 0, 0.0, 0.0)
    shown = [_path(root, edges) for edges in _largest(root, wrt, best, limit)]
    rest = sum_of(list(_bundles(root, shown, slopes)))
    return Paths(tuple(shown), _count(order, wrt), rest, bulk[id(root)])


def sum_of(numbers: Sequence[float]) -> float:
    """Return the sum, rounded once; inf and nan as they add up."""
    if len(numbers) == 1:
        return numbers[0]
    try:
        return fsum(numbers)
    except (OverflowError, ValueError):
        return sum(numbers)


def _count(order: Sequence[Value], wrt: Value) -> int:
    """Return the number of paths; a node's is forgotten after its last use, for it may be a million bits long."""
    last = {id(parent): i for i, node in enumerate(order) for parent in node.parents}
    counts = {id(wrt): 1}
    for i, node in enumerate(order):
        if node is not wrt:
            ways = [counts[id(p)] for p in node.parents if id(p) in counts]
            if ways:
                counts[id(node)] = sum(ways)
        for parent in node.parents:
            if last[id(parent)] == i:
                counts.pop(id(parent), None)
    return counts[id(order[-1])]


def _largest(root: Value, wrt: Value, best: dict[int, float], limit: int) -> Iterator[list[Edge]]:
    """Yield the paths of largest |product|, largest first."""

    turns_of: dict[int, list[tuple[float, int]]] = {}  # the paths share most of their nodes

    def turns(node: Value) -> list[tuple[float, int]]:
        found = turns_of.get(id(node))
        if found is None:
            found = turns_of[id(node)] = _turns(node, best)
        return found

    def onward(node: Value) -> list[Edge]:
        """Return the best path from a node to the input."""
        edges = []
        while node is not wrt:
            edges.append(Edge(node, turns(node)[0][1]))
            node = edges[-1].parent
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


def _turns(node: Value, best: dict[int, float]) -> list[tuple[float, int]]:
    """Return what each way on from a node costs against the best one, which comes first."""
    top = best[id(node)]
    ways = enumerate(zip(node.parents, node.partials, strict=True))
    return sorted((top - (size(d) + best[id(p)]), i) for i, (p, d) in ways if id(p) in best)


def _path(root: Value, edges: list[Edge]) -> Path:
    factors = tuple(edge.factor for edge in edges)
    result = 1.0
    for factor in factors:
        result *= factor
    return Path(tuple(edges), (root, *(edge.parent for edge in edges)), factors, result)


def _bundles(root: Value, shown: Sequence[Path], slopes: dict[int, float]) -> Iterator[float]:
    """Yield the sum of each bundle: all paths that leave the shown ones by the same edge at the same place.

    The shown paths are followed together, from the root; a group of them that still agree is split where they part.
    """
    stack: list[tuple[Value, float, list[Path], int]] = [(root, 1.0, list(shown), 0)]
    while stack:
        node, sofar, together, depth = stack.pop()
        if not together:
            yield sofar * slopes[id(node)]
            continue
        if depth == len(together[0].edges):  # arrived at the input: this is a shown path
            continue
        for place, (parent, factor) in enumerate(zip(node.parents, node.partials, strict=True)):
            if id(parent) in slopes:
                agreeing = [path for path in together if path.edges[depth].place == place]
                stack.append((parent, sofar * factor, agreeing, depth + 1))
