"""A layout of the project's own: always there, needs no program, and never takes long.

Cards stand in ranks, each to the right of all its operands. The panel of a neuron is laid out first and then takes
part as one large card. Inside, every picture runs from left to right; `_turned` turns it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace

from autograd_lite.draw.geometry import INSET, TITLE, Box, Placement, Point, Route, framed, sizes
from autograd_lite.draw.layered import Drawing, Link, layered
from autograd_lite.draw.scene import Edge, Scene
from autograd_lite.draw.text import width

__all__ = ["place"]

SPOTS = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1)  # where on a curve a label may stand, best first


def place(scene: Scene) -> Placement:
    """Lay out a scene."""
    across = scene.rankdir in ("TB", "BT")
    size: dict[Hashable, Point] = {id_: (h, w) if across else (w, h) for id_, (w, h) in sizes(scene).items()}
    rooms = {e.id: (10.0 if across else width(e.label, 9) + 6) if e.label else 0.0 for e in scene.edges}
    links = [Link(e.id, e.tail, e.head, rooms[e.id]) for e in scene.edges]
    if not scene.columns:
        drawing, panels = _compound(scene, size, links)
        return _turned(scene, size, drawing, panels)
    position = {id_: i for cluster in scene.clusters for i, id_ in enumerate(cluster.cards)}
    flat = _turned(scene, size, layered(size, links, position), {})
    return framed(flat, {cluster.id: cluster.cards for cluster in scene.clusters})


def _moved(
    drawing: Drawing, panels: dict[str, tuple[Point, Point]], du: float, dv: float
) -> tuple[Drawing, dict[str, tuple[Point, Point]]]:

    def shift(p: Point) -> Point:
        return p[0] + du, p[1] + dv

    panels = {id_: (shift(a), shift(b)) for id_, (a, b) in panels.items()}
    u = max([drawing.u + du, *(b[0] for _, b in panels.values())])
    v = max([drawing.v + dv, *(b[1] for _, b in panels.values())])
    at = {id_: shift(p) for id_, p in drawing.at.items()}
    return Drawing(at, {key: [shift(p) for p in way] for key, way in drawing.ways.items()}, u, v), panels


def _compound(
    scene: Scene, size: Mapping[Hashable, Point], links: Sequence[Link]
) -> tuple[Drawing, dict[str, tuple[Point, Point]]]:
    """Lay out each panel by itself, then the panels among the other cards."""
    home = {id_: cluster.id for cluster in scene.clusters for id_ in cluster.cards}
    inner: dict[str, Drawing] = {}
    outer: dict[Hashable, Point] = {id_: size[id_] for id_ in size if id_ not in home}
    for cluster in scene.clusters:
        own: list[Link] = []
        first, last = set[Hashable](), set[Hashable]()
        items: dict[Hashable, Point] = {id_: size[id_] for id_ in cluster.cards}
        for link in links:
            starts, ends = (home.get(str(end)) == cluster.id for end in (link.tail, link.head))
            if starts and ends:
                own.append(link)
            elif ends:  # arrows from outside start at the border: they get a lane between the cards
                items["in", link.key] = (0.0, 0.0)
                first.add(("in", link.key))
                own.append(link._replace(key="in" + link.key, tail=("in", link.key)))
            elif starts:
                items["out", link.key] = (0.0, 0.0)
                last.add(("out", link.key))
                own.append(link._replace(key="out" + link.key, head=("out", link.key), room=0.0))
        drawing, _ = _moved(layered(items, own, None, first, last), {}, INSET, INSET)
        # The title stands below the cards; from the top down, "below" is along the ranks.
        below = (INSET, TITLE) if scene.rankdir in ("LR", "RL") else (TITLE, INSET)
        inner[cluster.id] = replace(drawing, u=drawing.u + below[0], v=drawing.v + below[1])
        outer[cluster.id] = (inner[cluster.id].u, inner[cluster.id].v)
    between = []
    for link in links:
        tail, head = home.get(str(link.tail)), home.get(str(link.head))
        if tail is None or tail != head:
            if tail is not None:
                link = link._replace(tail=tail, leave=inner[tail].at["out", link.key][1] - inner[tail].v / 2)
            if head is not None:
                link = link._replace(head=head, enter=inner[head].at["in", link.key][1] - inner[head].v / 2, room=0.0)
            between.append(link)
    whole = layered(outer, between)
    panels = {}
    for cluster in scene.clusters:
        part = inner[cluster.id]
        (u, v), (du, dv) = whole.at[cluster.id], (part.u / 2, part.v / 2)
        panels[cluster.id] = ((u - du, v - dv), (u + du, v + dv))
        moved, _ = _moved(part, {}, u - du, v - dv)
        whole.at.update({id_: moved.at[id_] for id_ in cluster.cards})
        for key, way in moved.ways.items():
            if key.startswith("out"):
                whole.ways[key[3:]] = way + whole.ways[key[3:]][1:]
            elif key.startswith("in"):
                whole.ways[key[2:]] = whole.ways[key[2:]] + way[1:]
            else:
                whole.ways[key] = way
    return whole, panels


def _turned(
    scene: Scene, size: Mapping[Hashable, Point], drawing: Drawing, panels: Mapping[str, tuple[Point, Point]]
) -> Placement:
    """Turn a picture from left to right into the direction that is asked for."""
    back = scene.rankdir in ("RL", "BT")
    across = scene.rankdir in ("TB", "BT")

    def turn(p: Point) -> Point:
        u = drawing.u - p[0] if back else p[0]
        return (p[1], u) if across else (u, p[1])

    def box(middle: Point, extent: Point) -> Box:
        return Box(*turn(middle), *(reversed(extent) if across else extent))

    ways = {key: tuple(turn(p) for p in way) for key, way in drawing.ways.items()}
    w, h = (drawing.v, drawing.u) if across else (drawing.u, drawing.v)
    return Placement(
        w,
        h,
        {card.id: box(drawing.at[card.id], size[card.id]) for card in scene.cards},
        _labelled(scene.edges, ways),
        {id_: box(((a + c) / 2, (b + d) / 2), (c - a, d - b)) for id_, ((a, b), (c, d)) in panels.items()},
        "autograd_lite's own",
    )


def _labelled(edges: Sequence[Edge], ways: Mapping[str, tuple[Point, ...]]) -> dict[str, Route]:
    """Put each label on the last curve of its arrow, beside the labels that are there already."""
    routes: dict[str, Route] = {}
    taken: dict[tuple[int, int], list[tuple[float, float, float]]] = defaultdict(list)
    for edge in edges:
        way = ways[edge.id]
        half = width(edge.label, 9) / 2 + 1
        spots = [(x, y - 6) for x, y in (_on(way[-4:], t) for t in SPOTS)]
        if len(way) > 7:  # a lane is level, and has room for a label on the line itself
            spots.insert(0, _on(way[-7:-3], 0.5))

        def free(spot: Point, half: float = half) -> bool:
            others = taken[round(spot[0] / 100), round(spot[1] / 40)]
            return all(abs(spot[0] - x) > half + r or abs(spot[1] - y) > 9 for x, y, r in others)

        best = next(filter(free, spots), spots[0])
        if edge.label:
            taken[round(best[0] / 100), round(best[1] / 40)].append((*best, half))
        routes[edge.id] = Route(way, best)
    return routes


def _on(curve: Sequence[Point], t: float) -> Point:
    """Return the point at `t` of a cubic curve."""
    weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t**3)
    x, y = (sum(w * p[i] for w, p in zip(weights, curve, strict=True)) for i in (0, 1))
    return x, y
