"""The SVG of a picture as PNG or PDF: the same picture, on every machine.

Both are set in the font that lies beside this file, so that text appears where no font is installed, and the PDF
embeds it. `png` asks resvg. `pdf` draws the few elements that svg.py writes with reportlab, as vectors and as text.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import as_file, files
from types import MappingProxyType
from typing import Any
from xml.etree import ElementTree as ET

__all__ = [
    "FAMILY",
    "SCALE",
    "SVG",
    "colour",
    "draw_on",
    "elements",
    "fonts",
    "in_bytes",
    "needs",
    "numbers",
    "pdf",
    "png",
]

FAMILY = "Autograd Lite Sans"
SCALE = 2.0  # pixels for each point of the picture
PIXELS, SIDE = 80e6, 32_000  # at most, and on a side: a very large picture gets fewer pixels, not none
PAGE = 14_400.0  # points, the largest side of a page that every reader of PDF shows
SVG = "{http://www.w3.org/2000/svg}"


def png(svg: str, scale: float = SCALE) -> bytes:
    """Return the picture as a PNG with so many pixels for each point."""
    try:
        from resvg_py import svg_to_bytes
    except ImportError:
        raise ImportError(needs(".png picture")) from None
    w, h = _size(svg)
    scale = min(scale, SIDE / max(w, h), math.sqrt(PIXELS / (w * h)))
    ours = re.sub('font-family="[^"]*"', f'font-family="{FAMILY}"', svg, count=1)
    with as_file(files(__package__).joinpath("font")) as folder:
        fonts = [str(folder / "regular.ttf"), str(folder / "bold.ttf")]
        # Fonts of this machine are looked at only for letters that ours lacks: the picture shall not depend on them.
        alone = set(svg) <= {*(folder / "characters.txt").read_text(encoding="utf-8"), "\n"}
        return bytes(
            svg_to_bytes(
                svg_string=ours,
                zoom=scale,
                font_files=fonts,
                font_family=FAMILY,
                sans_serif_family=FAMILY,
                skip_system_fonts=alone,
            )
        )


def pdf(svg: str) -> bytes:
    """Return the picture as a PDF of one page, as large as the picture."""
    try:
        from reportlab.pdfgen.canvas import Canvas
    except ImportError:
        raise ImportError(needs(".pdf picture")) from None
    fonts()
    root = ET.fromstring(svg)
    w, h = map(float, root.get("viewBox", "").split()[2:])
    scale = min(float(root.get("width", w)) / w, PAGE / max(w, h))
    file = io.BytesIO()
    canvas = Canvas(file, (w * scale, h * scale), pageCompression=1, invariant=1, initialFontName=f"{FAMILY} regular")
    canvas.setTitle(root.findtext(f"{SVG}title", ""))
    canvas.scale(scale, scale)
    with in_bytes():
        draw_on(canvas, root, (w, h))
        canvas.save()
    return file.getvalue()


@contextmanager
def in_bytes() -> Iterator[None]:
    """Let reportlab write what it has compressed as it is: as text it takes a quarter more room, and long to make."""
    from reportlab import rl_config

    before, rl_config.useA85 = rl_config.useA85, 0
    try:
        yield
    finally:
        rl_config.useA85 = before


@cache
def fonts() -> None:
    """Make the font known to reportlab."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    with as_file(files(__package__).joinpath("font")) as folder:
        for style in ("regular", "bold"):
            pdfmetrics.registerFont(TTFont(f"{FAMILY} {style}", str(folder / f"{style}.ttf")))


@cache
def colour(text: str) -> Any:
    """Return a colour such as #1e293b as reportlab has it, which takes long to read one."""
    from reportlab.lib.colors import toColor

    return toColor(text)


def draw_on(canvas: Any, root: Any, size: tuple[float, float]) -> None:
    """Draw a parsed picture of this size on a canvas, its lower left corner at zero."""
    for name in ("width", "height"):
        root.attrib.pop(name, None)
    pen = _Pen(canvas)
    for element, x, y in elements(root):
        _draw(pen, element, x, size[1] - y, size)


def needs(what: str, instead: str = "a picture saved as .svg") -> str:
    """Return the message that the extra for a kind of file is missing."""
    return f"a {what} needs the extra pictures: pip install 'autograd-lite[pictures]'; {instead} needs nothing"


