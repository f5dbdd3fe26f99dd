r"""The SVG of a picture as TikZ, for LaTeX: vectors, and words in the fonts of the document.

`\input{picture.tex}` needs `\usepackage{tikz}` and the encoding T1; nothing in a label is an instruction.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

from autograd_lite.drawing.image import SVG, elements, numbers
from autograd_lite.notation.text import in_latex

__all__ = ["tikz"]

PIXEL = 0.75  # points of paper for a point of the picture


def tikz(svg: str, room: tuple[float, float] | None = None) -> str:
    """Return a `tikzpicture`, no wider and no higher than the room in points, if that is given.

    >>> from autograd_lite.drawing import draw
    >>> from autograd_lite.engine import Value
    >>> print(tikz(draw(Value(2.0, label="w_1") * 3.0).svg)[:19])
    \\begin{tikzpicture}
    """
    root = ET.fromstring(svg)
    w, h = map(float, root.get("viewBox", "").split()[2:])
    scale = min(PIXEL, room[0] / w, room[1] / h) if room else PIXEL * float(root.get("width", w)) / w
    for name in ("width", "height"):
        root.attrib.pop(name, None)
    drawn = [_drawn(element, x, y, (w, h), scale) for element, x, y in elements(root)]
    colours = sorted({found for line in drawn for found in re.findall(r"\bal([0-9A-F]{6})\b", line)})
    defined = [rf"\definecolor{{al{colour}}}{{HTML}}{{{colour}}}" for colour in colours]
    head = rf"\begin{{tikzpicture}}[x={scale:.4f}pt, y=-{scale:.4f}pt]"
    return "\n".join([head, *defined, *filter(None, drawn), r"\end{tikzpicture}", ""])


def _colour(text: str | None) -> str:
    return f"al{(text or '#000000')[1:].upper()}"


def _drawn(element: Any, x: float, y: float, page: tuple[float, float], scale: float) -> str:
    """Return the command that draws one element whose zero lies at (x, y)."""
    fill, stroke, opacity = element.get("fill", "#000000"), element.get("stroke", "none"), float(element.get("opacity"))
    look = [] if opacity == 1.0 else [f"opacity={opacity:g}"]
    if element.tag == f"{SVG}text":
        return _text(element, x, y, scale, look)
    if stroke != "none" and element.get("stroke-opacity") != "0":
        look += [f"draw={_colour(stroke)}", f"line width={float(element.get('stroke-width', 1)) * scale:.2f}pt"]
        if dashes := element.get("stroke-dasharray"):
            on, off = (scale * n for n in numbers(dashes))
            look.append(f"dash pattern=on {on:.2f}pt off {off:.2f}pt")
    if fill != "none":
        look.append(f"fill={_colour(fill)}")
    if not any(part.startswith(("draw", "fill")) for part in look):
        return ""
    if element.tag == f"{SVG}rect":
        w, h = (whole if text == "100%" else float(text)
                for whole, text in zip(page, (element.get("width"), element.get("height")), strict=True))  # fmt: skip
        left, top = x + float(element.get("x", 0)), y + float(element.get("y", 0))
        if radius := min(float(element.get("rx", 0)), w / 2, h / 2):
            look.append(f"rounded corners={radius * scale:.2f}pt")
        shape = f"({left:.1f},{top:.1f}) rectangle ({left + w:.1f},{top + h:.1f})"
    else:
        shape = " ".join(_path(element.get("d"), x, y))
    return rf"\path[{', '.join(look)}] {shape};"


def _path(text: str, x: float, y: float) -> list[str]:
    parts = []
    for letter, rest in re.findall(r"([MLCZ])([^MLCZ]*)", text):
        found = numbers(rest)
        at = [f"({x + a:.1f},{y + b:.1f})" for a, b in zip(found[::2], found[1::2], strict=True)]
        parts += {"M": at, "L": ["--", *at], "Z": ["-- cycle"],
                  "C": [".. controls", " and ".join(at[:2]), "..", *at[2:]]}[letter]  # fmt: skip
    return parts


def _text(element: Any, x: float, y: float, scale: float, look: list[str]) -> str:
    size = float(element.get("font-size")) * scale
    anchor = {"start": "base west", "middle": "base", "end": "base east"}[element.get("text-anchor", "start")]
    bold = r"\bfseries\boldmath" if element.get("font-weight") == "bold" else ""
    if element.get("stroke", "none") != "none":  # the rim of a number on an arrow
        look = [*look, f"fill={_colour(element.get('stroke'))}", "fill opacity=0.8", "text opacity=1"]
    look = [f"anchor={anchor}", "inner sep=0.5pt", f"text={_colour(element.get('fill'))}", *look]
    at = f"({x + float(element.get('x')):.1f},{y + float(element.get('y')):.1f})"
    words = rf"\sffamily{bold}\fontsize{{{size:.2f}pt}}{{{size:.2f}pt}}\selectfont {in_latex(element.text or '')}"
    return rf"\node[{', '.join(look)}] at {at} {{{{{words}}}}};"  # \boldmath ends with the inner braces
