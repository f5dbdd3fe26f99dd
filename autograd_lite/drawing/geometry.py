"""Sizes and positions: how large a card is, and where a layout puts cards, arrows and panels."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from autograd_lite.drawing.scene import Card, Row, Scene
from autograd_lite.notation.text import LOWERED, RAISED

HEADER, ROW, PAD, PILL = 27.0, 21.0, 5.0, 54.0
WIDE, COMPACT = 102.0, 58.0  # a card, and the number on a compact one: room for −1.234e−5, so that none moves its card
INSET, TITLE = 14.0, 20.0  # inside a panel: border, and the line with its title
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its middle and its size."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class Route:
    """The way of an arrow: a start, then three points for each cubic curve; where its label stands."""

    points: tuple[Point, ...]
    label: Point | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """The result of a layout: the position of every card, arrow and panel, y downwards."""

    w: float
    h: float
    cards: dict[str, Box]
    routes: dict[str, Route]
    clusters: dict[str, Box]


def _around(boxes: Sequence[Box]) -> Box:
    """Return the panel around some cards, with room for its title below them."""
    left, right = min(b.x - b.w / 2 for b in boxes) - INSET, max(b.x + b.w / 2 for b in boxes) + INSET
    top, low = min(b.y - b.h / 2 for b in boxes) - INSET, max(b.y + b.h / 2 for b in boxes) + INSET / 2 + TITLE
    return Box((left + right) / 2, (top + low) / 2, right - left, low - top)


def framed(placement: Placement, clusters: Mapping[str, Sequence[str]]) -> Placement:
    """Return the placement with a panel around each of these groups of cards, moved so that all is in sight."""
    panels = {id_: _around([placement.cards[card] for card in cards]) for id_, cards in clusters.items()}
    boxes = [*panels.values(), Box(placement.w / 2, placement.h / 2, placement.w, placement.h)]
    dx, dy = -min(b.x - b.w / 2 for b in boxes), -min(b.y - b.h / 2 for b in boxes)

    def move(box: Box) -> Box:
        return replace(box, x=box.x + dx, y=box.y + dy)

    def shift(point: Point) -> Point:
        return point[0] + dx, point[1] + dy

    return Placement(
        max(b.x + b.w / 2 for b in boxes) + dx,
        max(b.y + b.h / 2 for b in boxes) + dy,
        {id_: move(b) for id_, b in placement.cards.items()},
        {id_: Route(tuple(map(shift, r.points)), r.label and shift(r.label)) for id_, r in placement.routes.items()},
        {id_: move(b) for id_, b in panels.items()},
    )


# Advance widths of Helvetica, in thousandths of the size, from the space to the tilde.
_HELVETICA = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 "
    "584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 "
    "944 667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 "
    "500 278 556 500 722 500 500 500 334 260 334 584"
)
_WIDTHS = dict(zip(map(chr, range(32, 127)), map(int, _HELVETICA.split()), strict=True))
_SMALL = {*LOWERED, *RAISED}  # digits, letters and signs of indices
_WIDTHS |= {"→": 1000, "…": 1000, "⋯": 1000, "✎": 1000, "�": 1000, "·": 280, "−": 584}


def width(text: str, size: float, bold: bool = False) -> float:
    """Return the width of `text` in Helvetica, for the layout of cards.

    >>> width("data", 10) < width("data", 10, bold=True) < width("data", 12)
    True
    """
    total = 0
    for character in text:
        if character in _WIDTHS:
            total += _WIDTHS[character]
        elif unicodedata.east_asian_width(character) in "WF":
            total += 1000
        elif character in _SMALL or unicodedata.category(character) in ("No", "Lm"):
            total += 360
        elif not unicodedata.combining(character):
            total += 640
    return total * size / 1000 * (1.1 if bold else 1.0)


def pill_width(symbol: str) -> float:
    """Return the width of the dark pill that holds the operation."""
    return max(22.0, width(symbol, 11, bold=True) + 12) if symbol else 0.0


def heading(card: Card) -> float:
    """Return the width of pill and name side by side."""
    gap = 6.0 if card.symbol and card.name else 0.0
    size = 11 if card.kind == "constant" else 12.5 if card.compact else 13
    return pill_width(card.symbol) + gap + width(card.name, size, card.kind != "constant")


def _room(row: Row) -> float:
    """Return the width that the text of a row needs, also where it is hidden."""
    text = row.room or row.text
    return width(text, 9 if row.small else 12)


def _size(card: Card) -> tuple[float, float]:
    if not card.compact:
        rows = max((width(row.caption, 9) + _room(row) + 26 for row in card.rows), default=0.0)
        return max(WIDE if card.rows else 78.0, heading(card) + 20, rows), HEADER + ROW * len(card.rows) + PAD
    if not card.rows:
        return max(24.0, heading(card) + 14), 20.0 if card.kind == "constant" else 24.0
    value = max(40.0 if card.kind == "constant" else COMPACT, _room(card.rows[0]))
    return heading(card) + value + 20 + (PILL + 2) * (len(card.rows) > 1), 25.0


def sizes(scene: Scene) -> dict[str, tuple[float, float]]:
    """Return width and height of every card, in points; cards of one column are equally wide."""
    found = {card.id: _size(card) for card in scene.cards}
    for cluster in scene.clusters if scene.columns else ():
        widest = max(found[id_][0] for id_ in cluster.cards)
        found.update({id_: (widest, found[id_][1]) for id_ in cluster.cards})
    return found