def _size(svg: str) -> tuple[float, float]:
    """Return how large the picture is shown."""
    found = re.search(r' width="([\d.]+)" height="([\d.]+)"', svg) or re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert found is not None
    return float(found[1]), float(found[2])


def elements(
    element: Any, x: float = 0.0, y: float = 0.0, given: Mapping[str, str] = MappingProxyType({})
) -> Iterator[tuple[Any, float, float]]:
    """Yield the elements that are drawn, each with the attributes of the groups around it, and where its zero lies."""
    if element.tag in (f"{SVG}title", f"{SVG}desc"):
        return
    opacity = float(given.get("opacity", 1.0)) * float(element.get("opacity", 1.0))
    element.attrib.update({**given, **element.attrib, "opacity": str(opacity)})
    if element.tag in (f"{SVG}svg", f"{SVG}g"):
        dx, dy = numbers(element.attrib.pop("transform", "0 0"))
        for child in element:
            yield from elements(child, x + dx, y + dy, element.attrib)
    else:
        yield element, x, y


def numbers(text: str) -> list[float]:
    """Return the numbers in an attribute."""
    return [float(found) for found in re.findall(r"-?[\d.]+", text)]


class _Pen:
    """Colours, widths and dashes as a canvas has them: it is given only those that change, for each takes long."""

    def __init__(self, canvas: Any) -> None:
        self.canvas = canvas
        self.last: dict[str, tuple[Any, ...]] = {}

    def take(self, setting: str, *values: Any) -> None:
        if self.last.get(setting) != values:
            self.last[setting] = values
            getattr(self.canvas, setting)(*values)


def _draw(pen: _Pen, element: Any, x: float, y: float, page: tuple[float, float]) -> None:
    """Draw one element whose zero lies at (x, y), y upwards."""
    canvas = pen.canvas
    opacity = float(element.get("opacity"))
    fill, stroke = element.get("fill", "#000000"), element.get("stroke", "none")
    painted = {"fill": int(fill != "none"), "stroke": int(stroke != "none" and element.get("stroke-opacity") != "0")}
    if not any(painted.values()):  # what is only there to be pointed at
        return
    if painted["fill"]:
        pen.take("setFillColor", colour(fill), opacity)
    if painted["stroke"]:
        pen.take("setStrokeColor", colour(stroke), opacity * float(element.get("stroke-opacity", 1)))
        pen.take("setLineWidth", float(element.get("stroke-width", 1)))
        pen.take("setLineJoin", int(element.tag == f"{SVG}text"))  # a halo is round
        pen.take(
            "setDash", *([numbers(element.get("stroke-dasharray"))] if "stroke-dasharray" in element.attrib else [])
        )
    if element.tag == f"{SVG}text":
        _text(pen, element, x, y, painted["stroke"])
    elif element.tag == f"{SVG}rect":
        w, h = (
            whole if text == "100%" else float(text)
            for whole, text in zip(page, (element.get("width"), element.get("height")), strict=True)
        )
        left, top = x + float(element.get("x", 0)), y - float(element.get("y", 0))
        canvas.roundRect(left, top - h, w, h, min(float(element.get("rx", 0)), w / 2, h / 2), **painted)
    elif element.tag == f"{SVG}path":
        canvas.drawPath(_path(canvas.beginPath(), element.get("d"), x, y), **painted)
    else:
        raise ValueError(f"a .pdf picture cannot hold {element.tag}")


def _path(path: Any, text: str, x: float, y: float) -> Any:
    for letter, rest in re.findall(r"([MLCZ])([^MLCZ]*)", text):
        points = [x + n if i % 2 == 0 else y - n for i, n in enumerate(numbers(rest))]
        {"M": path.moveTo, "L": path.lineTo, "C": path.curveTo, "Z": path.close}[letter](*points)
    return path


def _text(pen: _Pen, element: Any, x: float, y: float, halo: int) -> None:
    canvas, size, words = pen.canvas, float(element.get("font-size")), element.text or ""
    font = f"{FAMILY} {'bold' if element.get('font-weight') == 'bold' else 'regular'}"
    shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[element.get("text-anchor", "start")]
    left = x + float(element.get("x")) - (shift and shift * canvas.stringWidth(words, font, size))
    bottom = y - float(element.get("y"))
    pen.take("setFont", font, size)
    if halo:  # it lies under the letters
        canvas.drawString(left, bottom, words, mode=1)
    canvas.drawString(left, bottom, words)
