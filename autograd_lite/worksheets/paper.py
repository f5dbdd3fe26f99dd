"""A worksheet as a PDF: vectors, the font of the pictures, and no program of TeX."""

from __future__ import annotations

import io
from collections.abc import Sequence
from html import unescape
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from autograd_lite.drawing.image import FAMILY, colour, draw_on, fonts, in_bytes, needs
from autograd_lite.notation.text import Text
from autograd_lite.pages import Html, element, html
from autograd_lite.theme import PRINT
from autograd_lite.words import say
from autograd_lite.worksheets.writing import Page, parts_of

if TYPE_CHECKING:
    from autograd_lite.worksheets.sheet import Worksheet

__all__ = ["pdf"]

MARGIN = 42.0
TITLE = 80.0  # points, the room for the lines above the picture
BELOW = 120.0  # points: where less is left for a heading and the first rows of its table, both go to the next page
A4 = (595.28, 841.89)  # points
SIZES = {"h1": 14.0, "h2": 11.0, "p": 9.0, "cell": 8.5}  # of letters
SIDE = 6.0  # points between a cell's border and its text, as reportlab has it
SHARES = {3: (0.2, 0.6, 0.2), 6: (0.1, 0.2, 0.1, 0.28, 0.16, 0.16)}  # of the columns of both tables in its width


def pdf(sheet: Worksheet, key: bool) -> bytes:
    """Return the sheet or its key as pages of A4."""
    try:
        from reportlab.platypus import CondPageBreak, SimpleDocTemplate
    except ImportError:
        raise ImportError(needs(".pdf worksheet", "one saved as .html or .tex")) from None
    title = say("sheet.key_title" if key else "sheet.title", name=sheet.name.text, seed=sheet.seed)
    margins = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), MARGIN)
    file = io.BytesIO()
    document = SimpleDocTemplate(file, pagesize=A4, title=title, invariant=1, **margins)
    parts = [*filter(None, parts_of(sheet, key, Paper()))]
    headings = [i for i, part in enumerate(parts) if getattr(part, "style", None) and part.style.name == "h2"]
    for i in reversed(headings):
        parts.insert(i, CondPageBreak(BELOW))
    with in_bytes():
        document.build(parts)
    return file.getvalue()


class Paper(Page):
    """The parts of a sheet as reportlab lays them out; its markup is close to HTML."""

    def __init__(self) -> None:
        from reportlab.lib.styles import ParagraphStyle

        fonts()
        self.width = A4[0] - 2 * MARGIN
        self.looks = {
            kind: ParagraphStyle(kind, fontName=f"{FAMILY} {'bold' if kind[0] == 'h' else 'regular'}", fontSize=size,
                                 leading=1.35 * size, textColor=colour(PRINT.ink),
                                 spaceBefore=0.6 * size * (kind != "cell"), spaceAfter=0.4 * size * (kind != "cell"))
            for kind, size in SIZES.items()
        }  # fmt: skip

    def picture(self, sheet: Worksheet, key: bool) -> Any:
        return _picture(sheet.svg(key, paper=True), self.width, A4[1] - 2 * MARGIN - TITLE)

    def math(self, formula: Text) -> Html:
        return html(formula.text)

    def blank(self, n: int) -> Html:
        return html(f"({n}) {'_' * 9}")

    def answer(self, n: int, x: Text) -> Html:
        return html(f"({n}) ", element("font", x.text, name=f"{FAMILY} bold", color=PRINT.warning))

    def block(self, kind: str, *parts: str) -> Any:
        from reportlab.platypus import Paragraph

        return Paragraph(html(*parts), self.looks[kind])

    def table(self, rows: Sequence[Sequence[str]]) -> Any:
        from reportlab.pdfbase.pdfmetrics import stringWidth
        from reportlab.platypus import Table

        look = self.looks["cell"]
        style = [("GRID", 0.4, colour(PRINT.border)), ("VALIGN", "MIDDLE"), ("TOPPADDING", 3), ("BOTTOMPADDING", 4),
                 ("FONT", look.fontName, look.fontSize, look.leading), ("TEXTCOLOR", look.textColor)]  # fmt: skip
        widths = [self.width * share for share in SHARES[len(rows[0])]]

        def cell(text: str, width: float) -> Any:
            """Return a line without markup as text, which is laid out and drawn much faster than a paragraph."""
            plain = unescape(text)
            fits = "<" not in text and stringWidth(plain, look.fontName, look.fontSize) <= width - 2 * SIDE
            return plain if fits else self.block("cell", text)

        cells = [[cell(text, width) for text, width in zip(row, widths, strict=True)] for row in rows]
        everywhere = [(name, (0, 0), (-1, -1), *values) for name, *values in style]
        return Table(cells, widths, repeatRows=1,
                     style=[*everywhere, ("BACKGROUND", (0, 0), (-1, 0), colour(PRINT.soft))])  # fmt: skip


def _picture(svg: str, widest: float, highest: float) -> Any:
    """Return the picture as a part of a page, as large as there is room for, and no larger than it is."""
    from reportlab.platypus import Flowable

    root = ET.fromstring(svg)
    w, h = map(float, root.get("viewBox", "").split()[2:])
    scale = min(0.75, widest / w, highest / h)

    class Drawn(Flowable):  # type: ignore[misc]
        def wrap(self, *_: float) -> tuple[float, float]:
            return widest, h * scale

        def draw(self) -> None:
            self.canv.translate((widest - w * scale) / 2, 0.0)
            self.canv.scale(scale, scale)
            draw_on(self.canv, root, (w, h))

    return Drawn()
