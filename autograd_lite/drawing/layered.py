"""The layered layout itself (Sugiyama's method): items in ranks, arrows as curves between them.

Ranks by longest path, long arrows given a lane through the ranks they cross, orders by barycentre sweeps, positions
by isotonic regression. Everything runs from left to right: x along the ranks, y across.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from statistics import fmean
from typing import NamedTuple

from autograd_lite.drawing.geometry import INSET, TITLE, Point

__all__ = ["GAP", "Drawing", "Link", "layered"]

GAP, SPACE = 48.0, 14.0  # between ranks, between cards of a rank
LANES = 6000  # bends of long arrows in all; beyond that arrows go straight
SWEEPS = 16
FAN = 60  # arrows of a folded net from which on they go straight from card to card
LARGE = 1500  # items from which on there are fewer sweeps


class Link(NamedTuple):
    """An arrow between two items; the offsets are the ports of a panel, None where any port will do."""

    key: str
    tail: Hashable
    head: Hashable
    room: float  # for its label
    leave: float | None = None
    enter: float | None = None


@dataclass(slots=True)
class Drawing:
    """Items at their place, by their middle, and arrows as starts and triples of curve points."""

    at: dict[Hashable, Point] = field(default_factory=dict)
    routes: dict[str, list[Point]] = field(default_factory=dict)
    width: float = 0.0
    height: float = 0.0


def layered(
    size: Mapping[Hashable, Point],
    links: Sequence[Link],
    position: Mapping[str, Point] | None = None,
    first: Collection[Hashable] = (),
    last: Collection[Hashable] = (),
    gap: float = GAP,
) -> Drawing:
    """Lay out items in ranks; `first` and `last` stand on the borders.

    `position` fixes the order of some: by the number of their panel, then by their place in it.
    """
    shape = _known if len(links) <= FAN else _Shape
    heights = tuple((item, h) for item, (_, h) in size.items())
    bare = tuple(link._replace(room=0.0) for link in links)
    found = shape(heights, bare, tuple((position or {}).items()), tuple(first), tuple(last))
    return _Layout(found, size, links, gap).drawn(position is not None and len(links) > FAN)


class _Shape:
    """The ranks, the orders and y of all items: the same whatever numbers are shown; lanes of long arrows are items."""

    def __init__(
        self,
        heights: tuple[tuple[Hashable, float], ...],
        links: tuple[Link, ...],
        position: tuple[tuple[str, Point], ...],
        first: tuple[Hashable, ...],
        last: tuple[Hashable, ...],
    ) -> None:
        self.height, self.position, self.first, self.last = dict(heights), dict(position), {*first}, {*last}
        self.rank = _ranks(self.height, links, self.first, self.last)
        self.chains: dict[str, list[Hashable]] = {}  # of an arrow: its tail, its lanes, its head
        self.steps: list[Link] = []  # the parts of the arrows, from one rank to a later one
        rank = self.rank
        forward = [link for link in links if rank[link.head] > rank[link.tail]]
        lanes = sum(rank[link.head] - rank[link.tail] - 1 for link in forward) <= LANES
        for link in forward:
            bends = range(rank[link.tail] + 1, rank[link.head]) if lanes else ()
            chain = self.chains[link.key] = [link.tail, *((link.key, r) for r in bends), link.head]
            for bend, r in zip(chain[1:-1], bends, strict=True):
                rank[bend], self.height[bend] = r, 3.0
            for a, b in pairwise(chain):
                leave, enter = link.leave if a == link.tail else 0.0, link.enter if b == link.head else 0.0
                self.steps.append(link._replace(tail=a, head=b, leave=leave, enter=enter))
        self.rows = self._orders()
        self.y = self._y()

    def _orders(self) -> list[list[Hashable]]:
        """Return the items of each rank in an order with few crossings."""
        rank = self.rank
        before, after = defaultdict(list), defaultdict(list)
        for step in self.steps:
            before[step.head].append(step)
            after[step.tail].append(step)
        rows: list[list[Hashable]] = [[] for _ in range(max(rank.values(), default=-1) + 1)]
        seen: set[Hashable] = set()
        for end in sorted(rank, key=lambda i: -rank[i]):  # from the output back, operands in their order
            stack = [end]
            while stack:
                item = stack.pop()
                if item not in seen:
                    seen.add(item)
                    rows[rank[item]].append(item)
                    stack += [step.tail for step in reversed(before[item])]
        best, fewest = [list(row) for row in rows], self._crossings(rows)
        index = {item: float(i) for row in rows for i, item in enumerate(row)}

        def mean(down: bool, item: Hashable) -> float:
            if down:
                around = [index[s.tail] + (s.leave or 0.0) / 1e4 for s in before[item]]
            else:
                around = [index[s.head] + (s.enter or 0.0) / 1e4 for s in after[item]]
            return fmean(around) if around else index[item]

        for sweep in range(SWEEPS if len(rank) < LARGE else SWEEPS // 4):
            if not fewest:
                break
            down = sweep % 2 == 0
            for row in rows if down else reversed(rows):
                row.sort(key=lambda item: mean(down, item))
                self._keep(row)
                index.update({item: float(i) for i, item in enumerate(row)})
            crossings = self._crossings(rows)
            if crossings < fewest:
                best, fewest = [list(row) for row in rows], crossings
        for row in best:
            self._keep(row)
        return best

    def _keep(self, row: list[Hashable]) -> None:
        """Put the items whose order is fixed into it, side by side."""
        fixed = [item for item in row if item in self.position]
        if fixed:
            at = row.index(fixed[len(fixed) // 2])
            others = [(i, item) for i, item in enumerate(row) if item not in self.position]
            fixed.sort(key=lambda item: self.position[str(item)])
            row[:] = [item for i, item in others if i < at] + fixed + [item for i, item in others if i > at]

    def _crossings(self, rows: Sequence[Sequence[Hashable]]) -> int:
        index = {item: i for row in rows for i, item in enumerate(row)}
        gaps: dict[int, list[tuple[float, float]]] = defaultdict(list)
        for s in self.steps:
            ends = index[s.tail] + (s.leave or 0.0) / 1e4, index[s.head] + (s.enter or 0.0) / 1e4
            gaps[self.rank[s.tail]].append(ends)
        total = 0
        for pairs in gaps.values():
            passed: list[float] = []
            for _, head in sorted(pairs):
                total += len(passed) - bisect_right(passed, head)
                insort(passed, head)
        return total

    def _y(self) -> dict[Hashable, float]:
        """Return y of each item: near its neighbours, in the given order, without overlap."""
        rows, height = self.rows, self.height
        pulls: dict[Hashable, list[tuple[Hashable, float, float]]] = defaultdict(list)
        for s in self.steps:
            tail, head = height[s.tail], height[s.head]
            weight = 6.0 if tail + head < 7 else 3.0 if min(tail, head) < 4 else 1.0  # lanes are held straight
            shift = (s.leave or 0.0) - (s.enter or 0.0)
            pulls[s.head].append((s.tail, shift, weight))
            pulls[s.tail].append((s.head, -shift, weight))
        y: dict[Hashable, float] = {}
        offsets: list[list[float]] = []
        for row in rows:
            at, mine = 0.0, [0.0] * bool(row)
            for a, b in pairwise(row):
                panels = {self.position.get(str(item), (-1.0,))[0] for item in (a, b)}
                border = 0.0 if len(panels) == 1 else INSET + TITLE + (0.0 if -1.0 in panels else INSET)
                lanes = height[a] < 4 and height[b] < 4
                at += (height[a] + height[b]) / 2 + (10.0 if lanes else SPACE + border)
                mine.append(at)
            offsets.append(mine)
            y.update({item: o - at / 2 for item, o in zip(row, mine, strict=True)})
        pairs = list(zip(rows, offsets, strict=True))
        for sweep in range(24 if len(y) < LARGE else 6):
            for row, mine in pairs if sweep % 2 == 0 else reversed(pairs):
                wishes = []
                for item, offset in zip(row, mine, strict=True):
                    near = pulls[item]
                    weight = sum(w for _, _, w in near)
                    wish = sum((y[i] + d) * w for i, d, w in near) / weight if near else y[item]
                    wishes.append((wish - offset, max(weight, 0.01)))
                for item, offset, base in zip(row, mine, _isotonic(wishes), strict=True):
                    y[item] = base + offset
        low = min((y[item] - height[item] / 2 for item in y), default=0.0)
        return {item: at - low for item, at in y.items()}


_known = lru_cache(maxsize=64)(_Shape)  # of small pictures: worksheets of one graph differ in their numbers only


class _Layout:
    """A layout in the making."""

    def __init__(self, shape: _Shape, size: Mapping[Hashable, Point], links: Sequence[Link], gap: float) -> None:
        self.shape, self.size, self.links, self.gap = shape, size, links, gap
        self.rank, self.y = shape.rank, shape.y
        self.columns = self._x()

    def drawn(self, fan: bool) -> Drawing:
        """Return the items at their place; in a fan, arrows go straight from card to card."""
        at = {id_: (self._middle(id_), self.y[id_]) for id_ in self.size}
        height = max((self.y[id_] + h / 2 for id_, h in self.shape.height.items()), default=0.0)
        ports = self._ports()
        routes = {link.key: self._route(link, at, ports, fan) for link in self.links}
        return Drawing(at, routes, self.columns[-1][1] if self.columns else 0.0, height)

    def _middle(self, id_: Hashable) -> float:
        left, right = self.columns[self.rank[id_]]
        return left if id_ in self.shape.first else right if id_ in self.shape.last else (left + right) / 2

    def _x(self) -> list[Point]:
        """Return the left and right border of each rank; steep arrows and labels widen the gap before it."""
        rows, steps = self.shape.rows, self.shape.steps
        rooms = {link.key: link.room for link in self.links}
        gaps = [self.gap] * len(rows)
        labels = Counter(self.rank[step.head] for step in steps if rooms[step.key])
        for step in steps:
            r = self.rank[step.head]
            rise = abs(self.y[step.head] + (step.enter or 0.0) - self.y[step.tail] - (step.leave or 0.0))
            gaps[r] = max(gaps[r], self.gap - 8.0 + 0.7 * rooms[step.key] + min(180.0, 0.18 * max(0.0, rise - 40.0)))
        columns, x = [], 0.0
        for r, row in enumerate(rows):
            x += gaps[r] + min(80.0, 8.0 * max(0, labels[r] - 4)) if r else 0.0  # room for many labels side by side
            wide = max((self.size[item][0] for item in row if item in self.size), default=0.0)
            columns.append((x, x + wide))
            x += wide
        return columns

    def _ports(self) -> dict[tuple[str, str], float]:
        """Spread the arrows of a card over its side, in the order in which they come."""
        sides: dict[tuple[Hashable, str], list[tuple[float, int, str]]] = defaultdict(list)
        for i, link in enumerate(self.links):
            chain = self.shape.chains.get(link.key, [link.tail, link.head])
            sides[link.tail, "leave"].append((self.y[chain[1]], i, link.key))
            sides[link.head, "enter"].append((self.y[chain[-2]], i, link.key))
        ports = {}
        for (item, side), arrows in sides.items():
            room = max(0.0, self.size[item][1] - 14.0)
            step = min(13.0 if side == "enter" else 8.0, room / max(1, len(arrows) - 1))
            for i, (_, _, key) in enumerate(sorted(arrows)):
                ports[key, side] = (i - (len(arrows) - 1) / 2) * step
        return ports

    def _route(
        self, link: Link, at: Mapping[Hashable, Point], ports: Mapping[tuple[str, str], float], fan: bool
    ) -> list[Point]:
        """Return the route of an arrow: level through its lanes, an S between the ranks."""
        chain = self.shape.chains.get(link.key, ())
        direct = fan and len(chain) == 2
        draw = _straight if direct else _curve
        leave = 0.0 if direct else link.leave if link.leave is not None else ports[link.key, "leave"]
        enter = 0.0 if direct else link.enter if link.enter is not None else ports[link.key, "enter"]
        (x, y), (u, v) = at[link.tail], at[link.head]
        route = [(x + self.size[link.tail][0] / 2, y + leave)]
        end = (u - self.size[link.head][0] / 2, v + enter)
        if not chain:  # against the ranks: a bow
            (x, y), far = route[0], 0.6 * abs(route[0][0] - end[0]) + 60
            return [*route, (x + 60, y - far / 2), (end[0] - 60, end[1] - far / 2), end]
        for bend in chain[1:-1]:
            (left, right), y = self.columns[self.rank[bend]], self.y[bend]
            draw(route, (left, y))
            if right > left:
                route += [(left + (right - left) / 3, y), (right - (right - left) / 3, y), (right, y)]
        draw(route, end)
        return route


def _ranks(
    size: Iterable[Hashable], links: Sequence[Link], first: set[Hashable], last: set[Hashable]
) -> dict[Hashable, int]:
    heads, waiting = defaultdict(list), dict.fromkeys(size, 0)
    for link in links:
        heads[link.tail].append(link.head)
        waiting[link.head] += 1
    sources = {id_ for id_, count in waiting.items() if not count}
    rank = {id_: 1 if first and id_ not in first else 0 for id_ in waiting}
    ready, left = sorted(sources, key=list(waiting).index) if len(waiting) < 500 else list(sources), dict(waiting)
    while left:
        if not ready:  # a circle (a net that reads its own output): cut it at its first card
            ready.append(next(iter(left)))
        tail = ready.pop()
        if left.pop(tail, None) is None:
            continue
        for head in heads[tail]:
            if head in left:
                rank[head] = max(rank[head], rank[tail] + 1)
                left[head] -= 1
                if left[head] <= 0:
                    ready.append(head)
    _tighten(rank, links, first)
    end = max(rank.values(), default=0)
    rank.update({id_: max(end, 1 + max((rank[i] for i in rank if i not in last), default=0)) for id_ in last})
    return rank


def _tighten(rank: dict[Hashable, int], links: Sequence[Link], first: set[Hashable]) -> None:
    """Move every item as far to the right as its results allow, and back to operands that other results hold there.

    So a term of a sum stands beside the plus that adds it, however long the sum is.
    """
    heads, tails = defaultdict(list), defaultdict(list)
    for link in links:
        if rank[link.tail] < rank[link.head]:
            heads[link.tail].append(link.head)
            tails[link.head].append(link.tail)
    order = sorted((id_ for id_ in rank if id_ not in first), key=lambda id_: rank[id_])
    for id_ in reversed(order):
        if heads[id_]:
            rank[id_] = min(rank[head] for head in heads[id_]) - 1
    for id_ in order:
        computed = [tail for tail in tails[id_] if tails[tail]]
        if computed and len(computed) >= len(heads[id_]):
            rank[id_] = max(rank[tail] for tail in computed) + 1
    for id_ in order:
        if heads[id_] and not tails[id_]:
            rank[id_] = min(rank[head] for head in heads[id_]) - 1


def _isotonic(wishes: Sequence[tuple[float, float]]) -> list[float]:
    """Return the non-decreasing numbers nearest to the wishes (number, weight): pool adjacent violators.

    >>> _isotonic([(1.0, 1.0), (3.0, 1.0), (2.0, 1.0)])
    [1.0, 2.5, 2.5]
    """
    blocks: list[tuple[float, float, int]] = []
    for wish, weight in wishes:
        count = 1
        while blocks and blocks[-1][0] > wish:
            other, heavy, many = blocks.pop()
            wish = (wish * weight + other * heavy) / (weight + heavy)
            weight, count = weight + heavy, count + many
        blocks.append((wish, weight, count))
    return [wish for wish, _, count in blocks for _ in range(count)]


def _curve(route: list[Point], end: Point) -> None:
    start = route[-1]
    half = (end[0] - start[0]) / 2
    route += [(start[0] + half, start[1]), (end[0] - half, end[1]), end]


def _straight(route: list[Point], end: Point) -> None:
    (x, y), (dx, dy) = route[-1], (end[0] - route[-1][0], end[1] - route[-1][1])
    route += [(x + dx / 3, y + dy / 3), (x + dx * 2 / 3, y + dy * 2 / 3), end]
