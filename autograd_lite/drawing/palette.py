"""The colours of a picture: cards by their kind, gradients from blue (negative) over grey (0) to orange (positive)."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = [
    "BLUE",
    "BLUE_INK",
    "DIM",
    "FAINT",
    "INK",
    "KINDS",
    "MUTED",
    "NOWHERE",
    "ORANGE",
    "ORANGE_INK",
    "PANEL",
    "RULE",
    "UNSEEN",
    "Paint",
    "Stroke",
    "by_sign",
    "ink",
    "mix",
    "share",
    "stroke",
]

INK = "#0f172a"  # numbers
MUTED = "#475569"  # captions
FAINT = "#64748b"  # legend and edge labels
RULE = "#e2e8f0"  # borders of panels
PANEL = "#f6f8fb"  # panels around a neuron or layer
NOWHERE = "#cbd5e1"  # edges through which nothing flows
UNSEEN = "#94a3b8"  # edges of which it is not known what flows
DIM = 0.25  # opacity of what is off the path
BLUE, ORANGE, ZERO = "#5b93d0", "#e8974f", "#f1f5f9"
BLUE_INK, ORANGE_INK = "#1d5fa8", "#a84b08"  # the same for small print, dark enough to be read on white


@dataclass(frozen=True, slots=True)
class Paint:
    """The colours of one kind of card: ground, border, name, and the pill that holds the operation."""

    ground: str
    border: str
    name: str
    pill: str
    word: str  # what the legend calls it


KINDS = {
    "input": Paint("#eff6ff", "#7aa7ee", "#1e40af", "#1e40af", "input"),
    "parameter": Paint("#fff7ed", "#eba459", "#9a3412", "#9a3412", "parameter"),
    "leaf": Paint("#f0fdfa", "#6bb5a8", "#115e59", "#115e59", "leaf"),
    "op": Paint("#ffffff", "#aebccd", "#1e293b", "#1e293b", "operation"),
    "output": Paint("#fdf2f8", "#e279b0", "#9d174d", "#9d174d", "output"),
    "constant": Paint("#f1f5f9", "#cbd5e1", "#475569", "#475569", "number"),
    "neuron": Paint("#ffffff", "#aebccd", "#1e293b", "#1e293b", "neuron"),
    "layer": Paint("#ffffff", "#aebccd", "#1e293b", "#1e293b", "layer"),
    "folded": Paint("#f8fafc", "#94a3b8", "#475569", "#475569", "folded"),
}


def mix(colour: str, ground: str, share: float) -> str:
    """Return `share` of one colour on another.

    >>> mix("#000000", "#ffffff", 0.5)
    '#808080'
    """
    pairs = ((int(colour[i : i + 2], 16), int(ground[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def share(x: float, largest: float) -> float:
    """Return how strong `x` is beside the largest of its kind, from 0 to 1; the root lets small ones be seen."""
    if math.isnan(x) or x == 0.0 or largest == 0.0:
        return 0.0
    return 1.0 if math.isinf(x) else math.sqrt(min(1.0, abs(x) / largest))


def by_sign(x: float, largest: float) -> str:
    """Return the ground of a pill that holds `x`."""
    return mix(BLUE if x < 0.0 else ORANGE, ZERO, 0.75 * share(x, largest))


@dataclass(frozen=True, slots=True)
class Stroke:
    """How an arrow is drawn: by sign and size of what it stands for, and a negative one in dashes, too."""

    colour: str
    width: float
    dashed: bool = False


def stroke(flow: float, largest: float) -> Stroke:
    """Return the look of an arrow along which `flow` goes; nan if that is not known."""
    if math.isnan(flow):
        return Stroke(UNSEEN, 1.2)
    if flow == 0.0:
        return Stroke(NOWHERE, 0.9)
    return Stroke(BLUE if flow < 0.0 else ORANGE, round(0.9 + 2.4 * share(flow, largest), 2), flow < 0.0)


def ink(x: float) -> str:
    """Return the colour in which the number `x` is printed on an arrow."""
    return BLUE_INK if x < 0.0 else ORANGE_INK if x > 0.0 else FAINT
