"""A wide picture in lines, as a text is: pixels do not scroll."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from autograd_lite.drawing.geometry import Box, Placement, width
from autograd_lite.drawing.layout import STEPS, on
from autograd_lite.drawing.scene import Scene

__all__ = ["BETWEEN", "lines_of"]

WIDE, STRIP = 1400.0, 3.0  # points, and times its height: a picture up to so wide is one line
BETWEEN = 24.0  # points, from one line to the next
RIM = 8.0  # around what is seen in a line


def lines_of(scene: Scene, placement: Placement) -> list[Box]:
    """Return the lines of a picture, each as the part of it that is seen there; one line where it is not very wide.

    It is cut between two ranks of cards, where that cuts the fewest labels.
    """
    w, count = placement.w, 1
    if w > max(WIDE, STRIP * placement.h) and scene.rankdir in ("LR", "RL"):
        count = round(math.sqrt(w / placement.h))  # together about a square
    places = [_cut(scene, placement, *gap) for gap in _gaps(placement)] if count > 1 else []
    cuts = {min(places, key=lambda x: abs(x - w * i / count)) for i in range(1, count)} if places else ()
    lines = [_seen(placement, left, right) for left, right in pairwise([-RIM, *sorted(cuts), w + RIM])]
    return lines if scene.rankdir == "LR" else lines[::-1]


def _gaps(placement: Placement) -> Iterator[tuple[float, float]]:
    """Yield from where to where there are no cards, from left to right."""
    end = math.inf
    for left, right in sorted((box.x - box.w / 2, box.x + box.w / 2) for box in placement.cards.values()):
        if left > end:
            yield end, left
        end = right if end == math.inf else max(end, right)


def _cut(scene: Scene, placement: Placement, left: float, right: float) -> float:
    """Return the place in a gap that cuts the fewest labels, as near to its middle as can be."""
    labels = [(route.label[0], width(edge.label, 9, bold=True) / 2 + 2)
              for edge in scene.edges if (route := placement.routes[edge.id]).label is not None]  # fmt: skip
    shares = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1)
    places = [left + share * (right - left) for share in shares]
    return min(places, key=lambda cut: sum(abs(x - cut) < half for x, half in labels))


def _seen(placement: Placement, left: float, right: float) -> Box:
    """Return the part of a picture between two cuts, as high as what is seen there."""
    boxes = [*placement.cards.values(), *placement.clusters.values()]
    ys = [y for b in boxes if b.x + b.w / 2 > left and b.x - b.w / 2 < right for y in (b.y - b.h / 2, b.y + b.h / 2)]
    for route in placement.routes.values():
        for i in range(0, len(route.points) - 3, 3):
            curve = (on(route.points[i : i + 4], t / STEPS) for t in range(STEPS + 1))
            ys += [y for x, y in curve if left <= x <= right]
    top, low = min(ys, default=0.0) - RIM, max(ys, default=0.0) + RIM
    return Box((left + right) / 2, (top + low) / 2, right - left, low - top)
