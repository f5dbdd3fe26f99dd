"""Two small charts as SVG text: curves over the epochs, and predicted against true numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 520, 300
LEFT, RIGHT, TOP, BOTTOM = 58, 508, 12, 254  # the frame that data are drawn in
COLOURS = ("#2f6fd0", "#d9731a")
DASHES = ("", ' stroke-dasharray="7 4"')  # nobody has to tell two curves apart by colour


@dataclass(frozen=True, slots=True)
class Axis:
    """A range of numbers laid along a range of pixels."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def place(self, number: float) -> float:
        """Return where a number stands.

        >>> Axis(0.0, 10.0, 100.0, 200.0).place(5.0), Axis(1.0, 100.0, 0.0, 200.0, True).place(10.0)
        (150.0, 100.0)
        """
        low, high, number = (self._scaled(x) for x in (self.low, self.high, number))
        return self.start + (number - low) / (high - low or 1.0) * (self.end - self.start)

    def _scaled(self, number: float) -> float:
        return math.log10(number) if self.logarithmic else number

    def ticks(self) -> list[float]:
        """Return round numbers to label: some five, all within the range.

        >>> Axis(0.0, 1.1, 0.0, 1.0).ticks()
        [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
        >>> Axis(0.03, 2.0, 0.0, 1.0, True).ticks()
        [0.05, 0.1, 0.2, 0.5, 1.0, 2.0]
        """
        if self.logarithmic:
            decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            digits, step = ((1, 2, 5), 1) if len(decades) <= 4 else ((1,), math.ceil(len(decades) / 8))
            numbers = [float(f"{digit}e{decade}") for decade in decades[::step] for digit in digits]
        else:
            rough = (self.high - self.low) / 5.0 or 1.0
            decade = 10.0 ** math.floor(math.log10(rough))
            step_size = next(m * decade for m in (1.0, 2.0, 5.0, 10.0) if m * decade >= 0.7 * rough)
            first = math.ceil(self.low / step_size - 1e-9)
            last = math.floor(self.high / step_size + 1e-9)
            numbers = [float(f"{i * step_size:.12g}") for i in range(first, last + 1)]
        slack = 1e-9 * (self.high - self.low)
        return [number for number in numbers if self.low - slack <= number <= self.high + slack]


def curves_chart(
    curves: Mapping[str, Sequence[float]], across: str = "epoch", epochs: Sequence[int] | None = None
) -> str:
    """Draw curves by name; the scale is logarithmic where the numbers span more than a factor of 20.

    `epochs` says which epoch each number belongs to, where they are not all.
    """
    numbers = [number for curve in curves.values() for number in curve if math.isfinite(number)]
    if not numbers:
        return "<p>No finite number to draw.</p>"
    low, high = min(numbers), max(numbers)
    logarithmic = low > 0.0 and high / low > 20.0
    if logarithmic:
        low, high = low / 1.2, high * 1.2
    else:
        low, high = min(low, 0.0), high + 0.05 * (high - min(low, 0.0)) or 1.0
    longest = max(map(len, curves.values()))
    places = range(1, longest + 1) if epochs is None else epochs
    x = Axis(1.0, max(places[-1], 2), LEFT, RIGHT)
    y = Axis(low, high, BOTTOM, TOP, logarithmic)
    parts = [_frame(x, y, across, whole=True)]
    for i, (name, curve) in enumerate(curves.items()):
        # A chart some 600 pixels wide shows no more than 1,200 points.
        step = max(1, math.ceil(longest / 1200))
        points = [
            (places[j], n) for j, n in enumerate(curve) if math.isfinite(n) and (j % step == 0 or j == longest - 1)
        ]
        path = " ".join(f"{x.place(epoch):.1f},{y.place(number):.1f}" for epoch, number in points)
        colour, dash = COLOURS[i % 2], DASHES[i % 2]
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.2" '
            f'stroke-linejoin="round"{dash}><title>{escape(name)}</title></polyline>'
        )
        parts.append(
            f'<line x1="{RIGHT - 130}" x2="{RIGHT - 94}" y1="{TOP + 14 + 22 * i}" y2="{TOP + 14 + 22 * i}" '
            f'stroke="{colour}" stroke-width="2.2"{dash}/>'
            f'<text x="{RIGHT - 86}" y="{TOP + 18 + 22 * i}">{escape(name)}</text>'
        )
    ends = ", ".join(f"{name} from {c[0]:.4g} to {c[-1]:.4g}" for name, c in curves.items() if c)
    return _svg(f"Over {places[-1]} epochs: {ends}", parts)


def points_chart(points: Sequence[tuple[float, float]], across: str, up: str) -> str:
    """Draw (true, predicted) pairs with the diagonal on which a perfect prediction lies."""
    numbers = [number for pair in points for number in pair if math.isfinite(number)]
    if not numbers:
        return "<p>No finite number to draw.</p>"
    margin = 0.05 * (max(numbers) - min(numbers)) or 1.0
    low, high = min(numbers) - margin, max(numbers) + margin
    x, y = Axis(low, high, LEFT, RIGHT), Axis(low, high, BOTTOM, TOP)
    parts = [
        _frame(x, y, across, up),
        f'<line x1="{LEFT}" y1="{BOTTOM}" x2="{RIGHT}" y2="{TOP}" stroke="#94a3b8" stroke-dasharray="4 4"/>',
        *(
            f'<circle cx="{x.place(true):.1f}" cy="{y.place(found):.1f}" r="4" class="point">'
            f"<title>true {true:.6g}, predicted {found:.6g}</title></circle>"
            for true, found in points
            if math.isfinite(true) and math.isfinite(found)
        ),
    ]
    return _svg(f"{len(points)} held-out rows: {up} against {across}", parts)


def _frame(x: Axis, y: Axis, across: str, up: str = "", whole: bool = False) -> str:
    """Draw grid lines and the numbers beside them; `whole` keeps only whole numbers on the x axis."""
    parts = []
    for tick in y.ticks():
        place = f"{y.place(tick):.1f}"
        parts.append(f'<line x1="{LEFT}" x2="{RIGHT}" y1="{place}" y2="{place}" stroke="#e2e8f0"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{place}" dy="4" text-anchor="end">{tick:.6g}</text>')
    for tick in x.ticks():
        if not whole or tick == int(tick):
            parts.append(f'<text x="{x.place(tick):.1f}" y="{BOTTOM + 18}" text-anchor="middle">{tick:.6g}</text>')
    parts.append(f'<line x1="{LEFT}" x2="{RIGHT}" y1="{BOTTOM}" y2="{BOTTOM}" stroke="#94a3b8"/>')
    middle = (LEFT + RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 6}" text-anchor="middle" class="name">{escape(across)}</text>')
    if up:
        parts.append(f'<text x="{LEFT + 6}" y="{TOP + 12}" class="name">{escape(up)}</text>')
    return "".join(parts)


def _svg(description: str, parts: Sequence[str]) -> str:
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" xmlns="http://www.w3.org/2000/svg" '
        f'aria-label="{escape(description)}">{"".join(parts)}</svg>'
    )
