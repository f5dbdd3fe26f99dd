"""Picture, tables and style sheet of a page, written short: the page holds one picture, and its looks repeat."""

from __future__ import annotations

import re
from collections import Counter

__all__ = ["compact", "tight", "unquoted"]

_LOOK = re.compile(r' (font-size|font-weight|text-anchor|rx|fill|stroke|stroke-width|stroke-dasharray)="([^"]*)"')
_MOVED = re.compile(r"translate\(([0-9.]+) ([0-9.]+)\)")
_PLACE = re.compile(r' (x|y|width|height)="([0-9.]*)"')  # of a rectangle, the style sheet can say it, too
_STILL = re.compile(r"<(?:text|rect)(?! id=)[^>]*?(?=/?>)")  # what the script finds by its id changes its look
_SIGN = re.compile(r"var\(--(minus|plus)")
_PILL = re.compile(r'(.*height="18.5".*) fill="color-mix\(.*(minus|plus)\) (\d+%)\)"')  # the ground of a gradient
_LENGTHS = {"font-size", "rx", "stroke-width", "x", "y", "width", "height"}
_TAG = re.compile(r"<[^>]*>")
_ARROW = re.compile(r'(<g [^>]*class="arrow"[^>]*)>(<path d="[^"]*")([^/]*)/>(?:(<path d="[^"]*") fill="[^"]*"/>)?')
_WIDTH = re.compile(' stroke-width="[^"]*"')
_PATH = re.compile(r'(?<=<path d=")[^"]*')
_NEEDLESS = re.compile(r' fill="none"| aria-label="[^"]*"')  # the style sheet and the script say these
_PIECE = re.compile(r"([MLCZ])([^MLCZ]*)")
_LABEL = re.compile(r'(<text id="[^"]*-label"[^>]*) fill="(var[^"]*)"')
_QUOTED = re.compile(r'="([^\s"\'=<>`/]+)"(?!/)')  # before a slash, the slash would be read as a part of the value
_ENDS = re.compile("</t(?:d|h|r|head|body)>")


def compact(svg: str) -> tuple[str, str]:
    """Return a picture whose looks are classes, and the rules of these; its ids go without what tells pictures apart.

    >>> compact('<svg><g id="g0a-n0"><text x="9" fill="red">1</text><text x="3" fill="red">2</text></g></svg>')
    ('<svg><g id=n0><text x=9 class=l0>1</text><text x=3 class=l0>2</text></g></svg>', '.l0 { fill: red }')
    """
    looks: dict[str, str] = {}
    places = Counter(_place(tag) for tag in _STILL.findall(svg))

    def classed(found: re.Match[str]) -> str:
        pill = _PILL.fullmatch(found[0])
        tag, sign, part = pill.groups() if pill else (found[0], "", "")
        look = _LOOK.findall(tag)
        if not look:
            return found[0]
        if tag.startswith("<rect") and places[_place(tag)] > 2:
            look += _PLACE.findall(tag)
            tag = _PLACE.sub("", tag)
        rule = "; ".join(f"{name}: {value}{'px' * (name in _LENGTHS)}" for name, value in look)
        name = looks.setdefault(rule, f"l{len(looks)}")
        kept = f' style="--part:{part}" class="{name} {sign}"' if pill else f' class="{name}"'
        return _LOOK.sub("", tag) + kept

    own = re.search(r'id="(g[0-9a-f]+-)', svg)
    text = _STILL.sub(classed, svg.replace(own[1], "") if own else svg)
    text = _LABEL.sub(lambda label: f"{label[1]}{_signed(label[2])}", text)
    text = _TAG.sub(lambda tag: _NEEDLESS.sub("", tag[0]), text)
    text = _PATH.sub(lambda found: relative(found[0]), _ARROW.sub(_inherited, text))
    text = unquoted(_MOVED.sub(r"translate(\1,\2)", text))
    return text, " ".join(f".{name} {{ {rule} }}" for rule, name in looks.items())


def _place(tag: str) -> str:
    return "".join(found[0] for found in _PLACE.finditer(tag))


def unquoted(text: str) -> str:
    """Return HTML without the quotes and the ends of cells and rows that it can do without.

    >>> unquoted('<tr><td rowspan="2">1</td><td><data value="a b">1</data></td></tr>')
    '<tr><td rowspan=2>1<td><data value="a b">1</data>'
    """
    return _ENDS.sub("", _TAG.sub(lambda tag: _QUOTED.sub(r"=\1", tag[0]), text))


def _inherited(arrow: re.Match[str]) -> str:
    """Return an arrow whose look stands once, where its line and its head inherit it; its class says the sign."""
    group, line, look, head = arrow.groups()
    own = re.sub(' class="arrow"', _signed(look, "arrow "), group) + "".join(_WIDTH.findall(look))
    return f"{own}>{line}/>{head + '/>' if head else ''}"


def _signed(look: str, kind: str = "") -> str:
    """Return the class of what is coloured by the sign of a number; of a zero it has none but its kind."""
    sign = _SIGN.search(look)
    classes = f"{kind}{sign[1] if sign else ''}".strip()
    return f' class="{classes}"' if classes else ""


def relative(path: str) -> str:
    """Return a path each of whose points is written from the one before; a level curve is a line, too.

    >>> relative("M10,20C15.5,20 15.5,30 21,30C30,30 40,30 50.2,30L3,4Z")
    'M10 20c5.5 0 5.5 10 11 10h29.2l-47.2-26z'
    >>> relative("M10,20L15.5,20L15.5,4Z")
    'M10 20h5.5v-16z'
    """
    written, x, y = "", 0.0, 0.0
    for kind, numbers in _PIECE.findall(path):
        found = [float(number) for number in re.findall(r"-?[0-9.]+", numbers)]
        pairs = list(zip(found[::2], found[1::2], strict=True))
        steps = [step for u, v in pairs for step in (u - x, v - y)]
        if kind == "M":
            written += "M" + _shortest(found)
        elif steps and not any(steps[1::2]):
            written += "h" + _shortest(steps[-2:-1])
        elif steps and not any(steps[::2]):
            written += "v" + _shortest(steps[-1:])
        else:
            written += kind.lower() + _shortest(steps)
        x, y = pairs[-1] if pairs else (x, y)
    return written


def _shortest(numbers: list[float]) -> str:
    """Return numbers to a tenth; a minus tells them apart as a space does."""
    texts = [f"{number:.1f}".removesuffix(".0") for number in numbers]
    short = [re.sub("^(-?)0[.]", r"\1.", "0" if text == "-0" else text) for text in texts]
    return " ".join(short).replace(" -", "-")


def tight(style: str) -> str:
    """Return a style sheet without comments, and without spaces that mean nothing.

    >>> tight("/* a */ p { color: red; margin: 0 auto }\\n.a > b, i :is(u) { top: calc(1px - 2px) }")
    'p{color:red;margin:0 auto}.a>b,i :is(u){top:calc(1px - 2px)}'
    """
    plain = re.sub(r"/\*.*?\*/|\s+", " ", style, flags=re.DOTALL)
    return re.sub(r"(: ) *", ":", re.sub(r" *([{};,>]) *", r"\1", plain)).strip()
