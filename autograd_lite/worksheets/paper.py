"""A worksheet as a PDF: vectors, the font of the pictures, and no program of TeX."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from autograd_lite.drawing.image import FAMILY, draw_on, fonts, needs
from autograd_lite.notation.text import Text, number
from autograd_lite.theme import PRINT
from autograd_lite.words import say
from autograd_lite.worksheets.writing import heads

if TYPE_CHECKING:
    from autograd_lite.worksheets.sheet import Cell, Worksheet

__all__ = ["pdf"]

MARGIN = 42.0
SIZES = {"h1": 14.0, "h2": 11.0, "p": 9.0, "cell": 8.5}  # of letters
GAP = "_" * 9


def pdf(sheet: Worksheet, key: bool) -> bytes:
    """Return the sheet or its key as pages of A4."""
    try:
        from reportlab.lib.pagesizes import A4
        from reportlab.lib.styles import ParagraphStyle
        from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle
    except ImportError:
        raise ImportError(needs(".pdf worksheet", "one saved as .html or .tex")) from None
    fonts()
    looks = {
        kind: ParagraphStyle(kind, fontName=f"{FAMILY} {'bold' if kind[0] == 'h' else 'regular'}", fontSize=size,
                             leading=1.35 * size, spaceBefore=0.6 * size * (kind != "cell"), textColor=PRINT.ink,
                             spaceAfter=0.4 * size * (kind != "cell"))
        for kind, size in SIZES.items()
    }  # fmt: skip
    width = A4[0] - 2 * MARGIN

    def text(kind: str, words: str) -> Any:
        return Paragraph(_escaped(words), looks[kind])

    def table(rows: list[list[str]], shares: tuple[float, ...]) -> Any:
        head, *body = [[Paragraph(cell, looks["cell"]) for cell in row] for row in rows]
        lines = [("GRID", (0, 0), (-1, -1), 0.4, PRINT.border), ("BACKGROUND", (0, 0), (-1, 0), PRINT.soft),
                 ("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("TOPPADDING", (0, 0), (-1, -1), 3),
                 ("BOTTOMPADDING", (0, 0), (-1, -1), 4)]  # fmt: skip
        return Table([head, *body], [width * share for share in shares], repeatRows=1, style=TableStyle(lines))

    def cells(row: tuple[Cell, ...]) -> list[str]:
        return [_cell(cell, key) for cell in row]

    title = say("sheet.key_title" if key else "sheet.title", name=sheet.name.text, seed=sheet.seed)
    parts = [text("h1", title), text("p", say("sheet.answers" if key else "sheet.fill", count=len(sheet.blanks)))]
    if sheet.pictured:
        parts += [_picture(sheet.svg(key), width, A4[1] / 2), text("p", say("sheet.arrows"))]
    forward = [[say(f"sheet.{column}") for column in ("node", "is", "value")], *map(cells, sheet.given)]
    backward = [heads(), *map(cells, sheet.table)]
    parts += [text("h2", say("sheet.forward")), table(forward, (0.2, 0.6, 0.2)),
              text("h2", say("sheet.backward")), text("p", say("sheet.task", name=sheet.name.text)), Spacer(0, 4),
              table(backward, (0.1, 0.2, 0.1, 0.28, 0.16, 0.16))]  # fmt: skip
    file = io.BytesIO()
    margins = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), MARGIN)
    SimpleDocTemplate(file, pagesize=A4, title=title, invariant=1, **margins).build(parts)
    return file.getvalue()


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cell(cell: Cell, key: bool) -> str:
    left_out = cell.blank and not key
    formulas: list[Text] = [*([] if cell.note else cell.words), *([cell.rule] if cell.rule and not left_out else [])]
    parts = [_escaped(part) for part in (*filter(None, [cell.note]), *(formula.text for formula in formulas))]
    if cell.value is not None:
        x, mark = number(cell.value).text, f"({cell.blank}) "
        answer = f'<font name="{FAMILY} bold" color="{PRINT.warning}">{x}</font>'
        parts.append(mark + GAP if left_out else mark + answer if cell.blank else x)
    return " = ".join(parts)


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
