"""A scene at its place, as SVG.

The text is written as plain presentation attributes: no style sheet, no script, no link, nothing from elsewhere,
so that a picture can stand in any page. Every id starts with a hash of the picture, so that two never collide.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape

from autograd_lite.drawing.geometry import (
    COMPACT,
    HEADER,
    PAD,
    PILL,
    ROW,
    Box,
    Placement,
    Point,
    Route,
    heading,
    pill_width,
    width,
)
from autograd_lite.drawing.lines import BETWEEN, lines_of
from autograd_lite.drawing.palette import DIM, Stroke
from autograd_lite.drawing.scene import FONT_SIZE, Card, Edge, Scene
from autograd_lite.words import say

__all__ = ["svg"]

FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"
MARGIN = 16.0
LINE = 16.0  # from one line under the picture to the next
HEADING = 28.0  # the line above it
THIN = 400  # up to so many arrows, each has a broad invisible twin, which a mouse hits easily
_OWN = "\x00"  # stands for the hash until it is known; no label holds it
_SAMPLES = (("−", 0.0, -0.25), ("+", 52.0, 0.25))  # arrows in the legend: sign, where, flow


def svg(scene: Scene, placement: Placement, in_lines: bool = False) -> str:
    """Return the picture as a complete SVG document, readable by screen readers; `in_lines` breaks a wide one."""
    return _Artist(scene).document(placement, lines_of(scene, placement) if in_lines else ())


class _Artist:
    """Draws one scene, in the colours of its palette."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.palette, self.theme = scene, scene.palette, scene.palette.theme
        signs = [edge.stroke for edge in scene.edges if edge.stroke.colour in (self.palette.plus, self.palette.minus)]
        self.signed = bool(signs)
        # A negative flow is drawn without dashes where many arrows lie close together.
        self.solid = any(stroke.colour == self.palette.minus and not stroke.dashed for stroke in signs)

    def document(self, placement: Placement, parts: Sequence[Box]) -> str:
        scene, legend = self.scene, self._legend()
        notes = [note for note in scene.notes if scene.explained or note != scene.uncomputed]
        least = 104 + width(self._about_arrows, 10) if scene.explained else 0.0  # also where no gradient is known yet
        wide, high = placement.w, placement.h
        if len(parts) > 1:
            wide, high = max(part.w for part in parts), sum(part.h + BETWEEN for part in parts) - BETWEEN
        w = max(wide, least, width(scene.heading, 15, bold=True), *(long for _, long in legend)) + 2 * MARGIN
        top = MARGIN + HEADING * bool(scene.heading)
        under = top + high + MARGIN + 2
        h = under + LINE * (len(legend) + len(notes) + self._kept_free) + 6
        panels = (self._panel(cluster.id, cluster.title, placement.clusters[cluster.id]) for cluster in scene.clusters)
        arrows = (self._arrow(edge, placement.routes[edge.id]) for edge in scene.edges)
        cards = (self._card(card, placement.cards[card.id]) for card in scene.cards)
        labels = (self._label(edge, placement.routes[edge.id]) for edge in scene.edges if edge.label)
        lines = (_moved(line, (w - long) / 2, under + LINE * i) for i, (line, long) in enumerate(legend))
        small = (
            self._small(note, w / 2, under + LINE * i + 9.5, "middle") for i, note in enumerate(notes, len(legend))
        )
        rim = (
            f'<g font-size="9" font-weight="bold" text-anchor="middle" stroke="{self.theme.picture}" '
            f'stroke-width="3" stroke-linejoin="round" paint-order="stroke">{"".join(labels)}</g>'
        )
        whole = "".join([*panels, *arrows, *cards, rim])
        drawn = _moved(self._broken(whole, parts) if len(parts) > 1 else whole, (w - wide) / 2, top)
        heading = _text(scene.heading, w / 2, MARGIN + 14, 15, self.theme.ink, "middle", True) if scene.heading else ""
        body = "".join([drawn, heading, *lines, *small])
        own = "g" + hashlib.sha256(body.encode()).hexdigest()[:10]
        title, about = escape(scene.title, quote=False), escape(self._about(), quote=False)
        zoom = scene.font_size / FONT_SIZE
        size = f'width="{_n(w * zoom)}" height="{_n(h * zoom)}"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(w)} {_n(h)}" {size} '
            f'role="graphics-document" aria-labelledby="{own}-title {own}-desc" font-family="{FONT}" '
            f'style="max-width:100%;height:auto">'
            f'<title id="{own}-title">{title}</title><desc id="{own}-desc">{about}</desc>'
            f'<rect width="100%" height="100%" rx="10" fill="{self.theme.picture}"/>{body.replace(_OWN, own)}</svg>\n'
        )

    def _broken(self, whole: str, parts: Sequence[Box]) -> str:
        """Return the parts of a picture below each other, a dotted line where it is cut."""
        lines, y, name = [f'<defs><g id="{_OWN}-all">{whole}</g></defs>'], 0.0, f"#{_OWN}-all"
        for i, part in enumerate(parts):
            left, top = part.x - part.w / 2, part.y - part.h / 2
            ends = (x for x, cut in ((left, i > 0), (left + part.w, i < len(parts) - 1)) if cut)
            path = "".join(f"M{_n(x)},{_n(top)}V{_n(top + part.h)}" for x in ends)
            size = f'width="{_n(part.w)}" height="{_n(part.h)}"'
            seen = " ".join(map(_n, (left, top, part.w, part.h)))
            rule = f'<path d="{path}" fill="none" stroke="{self.theme.faint}" stroke-width="2" stroke-dasharray="1 5"/>'
            lines.append(f'<svg y="{_n(y)}" {size} viewBox="{seen}"><use href="{name}"/>{rule}</svg>')
            y += part.h + BETWEEN
        return "".join(lines)

    def _about(self) -> str:
        scene = self.scene
        cards, arrows = say("picture.cards", count=len(scene.cards)), say("picture.arrows", count=len(scene.edges))
        signs = say("picture.signs" if self.solid else "picture.signs_dashed")
        colours = f"{say('picture.colours', flow=scene.flow)}; {signs}"
        sentences = [f"{text[:1].upper()}{text[1:]}." for text in (colours, scene.legend) if text]
        return " ".join([say("picture.contents", cards=cards, arrows=arrows), *sentences, *scene.notes])

    def _card(self, card: Card, box: Box) -> str:
        paint = self.palette.kinds[card.kind]
        left, top = box.x - box.w / 2, box.y - box.h / 2
        dash = ' stroke-dasharray="4 3"' if card.dashed else ""
        radius = box.h / 2 if card.kind == "constant" and not card.rows else 7 if card.compact else 10
        inside = self._line(card, box) if card.compact else self._block(card, box)
        return (
            f'<g id="{_OWN}-{card.id}" class="card {card.kind}"{_described(card.tooltip)} '
            f'transform="translate({_n(left)} {_n(top)})"{_dim(card.highlighted)}>{_hint(card.tooltip)}'
            f'<rect width="{_n(box.w)}" height="{_n(box.h)}" rx="{_n(radius)}" fill="{paint.ground}" '
            f'stroke="{paint.border}" stroke-width="1.3"{dash}/>{"".join(inside)}</g>'
        )

    def _symbol(self, card: Card, x: float, y: float) -> Iterator[str]:
        """Draw the operation on its dark pill."""
        wide = pill_width(card.symbol)
        if card.symbol:
            yield _rect(x, y, wide, 17, 6, self.palette.kinds[card.kind].name)
            yield _text(card.symbol, x + wide / 2, y + 12.5, 11, self.theme.picture, "middle", bold=True)

    def _block(self, card: Card, box: Box) -> Iterator[str]:
        """Draw a card of several lines: pill and name, then a line for each row."""
        x = (box.w - heading(card)) / 2
        yield from self._symbol(card, x, 6)
        x, anchor = (x + pill_width(card.symbol) + 6, "start") if card.symbol else (box.w / 2, "middle")
        if card.name:
            yield _text(card.name, x, 19, 13, self.palette.kinds[card.kind].name, anchor, bold=True)
        for i, row in enumerate(card.rows):
            y = HEADER + ROW * i
            if row.fill:
                yield _rect(PAD, y, box.w - 2 * PAD, 18.5, 6, row.fill)
            yield _text(row.caption, PAD + 5, y + 13, 9, self.theme.muted)
            if row.gap:
                left = PAD + 10 + width(row.caption, 9)
                yield from self._gap(row.gap, left, y, box.w - left - PAD, 18.5)
                continue
            size, fill = (9, self.theme.faint) if row.small else (12, self.theme.ink)
            yield _text(row.text, box.w - PAD - 5, y + 13.5, size, fill, "end")

    def _line(self, card: Card, box: Box) -> Iterator[str]:
        """Draw a card of one line: pill, name, number, and the gradient on a pill at the end."""
        name, middle = self.palette.kinds[card.kind].name, box.h / 2
        if not card.rows:
            small = card.kind == "constant"
            yield _text(card.name, box.w / 2, middle + 4, 11 if small else 12, name, "middle", bold=not small)
            return
        yield from self._symbol(card, 5, middle - 8.5)
        x = 7 + (pill_width(card.symbol) + 4 if card.symbol else 0)
        yield _text(card.name, x, middle + 4.5, 12.5, name, bold=True)
        right, data = box.w - 7, card.rows[0]
        if len(card.rows) > 1:
            grad = card.rows[-1]
            if grad.gap:
                yield from self._gap(grad.gap, box.w - PILL - 4, middle - 8.5, PILL, 17)
            else:
                yield _rect(box.w - PILL - 4, middle - 8.5, PILL, 17, 6, grad.fill or self.theme.soft)
                yield _text(grad.text, box.w - 9, middle + 4, 11, self.theme.ink, "end")
            right -= PILL + 2
        if data.gap:
            yield from self._gap(data.gap, right - COMPACT + 4, middle - 8.5, COMPACT - 4, 17)
        else:
            yield _text(data.text, right, middle + 4.5, 12, self.theme.ink, "end")

    def _gap(self, gap: int, x: float, y: float, w: float, h: float) -> Iterator[str]:
        """Draw a place to write in, with its number."""
        yield _rect(x, y, w, h, 4, self.theme.picture, f' stroke="{self.theme.line}" stroke-width="0.8"')
        yield _text(f"({gap})", x + 4, y + h / 2 + 3, 8, self.theme.muted)

    def _arrow(self, edge: Edge, route: Route) -> str:
        points = list(route.points)
        head = ""
        if edge.arrow:
            points[-1], head = _head(points, edge.stroke.width)
        path = f"M{_p(points[0])}" + "".join(
            f"C{_p(points[i])} {_p(points[i + 1])} {_p(points[i + 2])}" for i in range(1, len(points) - 2, 3)
        )
        twin = (
            f'<path d="{path}" fill="none" stroke="{self.theme.picture}" stroke-opacity="0" stroke-width="12"/>'
            if edge.tooltip and len(self.scene.edges) <= THIN
            else ""
        )
        return (
            f'<g id="{_OWN}-{edge.id}" class="arrow"{_described(edge.tooltip)}{_dim(edge.highlighted)}>'
            f"{_hint(edge.tooltip)}{twin}{_stroked(path, edge.stroke, head)}</g>"
        )

    def _label(self, edge: Edge, route: Route) -> str:
        if route.label is None:
            return ""
        x, y = route.label
        plain = ' font-weight="normal"' if edge.ink == self.theme.faint else ""
        look = f'fill="{edge.ink}"{plain}{_dim(edge.highlighted)}'
        return (
            f'<text id="{_OWN}-{edge.id}-label" x="{_n(x)}" y="{_n(y + 3)}" {look}>'
            f"{escape(edge.label, quote=False)}</text>"
        )

    def _panel(self, id_: str, title: str, box: Box) -> str:
        left, top = box.x - box.w / 2, box.y - box.h / 2
        border = f' stroke="{self.theme.rule}"'
        frame = _rect(left, top, box.w, box.h, 12, self.palette.panel, border)
        name = _text(title, left + 10, top + box.h - 8, 10, self.theme.faint, bold=True)
        return f'<g id="{_OWN}-{id_}" class="panel">{frame}{name}</g>'

    def _small(self, text: str, x: float, y: float = 9.5, anchor: str = "start") -> str:
        return _text(text, x, y, 10, self.theme.faint, anchor)

    def _legend(self) -> list[tuple[str, float]]:
        """Return the lines under the picture that explain its colours, each with its width."""
        scene, parts, x = self.scene, [], 0.0
        if not scene.explained:
            return []
        kinds = {card.kind for card in scene.cards} - {"neuron", "layer"}  # their panels and names say it
        for kind, paint in self.palette.kinds.items():
            if kind in kinds:
                word = say(f"picture.{kind}")
                parts.append(_rect(x, 0, 15, 11, 4, paint.ground, f' stroke="{paint.border}"'))
                parts.append(self._small(word, x + 20))
                x += 34 + width(word, 10)
        if scene.uncomputed or any(row.fill for card in scene.cards for row in card.rows):
            parts.append(self._small(f"{scene.scale} −", x))
            x += width(f"{scene.scale} −", 10) + 4
            parts += [_rect(x + 13 * (i + 3), 0, 13, 11, 0, self.palette.by_sign(i, 3.0)) for i in range(-3, 4)]
            parts.append(self._small("+", x + 95))
            x += 101
        lines = [("".join(parts), x)]
        if self.signed:
            samples = "".join(self._small(sign, at) + self._sample(at + 9, flow) for sign, at, flow in _SAMPLES)
            lines.append((samples + self._small(self._about_arrows, 104), 104 + width(self._about_arrows, 10)))
        if scene.legend:
            lines.append((self._small(scene.legend, 0), width(scene.legend, 10)))
        return lines

    @property
    def _about_arrows(self) -> str:
        return say("picture.colours", flow=self.scene.flow)

    @property
    def _kept_free(self) -> int:
        """Return how many lines stay empty, so that the picture is as high as with all its numbers."""
        scene = self.scene
        unsigned = not scene.uncomputed and (scene.columns or not self.signed)  # weights have signs in any case
        unnumbered = not scene.legend and any(edge.label or edge.room for edge in scene.edges)
        return (unsigned + unnumbered) * scene.explained

    def _sample(self, x: float, flow: float) -> str:
        """Return a short arrow for the legend."""
        look = self.palette.stroke(flow, 1.0)
        end, head = _head([(x, 6.0), (x + 34.0, 6.0)], look.width)
        return _stroked(f"M{_n(x)},6L{_p(end)}", replace(look, dashed=look.dashed and not self.solid), head)


