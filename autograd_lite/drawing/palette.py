"""The colours of a picture: cards by their kind, gradients from blue (negative) over grey (0) to orange (positive).

A picture shares grey and ink with the pages around it, by their theme. A `Palette` adds what only pictures have: the
light one is that of every picture in a page, the others are for slides and for paper.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from autograd_lite import theme
from autograd_lite.theme import Theme

__all__ = ["DIM", "LIGHT", "PALETTES", "Paint", "Palette", "Stroke", "mix", "share"]

DIM = 0.25  # opacity of what is off the path


@dataclass(frozen=True, slots=True)
class Paint:
    """The colours of one kind of card: ground, border, and the name, which is that of the operation's pill, too."""

    ground: str
    border: str
    name: str


@dataclass(frozen=True, slots=True)
class Stroke:
    """The look of an arrow: colour and width show sign and size of its flow, and dashes a negative one."""

    colour: str
    width: float
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a picture on pages of one theme."""

    theme: Theme
    minus: str
    plus: str
    minus_ink: str  # the same for small print, dark enough to be read
    plus_ink: str
    panel: str  # around a neuron or layer
    changed: str  # behind a number that is not the recorded one
    kinds: Mapping[str, Paint]

    def by_sign(self, x: float, largest: float) -> str:
        """Return the ground of a pill that holds `x`."""
        return mix(self.minus if x < 0.0 else self.plus, self.theme.soft, 0.75 * share(x, largest))

    def stroke(self, flow: float, largest: float, crowded: bool = False) -> Stroke:
        """Return the look of an arrow along which `flow` goes, nan if that is not known; in a crowd without dashes."""
        if math.isnan(flow):
            return Stroke(self.theme.line, 1.2)
        colour = self.theme.border if flow == 0.0 else self.minus if flow < 0.0 else self.plus
        strength = share(flow, largest)
        if crowded:
            return Stroke(colour, round(0.25 + 1.6 * strength**2, 2))
        return Stroke(colour, round(0.9 + 2.4 * strength, 2), flow < 0.0)

    def ink(self, x: float) -> str:
        """Return the colour in which the number `x` is printed on an arrow."""
        return self.minus_ink if x < 0.0 else self.plus_ink if x > 0.0 else self.theme.faint


LIGHT = Palette(
    theme.LIGHT,
    minus="#5b93d0",
    plus="#e8974f",
    minus_ink="#1d5fa8",
    plus_ink="#a84b08",
    panel="#f6f8fb",
    changed="#fef08a",
    kinds={
        "input": Paint("#eff6ff", "#7aa7ee", "#1e40af"),
        "parameter": Paint("#fff7ed", "#eba459", "#9a3412"),
        "leaf": Paint("#f0fdfa", "#6bb5a8", "#115e59"),
        "op": Paint("#ffffff", "#aebccd", "#1e293b"),
        "output": Paint("#fdf2f8", "#e279b0", "#9d174d"),
        "constant": Paint("#f1f5f9", "#cbd5e1", "#475569"),
        "neuron": Paint("#ffffff", "#aebccd", "#1e293b"),
        "layer": Paint("#ffffff", "#aebccd", "#1e293b"),
        "folded": Paint("#f8fafc", "#94a3b8", "#475569"),
    },
)

DARK = Palette(
    replace(theme.DARK, picture=theme.DARK.ground),
    minus="#4b83c9",
    plus="#c2691c",
    minus_ink="#93c5fd",
    plus_ink="#fdba74",
    panel="#111a2c",
    changed="#854d0e",
    kinds={
        "input": Paint("#16294a", "#4f82d1", "#93c5fd"),
        "parameter": Paint("#3a2414", "#b8702a", "#fdba74"),
        "leaf": Paint("#10312e", "#3f8f83", "#7fd8c8"),
        "op": Paint("#1f2a40", "#5b6b84", "#e2e8f0"),
        "output": Paint("#3b1730", "#b65c93", "#f9a8d4"),
        "constant": Paint("#0f172a", "#475569", "#b6c2d3"),
        "neuron": Paint("#1f2a40", "#5b6b84", "#e2e8f0"),
        "layer": Paint("#1f2a40", "#5b6b84", "#e2e8f0"),
        "folded": Paint("#0f172a", "#64748b", "#b6c2d3"),
    },
)
PRINT = replace(  # white grounds and dark borders: little toner, and still to be read after a copying machine
    LIGHT,
    theme=replace(theme.PRINT, muted=theme.PRINT.ink, faint="#334155"),
    minus="#3b7bc0",
    plus="#d97a2b",
    panel="#ffffff",
    kinds={kind: replace(paint, ground="#ffffff", border=paint.name) for kind, paint in LIGHT.kinds.items()},
)
PALETTES = {"light": LIGHT, "dark": DARK, "print": PRINT}


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
