"""A scene at its place, as SVG.

The text is written as plain presentation attributes: no style sheet, no script, no link, nothing from elsewhere,
so that a picture can stand in any page. Every id starts with a hash of the picture, so that two never collide.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from autograd_lite.drawing.geometry import HEADER, PAD, PILL, ROW, Box, Placement, Point, Route, heading, pill_width
from autograd_lite.drawing.palette import (
    BLUE,
    DIM,
    FAINT,
    INK,
    KINDS,
    MUTED,
    ORANGE,
    PANEL,
    RULE,
    Stroke,
    by_sign,
    stroke,
)
from autograd_lite.drawing.scene import UNKNOWN, Card, Edge, Scene
from autograd_lite.drawing.text import width
from autograd_lite.notation.text import plural

__all__ = ["svg"]

FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"
MARGIN = 16.0
LABELS = (  # the numbers on arrows, each with a white rim
    'font-size="9" font-weight="bold" text-anchor="middle" '
    'stroke="#ffffff" stroke-width="3" stroke-linejoin="round" paint-order="stroke"'
)
LINE = 16.0  # from one line under the picture to the next
THIN = 400  # arrows up to which each gets a broad invisible twin to point at


def svg(scene: Scene, placement: Placement) -> str:
    """Return the picture as a complete SVG document, readable by screen readers."""
    legend = _legend(scene)
    least = max(long for _, long in legend)
    w = max(placement.w, least) + 2 * MARGIN
    under = placement.h + 2 * MARGIN + 2
    h = under + LINE * (len(legend) + len(scene.notes)) + 6
    left = (w - placement.w) / 2
    body = "".join(
        [
            f'<g transform="translate({_n(left)} {_n(MARGIN)})">',
            *(_panel(cluster.id, cluster.title, placement.clusters[cluster.id]) for cluster in scene.clusters),
            *(_arrow(edge, placement.routes[edge.id], len(scene.edges) <= THIN) for edge in scene.edges),
            *(_card(card, placement.cards[card.id]) for card in scene.cards),
            f"<g {LABELS}>",
            *(_label(edge, placement.routes[edge.id]) for edge in scene.edges),
            "</g></g>",
            *(
                f'<g transform="translate({_n((w - long) / 2)} {_n(under + LINE * i)})">{line}</g>'
                for i, (line, long) in enumerate(legend)
            ),
            *(
                _text(note, w / 2, under + LINE * i + 9.5, 10, FAINT, "middle")
                for i, note in enumerate(scene.notes, start=len(legend))
            ),
        ]
    )
    minus = "blue" if _solid(scene) else "blue and dashed"
    about = [
        f"{plural(len(scene.cards), 'card')} and {plural(len(scene.edges), 'arrow')}.",
        f"Colour and width of an arrow: {scene.flow}; orange is plus, {minus} is minus.",
        *([f"{scene.legend.capitalize()}."] if scene.legend else []),
        *scene.notes,
    ]
    own = "g" + hashlib.sha256(body.encode()).hexdigest()[:10]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(w)} {_n(h)}" width="{_n(w)}" height="{_n(h)}" '
        f'role="graphics-document" aria-labelledby="{own}-title {own}-desc" font-family="{FONT}" '
        f'style="max-width:100%;height:auto">'
        f'<title id="{own}-title">{_e(scene.title)}</title><desc id="{own}-desc">{_e(" ".join(about))}</desc>'
        f'<rect width="100%" height="100%" rx="10" fill="#ffffff"/>{body.replace(_OWN, own)}</svg>\n'
    )


_OWN = "\x00"  # stands for the hash until it is known; no label holds it


def _card(card: Card, box: Box) -> str:
    paint = KINDS[card.kind]
    left, top = box.x - box.w / 2, box.y - box.h / 2
    dash = ' stroke-dasharray="4 3"' if card.dashed else ""
    radius = box.h / 2 if card.kind == "constant" and not card.rows else 7 if card.compact else 10
    shape = (
        f'<rect width="{_n(box.w)}" height="{_n(box.h)}" rx="{_n(radius)}" fill="{paint.ground}" '
        f'stroke="{paint.border}" stroke-width="1.3"{dash}/>'
    )
    inside = _line(card, box) if card.compact else _block(card, box)
    return (
        f'<g id="{_OWN}-{card.id}" class="card {card.kind}" role="graphics-symbol" aria-label={_q(card.tooltip)} '
        f'transform="translate({_n(left)} {_n(top)})"{_dim(card.lit)}><title>{_e(card.tooltip)}</title>'
        f"{shape}{''.join(inside)}</g>"
    )


def _pill(symbol: str, kind: str, x: float, y: float) -> Iterator[str]:
    wide = pill_width(symbol)
    yield f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(wide)}" height="17" rx="6" fill="{KINDS[kind].pill}"/>'
    yield _text(symbol, x + wide / 2, y + 12.5, 11, "#ffffff", "middle", bold=True)


def _block(card: Card, box: Box) -> Iterator[str]:
    """Draw a card of several lines: pill and name, then a line for each row."""
    x = (box.w - heading(card)) / 2
    if card.symbol:
        yield from _pill(card.symbol, card.kind, x, 6)
        x += pill_width(card.symbol) + 6
    if card.name:
        yield _text(card.name, x, 19, 13, KINDS[card.kind].name, bold=True)
    for i, row in enumerate(card.rows):
        y = HEADER + ROW * i
        if row.fill:
            wide = _n(box.w - 2 * PAD)
            yield f'<rect x="{_n(PAD)}" y="{_n(y)}" width="{wide}" height="18.5" rx="6" fill="{row.fill}"/>'
        yield _text(row.caption, PAD + 5, y + 13, 9, MUTED)
        faint = row.text == UNKNOWN
        yield _text(row.text, box.w - PAD - 5, y + 13.5, 9 if faint else 12, FAINT if faint else INK, "end")


def _line(card: Card, box: Box) -> Iterator[str]:
    """Draw a card of one line: pill, name, number, and the gradient on a pill at the end."""
    paint, middle = KINDS[card.kind], box.h / 2
    if not card.rows:
        small = card.kind == "constant"
        yield _text(card.name, box.w / 2, middle + 4, 11 if small else 12, paint.name, "middle", bold=not small)
        return
    x = 7.0
    if card.symbol:
        yield from _pill(card.symbol, card.kind, x - 2, middle - 8.5)
        x += pill_width(card.symbol) + 4
    yield _text(card.name, x, middle + 4.5, 12.5, paint.name, bold=True)
    right = box.w - 7.0
    if len(card.rows) > 1:
        grad = card.rows[-1]
        fill = grad.fill or "#f1f5f9"
        yield (
            f'<rect x="{_n(box.w - PILL - 4)}" y="{_n(middle - 8.5)}" width="{_n(PILL)}" height="17" rx="6" '
            f'fill="{fill}"/>'
        )
        yield _text(grad.text, box.w - 9, middle + 4, 11, INK, "end")
        right -= PILL + 2
    yield _text(card.rows[0].text, right, middle + 4.5, 12, INK, "end")


def _arrow(edge: Edge, route: Route, thick: bool) -> str:
    points = list(route.points)
    head = ""
    if edge.arrow:
        points[-1], head = _head(points, edge.width)
    path = f"M{_p(points[0])}" + "".join(
        f"C{_p(points[i])} {_p(points[i + 1])} {_p(points[i + 2])}" for i in range(1, len(points) - 2, 3)
    )
    twin = f'<path d="{path}" fill="none" stroke="#ffffff" stroke-opacity="0" stroke-width="12"/>' if thick else ""
    return (
        f'<g id="{_OWN}-{edge.id}" class="arrow" role="graphics-symbol" aria-label={_q(edge.tooltip)}{_dim(edge.lit)}>'
        f"<title>{_e(edge.tooltip)}</title>{twin}"
        f'<path d="{path}" fill="none" stroke="{edge.colour}" stroke-width="{_n(edge.width)}"{_dash(edge.dashed)}/>'
        + (f'<path d="{head}" fill="{edge.colour}"/>' if head else "")
        + "</g>"
    )


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


def _label(edge: Edge, route: Route) -> str:
    if not edge.label or route.label is None:
        return ""
    x, y = route.label
    plain = ' font-weight="normal"' if edge.ink == FAINT else ""
    return (
        f'<text id="{_OWN}-{edge.id}-label" x="{_n(x)}" y="{_n(y + 3)}" fill="{edge.ink}"{plain}{_dim(edge.lit)}>'
        f"{_e(edge.label)}</text>"
    )


def _panel(id_: str, title: str, box: Box) -> str:
    left, top = box.x - box.w / 2, box.y - box.h / 2
    return (
        f'<g id="{_OWN}-{id_}" class="panel"><rect x="{_n(left)}" y="{_n(top)}" width="{_n(box.w)}" '
        f'height="{_n(box.h)}" rx="12" fill="{PANEL}" stroke="{RULE}"/>'
        + _text(title, left + 10, top + box.h - 8, 10, FAINT, bold=True)
        + "</g>"
    )


def _legend(scene: Scene) -> list[tuple[str, float]]:
    """Return the lines under the picture that say what its colours mean, each with its width."""
    parts, x = [], 0.0
    kinds = {card.kind for card in scene.cards}
    for kind in KINDS:
        if kind in kinds and kind not in ("neuron", "layer"):  # their panels and names say it
            paint = KINDS[kind]
            parts.append(
                f'<rect x="{_n(x)}" y="0" width="15" height="11" rx="4" fill="{paint.ground}" stroke="{paint.border}"/>'
            )
            parts.append(_text(paint.word, x + 20, 9.5, 10, FAINT))
            x += 34 + width(paint.word, 10)
    parts.append(_text(f"{scene.scale} −", x, 9.5, 10, FAINT))
    x += width(f"{scene.scale} −", 10) + 4
    for i in range(-3, 4):
        parts.append(f'<rect x="{_n(x + 13 * (i + 3))}" y="0" width="13" height="11" fill="{by_sign(i, 3.0)}"/>')
    parts.append(_text("+", x + 95, 9.5, 10, FAINT))
    lines = [("".join(parts), x + 101)]
    if any(edge.colour in (BLUE, ORANGE) for edge in scene.edges):
        arrows = "".join(
            _text(sign, at, 9.5, 10, FAINT) + _sample(at + 9, stroke(size, 1.0), _solid(scene))
            for sign, at, size in _SAMPLES
        )
        said = f"colour and width of an arrow: {scene.flow}"
        lines.append((arrows + _text(said, 104, 9.5, 10, FAINT), 104 + width(said, 10)))
    if scene.legend:
        lines.append((_text(scene.legend, 0, 9.5, 10, FAINT), width(scene.legend, 10)))
    return lines


_SAMPLES = (("−", 0.0, -0.25), ("+", 52.0, 0.25))


def _solid(scene: Scene) -> bool:
    """Tell whether a negative flow is drawn without dashes, as it is in a crowd of arrows."""
    return any(edge.colour == BLUE and not edge.dashed for edge in scene.edges)


def _sample(x: float, look: Stroke, solid: bool) -> str:
    """Return a short arrow for the legend."""
    end, head = _head([(x, 6.0), (x + 34.0, 6.0)], look.width)
    return (
        f'<path d="M{_n(x)},6L{_p(end)}" fill="none" stroke="{look.colour}" stroke-width="{_n(look.width)}"'
        f'{_dash(look.dashed and not solid)}/><path d="{head}" fill="{look.colour}"/>'
    )


def _dash(dashed: bool) -> str:
    return ' stroke-dasharray="6 3"' if dashed else ""


def _text(
    text: str, x: float, y: float, size: float, fill: str, anchor: str = "start", bold: bool = False, more: str = ""
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    at = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{_n(x)}" y="{_n(y)}" font-size="{size}" fill="{fill}"{weight}{at}{more}>{_e(text)}</text>'


def _dim(lit: bool) -> str:
    return "" if lit else f' opacity="{DIM}"'


def _n(x: float) -> str:
    """Return a coordinate with one digit after the point, as short as possible."""
    return f"{x:.1f}".rstrip("0").rstrip(".") if x % 1 else f"{x:.0f}"


def _p(point: Point) -> str:
    return f"{_n(point[0])},{_n(point[1])}"


def _e(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _q(text: str) -> str:
    return quoteattr(text, {"\n": "&#10;"})