def _head(points: list[Point], stroke: float) -> tuple[Point, str]:
    """Return the point where the line ends, and the path of the triangle between it and the tip."""
    (x, y), (cx, cy) = points[-1], points[-2]
    if math.hypot(x - cx, y - cy) < 1.0:
        cx, cy = points[-3]
    length = math.hypot(x - cx, y - cy) or 1.0
    dx, dy = (x - cx) / length, (y - cy) / length
    long, half = 6.0 + stroke, 2.2 + 0.75 * stroke
    bx, by = x - dx * long, y - dy * long
    sides = (bx - dy * half, by + dx * half), (bx + dy * half, by - dx * half)
    end = (x - dx * (long - 1), y - dy * (long - 1))
    return end, f"M{_p((x, y))}L{_p(sides[0])}L{_p(sides[1])}Z"


def _stroked(path: str, look: Stroke, head: str) -> str:
    dash = ' stroke-dasharray="6 3"' if look.dashed else ""
    line = f'<path d="{path}" fill="none" stroke="{look.colour}" stroke-width="{_n(look.width)}"{dash}/>'
    return line + (f'<path d="{head}" fill="{look.colour}"/>' if head else "")


def _rect(x: float, y: float, w: float, h: float, radius: float, fill: str, more: str = "") -> str:
    rounded = f' rx="{_n(radius)}"' if radius else ""
    return f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(w)}" height="{_n(h)}"{rounded} fill="{fill}"{more}/>'


def _text(text: str, x: float, y: float, size: float, fill: str, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    at = f' text-anchor="{anchor}"' if anchor != "start" else ""
    words = escape(text, quote=False)
    return f'<text x="{_n(x)}" y="{_n(y)}" font-size="{size}" fill="{fill}"{weight}{at}>{words}</text>'


def _moved(inside: str, x: float, y: float) -> str:
    return f'<g transform="translate({_n(x)} {_n(y)})">{inside}</g>'


def _described(tooltip: str) -> str:
    label = escape(tooltip).replace("\n", "&#10;")
    return f' role="graphics-symbol" aria-label="{label}"' if tooltip else ""


def _hint(tooltip: str) -> str:
    return f"<title>{escape(tooltip, quote=False)}</title>" if tooltip else ""


def _dim(highlighted: bool) -> str:
    return "" if highlighted else f' opacity="{DIM}"'


def _n(x: float) -> str:
    """Return a coordinate with one digit after the point, as short as possible."""
    return f"{x:.1f}".rstrip("0").rstrip(".") if x % 1 else f"{x:.0f}"


def _p(point: Point) -> str:
    return f"{_n(point[0])},{_n(point[1])}"
