"""A picture as data: cards, edges, panels and notes, with every text and colour decided and no position yet.

`build` makes a scene from a graph; dot, mermaid, outline and svg are its readers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from autograd_lite.drawing.palette import LIGHT, Palette, Stroke

__all__ = ["FONT_SIZE", "Card", "Cluster", "Edge", "Row", "Scene"]

FONT_SIZE = 12.0  # of the numbers on cards, in points


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a card: a caption on the left, a text on the right, on a pill if `fill` is a colour.

    A text that is hidden, or a numbered gap, is given as `room`: the card stays as wide as it would make it.
    """

    caption: str
    text: str
    fill: str = ""
    room: str = ""
    gap: int = 0
    small: bool = False  # in small print


@dataclass(frozen=True, slots=True)
class Card:
    """A box: one value, or many that are folded into one; `compact` puts everything on one line."""

    id: str
    kind: str  # a key of palette.KINDS
    name: str
    symbol: str  # on the dark pill; "" for a leaf
    rows: tuple[Row, ...]
    tooltip: str
    _: KW_ONLY
    compact: bool = False
    dashed: bool = False
    highlighted: bool = True

    @property
    def lines(self) -> list[str]:
        """Its rows as text, those that are empty left out."""
        return [f"{row.caption} {row.text}".strip() for row in self.rows if row.text]


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow from an operand to its result; operands come in their order, with repetition."""

    id: str
    tail: str
    head: str
    label: str
    stroke: Stroke
    tooltip: str
    _: KW_ONLY
    arrow: bool = True
    highlighted: bool = True
    ink: str = LIGHT.theme.faint  # of the label: the colour of its own sign
    room: str = ""  # the label that is hidden, or left out as a gap
    counts: bool = False  # the label is a number of uses, no derivative


@dataclass(frozen=True, slots=True)
class Cluster:
    """A panel around the cards of one neuron or layer."""

    id: str
    title: str
    cards: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that a picture shows."""

    title: str
    rankdir: str
    cards: tuple[Card, ...]
    edges: tuple[Edge, ...]
    clusters: tuple[Cluster, ...] = ()
    notes: tuple[str, ...] = ()
    scale: str = ""  # what the pills on the cards are coloured by
    flow: str = ""  # what colour and width of an arrow stand for
    legend: str = ""  # what the number on an arrow is
    columns: bool = False  # the cards of a panel stand in one column, in their order
    card_of: Mapping[int, str] = field(default_factory=dict, compare=False, repr=False)  # by the id of the value
    palette: Palette = LIGHT
    heading: str = ""  # above the picture
    explained: bool = True  # by a legend
    uncomputed: str = ""  # the note that there are no gradients yet
    font_size: float = FONT_SIZE
