"""The layout of a picture: needs no program, is the same on every machine, and never takes long.

Cards stand in ranks, each to the right of all its operands. The panel of a neuron is laid out first and then takes
part as one large card. Inside, every picture runs from left to right; `_turned` turns it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from autograd_lite.drawing.geometry import INSET, TITLE, Box, Placement, Point, Route, framed, sizes, width
from autograd_lite.drawing.layered import GAP, Drawing, Link, layered
from autograd_lite.drawing.scene import FONT_SIZE, Scene

__all__ = ["STEPS", "labelled", "lay_out", "on", "placed"]

SPOTS = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82)  # where on a curve a label may stand, best first
STEPS = 16  # points of a curve that are looked at
LEAST_GAP = 26.0  # between ranks, with room for the head of an arrow
CELL = 48.0  # of the grid in which they are looked up


def lay_out(scene: Scene) -> Placement:
    """Lay out a scene."""
    placement = labelled(scene, placed(scene))
    return framed(placement, {cluster.id: cluster.cards for cluster in scene.clusters}) if scene.columns else placement


def placed(scene: Scene) -> Placement:
    """Return the layout of a scene without its labels: the same whatever numbers its cards and arrows show."""
    upright = scene.rankdir in ("TB", "BT")
    size: dict[Hashable, Point] = {id_: (h, w) if upright else (w, h) for id_, (w, h) in sizes(scene).items()}
    labels = {edge.id: edge.room or edge.label for edge in scene.edges}
    rooms = {id_: (10.0 if upright else width(text, 9, True) + 6) if text else 0.0 for id_, text in labels.items()}
    gap = max(LEAST_GAP, GAP * FONT_SIZE / scene.font_size)  # larger letters take less of a wide page's paper
    links = [Link(e.id, e.tail, e.head, rooms[e.id]) for e in scene.edges]
    if not scene.columns:
        return _turned(scene, size, *_compound(scene, size, links, gap))
    position = {
        id_: (float(panel), float(i)) for panel, c in enumerate(scene.clusters) for i, id_ in enumerate(c.cards)
    }
    return _turned(scene, size, layered(size, links, position, gap=gap), {})


def _compound(
    scene: Scene, size: Mapping[Hashable, Point], links: Sequence[Link], gap: float
) -> tuple[Drawing, dict[str, Box]]:
    """Lay out each panel by itself, then the panels among the other cards."""
    home = {id_: cluster.id for cluster in scene.clusters for id_ in cluster.cards}
    inner: dict[str, Drawing] = {}
    outer: dict[Hashable, Point] = {id_: size[id_] for id_ in size if id_ not in home}
    for cluster in scene.clusters:
        own: list[Link] = []
        first, last = dict[Hashable, Point](), dict[Hashable, Point]()
        items: dict[Hashable, Point] = {id_: size[id_] for id_ in cluster.cards}
        for link in links:
            starts, ends = (home.get(str(end)) == cluster.id for end in (link.tail, link.head))
            if starts and ends:
                own.append(link)
            elif ends:  # arrows from outside start at the border: they get a lane between the cards
                first["in", link.key] = (0.0, 0.0)
                own.append(link._replace(key="in" + link.key, tail=("in", link.key)))
            elif starts:
                last["out", link.key] = (0.0, 0.0)
                own.append(link._replace(key="out" + link.key, head=("out", link.key), room=0.0))
        inside = layered(items | first | last, own, None, first, last, gap)
        # The title stands below the cards; from the top down, "below" is along the ranks.
        right, below = (INSET, TITLE) if scene.rankdir in ("LR", "RL") else (TITLE, INSET)
        outer[cluster.id] = inside.width + INSET + right, inside.height + INSET + below
        inner[cluster.id] = inside
    between = []
    for link in links:
        tail, head = home.get(str(link.tail)), home.get(str(link.head))
        if tail is not None and tail != head:
            port = inner[tail].at["out", link.key][1] + INSET - outer[tail][1] / 2
            link = link._replace(tail=tail, leave=port)
        if head is not None and tail != head:
            port = inner[head].at["in", link.key][1] + INSET - outer[head][1] / 2
            link = link._replace(head=head, enter=port, room=0.0)
        if tail is None or tail != head:
            between.append(link)
    whole = layered(outer, between, gap=gap)
    panels = {cluster.id: Box(*whole.at[cluster.id], *outer[cluster.id]) for cluster in scene.clusters}
    for id_, box in panels.items():
        dx, dy = box.x - box.w / 2 + INSET, box.y - box.h / 2 + INSET
        whole.at |= {item: (x + dx, y + dy) for item, (x, y) in inner[id_].at.items() if item in home}
        for key, points in inner[id_].routes.items():
            route = [(x + dx, y + dy) for x, y in points]
            if key.startswith("out"):
                whole.routes[key[3:]] = route + whole.routes[key[3:]][1:]
            elif key.startswith("in"):
                whole.routes[key[2:]] = whole.routes[key[2:]] + route[1:]
            else:
                whole.routes[key] = route
    return whole, panels


def _turned(scene: Scene, size: Mapping[Hashable, Point], drawing: Drawing, panels: Mapping[str, Box]) -> Placement:
    """Turn a picture from left to right into the direction that is asked for."""
    back, upright = scene.rankdir in ("RL", "BT"), scene.rankdir in ("TB", "BT")

    def turn(p: Point) -> Point:
        x = drawing.width - p[0] if back else p[0]
        return (p[1], x) if upright else (x, p[1])

    def box(middle: Point, extent: Point) -> Box:
        return Box(*turn(middle), *(reversed(extent) if upright else extent))

    routes = {key: Route(tuple(map(turn, points))) for key, points in drawing.routes.items()}
    cards = {card.id: box(drawing.at[card.id], size[card.id]) for card in scene.cards}
    w, h = (drawing.height, drawing.width) if upright else (drawing.width, drawing.height)
    turned = {id_: box((panel.x, panel.y), (panel.w, panel.h)) for id_, panel in panels.items()}
    return Placement(w, h, cards, routes, turned)


def labelled(scene: Scene, placement: Placement) -> Placement:
    """Put each label beside its arrow, where it covers neither an arrow nor a card nor another label."""
    edges, cards = scene.edges, placement.cards
    routes = {key: route.points for key, route in placement.routes.items()}
    grid = _Grid()
    if any(edge.label for edge in edges):
        for way in routes.values():
            for i in range(0, len(way) - 3, 3):
                for t in range(STEPS):
                    grid.add(*on(way[i : i + 4], t / STEPS))
        for box in cards.values():
            grid.add_box(box.x, box.y, box.w / 2, box.h / 2)
    found: dict[str, Route] = {}
    for edge in edges:
        way = routes[edge.id]
        if not edge.label:
            found[edge.id] = Route(way)
            continue
        w, h = width(edge.label, 9, bold=True) / 2, 4.0
        curves = [way[-4:]] if len(way) < 8 else [way[-7:-3], way[-4:]]  # a lane is level, and has room
        least = 1 << 30
        for side, curve, spot_at in product((-1, 1), curves, SPOTS):
            spot = _beside(curve, spot_at, side, w + edge.stroke.width, h + edge.stroke.width / 2)
            if (covered := grid.covered(*spot, w, h)) < least:
                (x, y), least = spot, covered
            if not least:
                break
        grid.add_box(x, y, w + 2, h)
        found[edge.id] = Route(way, (x, y))
    return replace(placement, routes=found)


def _beside(curve: Sequence[Point], t: float, side: int, w: float, h: float) -> Point:
    """Return the middle of a label that touches a curve at `t` from above (side -1) or from below."""
    (x, y), (x0, y0), (x1, y1) = on(curve, t), on(curve, t - 0.02), on(curve, t + 0.02)
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    across, along = (y1 - y0) / length, abs(x1 - x0) / length
    away = abs(across) * w + along * (h + 1.0)
    if along < 1e-9:  # straight up or down: its sides are left and right
        return x - side * away, y
    return x - side * away * across * (1 if x1 >= x0 else -1), y + side * away * along


class _Grid:
    """The points that labels keep away from, by the cell of a grid that they lie in."""

    def __init__(self) -> None:
        self.points: dict[tuple[int, int], list[Point]] = defaultdict(list)
        self.boxes: dict[tuple[int, int], list[tuple[float, float, float, float]]] = defaultdict(list)

    def add(self, x: float, y: float) -> None:
        self.points[int(x // CELL), int(y // CELL)].append((x, y))

    def add_box(self, x: float, y: float, w: float, h: float) -> None:
        for cell in self._cells(x, y, w, h):
            self.boxes[cell].append((x, y, w, h))

    @staticmethod
    def _cells(x: float, y: float, w: float, h: float) -> Iterator[tuple[int, int]]:
        for i in range(int((x - w) // CELL), int((x + w) // CELL) + 1):
            for j in range(int((y - h) // CELL), int((y + h) // CELL) + 1):
                yield i, j

    def covered(self, x: float, y: float, w: float, h: float) -> int:
        """Return how much a label there would cover; a card or a label is worse than an arrow."""
        count = 0
        for cell in self._cells(x, y, w, h):
            count += sum(abs(px - x) < w + 1 and abs(py - y) < h + 0.5 for px, py in self.points.get(cell, ()))
            count += sum(
                20 for bx, by, bw, bh in self.boxes.get(cell, ()) if abs(bx - x) < w + bw and abs(by - y) < h + bh
            )
        return count


def on(curve: Sequence[Point], t: float) -> Point:
    """Return the point at `t` of a cubic curve."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = curve
    a, b, c, d = (1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t**3
    return a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3
