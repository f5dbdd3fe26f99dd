"""Two small charts as SVG: curves over the epochs, and predicted against true numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd_lite.notation.text import number
from autograd_lite.pages import Html, element, html

WIDTH, HEIGHT = 520, 300
LEFT, RIGHT, TOP, BOTTOM = 58, 508, 12, 254  # the frame that data are drawn in
KINDS = ("first", "second")  # of curves: the style sheet gives each its colour and its dashes
NOTHING = element("p", "No finite number to draw.")


@dataclass(frozen=True, slots=True)
class Axis:
    """A range of numbers laid along a range of pixels."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def pixel(self, number: float) -> float:
        """Return the pixel of a number.

        >>> Axis(0.0, 10.0, 100.0, 200.0).pixel(5.0), Axis(1.0, 100.0, 0.0, 200.0, True).pixel(10.0)
        (150.0, 100.0)
        """
        numbers = self.low, self.high, number
        low, high, number = map(math.log10, numbers) if self.logarithmic else numbers
        return self.start + (number - low) / (high - low or 1.0) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Return round numbers to label: some five, all within the range.

        >>> Axis(0.0, 1.1, 0.0, 1.0).ticks()
        [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
        >>> Axis(0.03, 2.0, 0.0, 1.0, True).ticks()
        [0.05, 0.1, 0.2, 0.5, 1.0, 2.0]
        """
        if self.logarithmic:
            decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            digits, every = ((1, 2, 5), 1) if len(decades) <= 4 else ((1,), math.ceil(len(decades) / 8))
            numbers = [float(f"{digit}e{decade}") for decade in decades[::every] for digit in digits]
        else:
            rough = (self.high - self.low) / 5.0 or 1.0
            decade = 10.0 ** math.floor(math.log10(rough))
            step = next(m * decade for m in (1.0, 2.0, 5.0, 10.0) if m * decade >= 0.7 * rough)
            count = range(math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9) + 1)
            numbers = [float(f"{i * step:.12g}") for i in count]
        slack = 1e-9 * (self.high - self.low)
        return [number for number in numbers if self.low - slack <= number <= self.high + slack]


def curves_chart(curves: Mapping[str, Sequence[float]], epochs: Sequence[int]) -> Html:
    """Draw curves by name over these epochs, on a logarithmic scale if they span more than a factor of 20."""
    numbers = [number for curve in curves.values() for number in curve if math.isfinite(number)]
    if not numbers:
        return NOTHING
    low, high = min(numbers), max(numbers)
    logarithmic = low > 0.0 and high / low > 20.0
    if logarithmic:
        low, high = low / 1.2, high * 1.2
    else:
        low, high = min(low, 0.0), high + 0.05 * (high - min(low, 0.0)) or 1.0
    longest = max(map(len, curves.values()))
    x, y = Axis(1.0, max(epochs[-1], 2), LEFT, RIGHT), Axis(low, high, BOTTOM, TOP, logarithmic)
    step = max(1, math.ceil(longest / 1200))  # a chart some 600 pixels wide shows no more than 1,200 points
    parts = [_frame(x, y, "epoch", whole=True)]
    for i, (name, curve) in enumerate(curves.items()):
        kept = (j for j, n in enumerate(curve) if math.isfinite(n) and (j % step == 0 or j == longest - 1))
        path = " ".join(f"{x.pixel(epochs[j]):.1f},{y.pixel(curve[j]):.1f}" for j in kept)
        kind, row = f"curve {KINDS[i % 2]}", TOP + 14 + 22 * i
        parts += [
            element("polyline", element("title", name), points=path, class_=kind),
            _line(RIGHT - 130, row, RIGHT - 94, row, kind),
            element("text", name, x=RIGHT - 86, y=row + 4),
        ]
    ends = {name: [number(curve[i], 4).text for i in (0, -1)] for name, curve in curves.items() if curve}
    described = ", ".join(f"{name} from {first} to {last}" for name, (first, last) in ends.items())
    return _svg(f"Over {epochs[-1]} epochs: {described}", parts)


def points_chart(points: Sequence[tuple[float, float]], across: str, up: str) -> Html:
    """Draw (true, predicted) pairs with the diagonal on which a perfect prediction lies."""
    numbers = [number for pair in points for number in pair if math.isfinite(number)]
    if not numbers:
        return NOTHING
    margin = 0.05 * (max(numbers) - min(numbers)) or 1.0
    low, high = min(numbers) - margin, max(numbers) + margin
    x, y = Axis(low, high, LEFT, RIGHT), Axis(low, high, BOTTOM, TOP)
    parts = [_frame(x, y, across, up), _line(LEFT, BOTTOM, RIGHT, TOP, "axis dashed")]
    for true, predicted in points:
        if math.isfinite(true) and math.isfinite(predicted):
            title = element("title", f"true {number(true).text}, predicted {number(predicted).text}")
            cx, cy = f"{x.pixel(true):.1f}", f"{y.pixel(predicted):.1f}"
            parts.append(element("circle", title, cx=cx, cy=cy, r=4, class_="point"))
    return _svg(f"{len(points)} held-out rows: {up} against {across}", parts)


def _frame(x: Axis, y: Axis, across: str, up: str = "", whole: bool = False) -> Html:
    """Draw grid lines and the numbers beside them; `whole` keeps only whole numbers on the x axis."""
    parts = []
    for tick in y.ticks():
        row = f"{y.pixel(tick):.1f}"
        parts.append(_line(LEFT, row, RIGHT, row, "grid"))
        parts.append(element("text", number(tick).text, x=LEFT - 8, y=row, dy=4, text_anchor="end"))
    for label, pixel in ((number(tick).text, x.pixel(tick)) for tick in x.ticks() if not whole or tick == int(tick)):
        middle = min(pixel, WIDTH - 4 * len(label))  # the last one stays within the picture
        parts.append(element("text", label, x=f"{middle:.1f}", y=BOTTOM + 18, text_anchor="middle"))
    parts.append(_line(LEFT, BOTTOM, RIGHT, BOTTOM, "axis"))
    parts.append(element("text", across, x=(LEFT + RIGHT) / 2, y=HEIGHT - 6, text_anchor="middle", class_="name"))
    return html(*parts, element("text", up, x=LEFT + 6, y=TOP + 12, class_="name") if up else "")


def _line(x1: Any, y1: Any, x2: Any, y2: Any, kind: str) -> Html:
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=kind)


def _svg(description: str, parts: Sequence[Html]) -> Html:
    size = {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "xmlns": "http://www.w3.org/2000/svg"}
    return element("svg", *parts, class_="chart", role="img", aria_label=description, **size)
