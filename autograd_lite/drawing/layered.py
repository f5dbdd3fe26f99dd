"""The layered layout itself (Sugiyama's method): items in ranks, arrows as curves between them.

Ranks by longest path, long arrows given a lane through the ranks they cross, orders by barycentre sweeps, positions
by isotonic regression. Everything runs from left to right: u along the ranks, v across.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Container, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import NamedTuple

from autograd_lite.drawing.geometry import INSET, TITLE, Point

__all__ = ["Drawing", "Link", "layered"]

GAP, SPACE = 48.0, 14.0  # between ranks, between cards of a rank
LANES = 6000  # bends of long arrows in all; beyond that arrows go straight
SWEEPS = 16
FAN = 60  # arrows of a folded net from which on they go straight from card to card


class Link(NamedTuple):
    """An arrow between two items; the offsets say where on a panel it docks, None where any place will do."""

    key: str
    tail: Hashable
    head: Hashable
    room: float  # what its label needs
    leave: float | None = None
    enter: float | None = None


@dataclass(slots=True)
class Drawing:
    """Items at their place, by their middle, and arrows as starts and triples of curve points."""

    at: dict[Hashable, Point] = field(default_factory=dict)
    ways: dict[str, list[Point]] = field(default_factory=dict)
    u: float = 0.0
    v: float = 0.0


def layered(
    size: Mapping[Hashable, Point],
    links: Sequence[Link],
    position: Mapping[str, int] | None = None,
    first: Iterable[Hashable] = (),
    last: Iterable[Hashable] = (),
) -> Drawing:
    """Lay out items in ranks; `position` fixes the order of some, `first` and `last` stand on the borders."""
    rank = _ranks(size, links, set(first), set(last))
    sizes_ = dict(size)
    chains: dict[str, list[Hashable]] = {}
    forward = [link for link in links if rank[link.head] > rank[link.tail]]
    lanes = sum(rank[link.head] - rank[link.tail] - 1 for link in forward) <= LANES
    for link in forward:
        bends = range(rank[link.tail] + 1, rank[link.head]) if lanes else ()
        chain = [link.tail, *((link.key, r) for r in bends), link.head]
        for bend, r in zip(chain[1:-1], bends, strict=True):
            rank[bend], sizes_[bend] = r, (0.0, 3.0)
        chains[link.key] = chain
    steps = [
        _Step(a, b, link.leave if a == link.tail else 0.0, link.enter if b == link.head else 0.0, link.room)
        for link in forward
        for a, b in zip(chains[link.key], chains[link.key][1:], strict=False)
    ]
    rows = _orders(rank, steps, position or {})
    v = _across(rows, steps, sizes_, position or {})
    u = _along(rows, steps, sizes_, v)
    drawing = Drawing({id_: (_middle(id_, u[rank[id_]], first, last), v[id_]) for id_ in size})
    drawing.u = u[-1][1] if u else 0.0
    drawing.v = max((v[id_] + size[id_][1] / 2 for id_ in size), default=0.0)
    fan = position is not None and len(links) > FAN
    _ways(drawing, links, chains, rank, u, v, size, fan)
    return drawing


def _middle(id_: Hashable, column: Point, first: Iterable[Hashable], last: Iterable[Hashable]) -> float:
    left, right = column
    return left if id_ in first else right if id_ in last else (left + right) / 2


class _Step(NamedTuple):
    """A part of an arrow, from one rank to a later one."""

    tail: Hashable
    head: Hashable
    leave: float | None
    enter: float | None
    room: float


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


def _orders(rank: Mapping[Hashable, int], steps: Sequence[_Step], position: Mapping[str, int]) -> list[list[Hashable]]:
    """Return the items of each rank in an order with few crossings."""
    before, after = defaultdict(list), defaultdict(list)
    for step in steps:
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
    best, fewest = [list(row) for row in rows], _crossings(rows, steps, rank)
    place_ = {item: float(i) for row in rows for i, item in enumerate(row)}

    def mean(side: Mapping[Hashable, list[_Step]], item: Hashable) -> float:
        around = [
            place_[s.tail] + (s.leave or 0.0) / 1e4 if side is before else place_[s.head] + (s.enter or 0.0) / 1e4
            for s in side[item]
        ]
        return fmean(around) if around else place_[item]

    for sweep in range(SWEEPS if len(rank) < 1500 else 4):
        if not fewest:
            break
        down = sweep % 2 == 0
        for row in rows if down else reversed(rows):
            row.sort(key=lambda item: mean(before if down else after, item))
            _keep(row, position)
            place_.update({item: float(i) for i, item in enumerate(row)})
        crossings = _crossings(rows, steps, rank)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    for row in best:
        _keep(row, position)
    return best


def _keep(row: list[Hashable], position: Mapping[str, int]) -> None:
    """Put the items whose order is fixed into it, side by side."""
    fixed = [item for item in row if item in position]
    if fixed:
        at = row.index(fixed[len(fixed) // 2])
        others = [(i, item) for i, item in enumerate(row) if item not in position]
        fixed.sort(key=lambda item: position[str(item)])
        row[:] = [item for i, item in others if i < at] + fixed + [item for i, item in others if i > at]


def _crossings(rows: Sequence[Sequence[Hashable]], steps: Sequence[_Step], rank: Mapping[Hashable, int]) -> int:
    place_ = {item: i for row in rows for i, item in enumerate(row)}
    gaps: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for s in steps:
        ends = place_[s.tail] + (s.leave or 0.0) / 1e4, place_[s.head] + (s.enter or 0.0) / 1e4
        gaps[rank[s.tail]].append(ends)
    total = 0
    for ends_ in gaps.values():
        passed: list[float] = []
        for _, head in sorted(ends_):
            total += len(passed) - bisect_right(passed, head)
            insort(passed, head)
    return total


def _across(
    rows: Sequence[Sequence[Hashable]],
    steps: Sequence[_Step],
    size: Mapping[Hashable, Point],
    panel: Container[Hashable],
) -> dict[Hashable, float]:
    """Return v of each item: near its neighbours, in the given order, without overlap."""
    pulls: dict[Hashable, list[tuple[Hashable, float, float]]] = defaultdict(list)
    for s in steps:
        weight = (
            6.0 if size[s.tail][1] + size[s.head][1] < 7 else 3.0 if min(size[s.tail][1], size[s.head][1]) < 4 else 1.0
        )
        pulls[s.head].append((s.tail, (s.leave or 0.0) - (s.enter or 0.0), weight))
        pulls[s.tail].append((s.head, (s.enter or 0.0) - (s.leave or 0.0), weight))
    v: dict[Hashable, float] = {}
    offsets: list[list[float]] = []
    for row in rows:
        at, previous = 0.0, None
        mine = []
        for item in row:
            if previous is not None:
                lanes = size[previous][1] < 4 and size[item][1] < 4
                border = INSET + TITLE if (item in panel) != (previous in panel) else 0.0
                at += (size[previous][1] + size[item][1]) / 2 + (10.0 if lanes else SPACE + border)
            mine.append(at)
            previous = item
        offsets.append(mine)
        v.update({item: o - at / 2 for item, o in zip(row, mine, strict=True)})
    for sweep in range(24 if len(v) < 1500 else 6):
        pairs = list(zip(rows, offsets, strict=True))
        for row, mine in pairs if sweep % 2 == 0 else reversed(pairs):
            wishes = []
            for item, offset in zip(row, mine, strict=True):
                near = pulls[item]
                weight = sum(w for _, _, w in near)
                wish = sum((v[i] + d) * w for i, d, w in near) / weight if near else v[item]
                wishes.append((wish - offset, max(weight, 0.01)))
            for item, offset, base in zip(row, mine, _isotonic(wishes), strict=True):
                v[item] = base + offset
    low = min((v[item] - size[item][1] / 2 for item in v), default=0.0)
    return {item: x - low for item, x in v.items()}


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


def _along(
    rows: Sequence[Sequence[Hashable]],
    steps: Sequence[_Step],
    size: Mapping[Hashable, Point],
    v: Mapping[Hashable, float],
) -> list[Point]:
    """Return the left and right border of each rank; steep arrows and labels widen the gap before it."""
    number = {item: r for r, row in enumerate(rows) for item in row}
    gaps = [GAP] * len(rows)
    labels = Counter(number[step.head] for step in steps if step.room)
    for step in steps:
        r = number[step.head]
        rise = abs(v[step.head] + (step.enter or 0.0) - v[step.tail] - (step.leave or 0.0))
        gaps[r] = max(gaps[r], GAP - 8.0 + 0.7 * step.room + min(180.0, 0.18 * max(0.0, rise - 40.0)))
    columns, u = [], 0.0
    for r, row in enumerate(rows):
        u += gaps[r] + min(80.0, 8.0 * max(0, labels[r] - 4)) if r else 0.0  # room for many labels side by side
        wide = max((size[item][0] for item in row), default=0.0)
        columns.append((u, u + wide))
        u += wide
    return columns


def _ways(
    drawing: Drawing,
    links: Sequence[Link],
    chains: Mapping[str, list[Hashable]],
    rank: Mapping[Hashable, int],
    u: Sequence[Point],
    v: Mapping[Hashable, float],
    size: Mapping[Hashable, Point],
    fan: bool,
) -> None:
    """Draw every arrow: level through its lanes, an S between the ranks; in a dense net, straight from card to card."""
    docks = _docks(links, chains, v, size)
    for link in links:
        direct = fan and len(chains.get(link.key, ())) == 2
        draw = _straight if direct else _curve
        leave = 0.0 if direct else link.leave if link.leave is not None else docks[link.key, "leave"]
        enter = 0.0 if direct else link.enter if link.enter is not None else docks[link.key, "enter"]
        tail, head = drawing.at[link.tail], drawing.at[link.head]
        start = (tail[0] + size[link.tail][0] / 2, tail[1] + leave)
        end = (head[0] - size[link.head][0] / 2, head[1] + enter)
        way = [start]
        for bend in chains.get(link.key, [0, 0])[1:-1]:
            left, right = u[rank[bend]]
            draw(way, (left, v[bend]))
            if right > left:
                way += [(left + (right - left) / 3, v[bend]), (right - (right - left) / 3, v[bend]), (right, v[bend])]
        if link.key in chains:
            draw(way, end)
        else:  # against the ranks: a bow
            far = 0.6 * abs(start[0] - end[0]) + 60
            way += [(start[0] + 60, start[1] - far / 2), (end[0] - 60, end[1] - far / 2), end]
        drawing.ways[link.key] = way


def _curve(way: list[Point], end: Point) -> None:
    start = way[-1]
    half = (end[0] - start[0]) / 2
    way += [(start[0] + half, start[1]), (end[0] - half, end[1]), end]


def _straight(way: list[Point], end: Point) -> None:
    (x, y), (dx, dy) = way[-1], (end[0] - way[-1][0], end[1] - way[-1][1])
    way += [(x + dx / 3, y + dy / 3), (x + dx * 2 / 3, y + dy * 2 / 3), end]


def _docks(
    links: Sequence[Link],
    chains: Mapping[str, list[Hashable]],
    v: Mapping[Hashable, float],
    size: Mapping[Hashable, Point],
) -> dict[tuple[str, str], float]:
    """Spread the arrows of a card over its side, in the order in which they come."""
    sides: dict[tuple[Hashable, str], list[tuple[float, int, str]]] = defaultdict(list)
    for i, link in enumerate(links):
        chain = chains.get(link.key, [link.tail, link.head])
        sides[link.tail, "leave"].append((v[chain[1]], i, link.key))
        sides[link.head, "enter"].append((v[chain[-2]], i, link.key))
    docks = {}
    for (item, side), arrows in sides.items():
        arrows.sort()
        room = max(0.0, size[item][1] - 14.0)
        step = min(13.0 if side == "enter" else 8.0, room / max(1, len(arrows) - 1))
        for i, (_, _, key) in enumerate(arrows):
            docks[key, side] = (i - (len(arrows) - 1) / 2) * step
    return docks
