"""A worksheet and its key: their parts in order, and how Markdown, HTML and LaTeX spell them (`paper` draws a PDF)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autograd_lite.drawing.tikz import tikz
from autograd_lite.notation.text import Text, in_latex, number
from autograd_lite.pages import Html, element, html, page, table
from autograd_lite.theme import LIGHT, colours, declared
from autograd_lite.words import say

if TYPE_CHECKING:
    from autograd_lite.worksheets.sheet import Cell, Worksheet

COLUMNS = ("node", "gradient", "to", "local", "contribution", "total")  # keys of the words at their heads
ROOM = (510.0, 640.0)  # points, below the title on a page of LaTeX


class Markdown:
    """Markdown, with formulas between dollar signs; `picture` is the name of a file beside it, if there is one."""

    def __init__(self, picture: str = "") -> None:
        self.file = picture

    def picture(self, sheet: Worksheet, key: bool) -> str:
        return f"![{say('sheet.picture')}]({self.file})" if self.file else ""

    def number(self, x: Text) -> str:
        return x.text

    def math(self, formula: Text) -> str:
        return f"${formula.latex.replace('|', chr(92) + 'vert ')}$"  # a bar would end the cell of a table

    def blank(self, n: int) -> str:
        return f"({n}) ________"

    def answer(self, n: int, x: Text) -> str:
        return f"({n}) **{x.text}**"

    def line(self, *parts: str) -> str:
        return "".join(parts)

    def block(self, kind: str, *parts: str) -> str:
        return {"h1": "# ", "h2": "## ", "p": ""}[kind] + "".join(parts)

    def table(self, rows: Sequence[Sequence[str]]) -> str:
        lines = [f"| {' | '.join(row)} |" for row in rows]
        return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])


class Page:
    """HTML, with formulas in Unicode."""

    def picture(self, sheet: Worksheet, key: bool) -> Html:
        data = b64encode(sheet.svg(key).encode()).decode()
        return element("img", alt=say("sheet.picture"), src=f"data:image/svg+xml;base64,{data}")

    def number(self, x: Text) -> str:
        return x.text

    def math(self, formula: Text) -> Html:
        return element("i", formula.text)

    def blank(self, n: int) -> Html:
        return html(element("small", f"({n})"), element("span", class_="blank"))

    def answer(self, n: int, x: Text) -> Html:
        return html(element("small", f"({n})"), Html("&nbsp;"), element("b", x.text))

    def line(self, *parts: str) -> Html:
        return html(*parts)

    def block(self, kind: str, *parts: str) -> Html:
        return element(kind, *parts)

    def table(self, rows: Sequence[Sequence[str]]) -> Html:
        return table(rows[0], rows[1:])


class Latex:
    """LaTeX, with formulas between dollar signs, and the picture in TikZ."""

    def picture(self, sheet: Worksheet, key: bool) -> str:
        return f"\\begin{{center}}\n{tikz(sheet.svg(key, paper=True), ROOM)}\\end{{center}}"

    def number(self, x: Text) -> str:
        return f"${x.latex}$"

    def math(self, formula: Text) -> str:
        return f"${formula.latex}$"

    def blank(self, n: int) -> str:
        return rf"({n})~\underline{{\hspace{{4em}}}}"

    def answer(self, n: int, x: Text) -> str:
        return rf"({n})~$\mathbf{{{x.latex}}}$"

    def line(self, *parts: str) -> str:
        return "".join(parts)

    def block(self, kind: str, *parts: str) -> str:
        words = "".join(part if part.startswith("$") else in_latex(part) for part in parts)
        return {"h1": rf"\section*{{{words}}}", "h2": rf"{_ROOM_BELOW}\subsection*{{{words}}}"}.get(kind, words)

    def table(self, rows: Sequence[Sequence[str]]) -> str:
        head, *body = [" & ".join(row) + r" \\" for row in rows]
        lines = [rf"\begin{{longtable}}{{@{{}}{'l' * len(rows[0])}@{{}}}}", r"\toprule", head, r"\midrule \endhead"]
        return "\n".join([r"{\small\setlength{\tabcolsep}{3pt}", *lines, *body, r"\bottomrule", r"\end{longtable}}"])


def parts_of(sheet: Worksheet, key: bool, form: Any) -> list[Any]:
    """Return the parts of the sheet or its key, from the title to the table of the backward pass, in one form."""

    def cell_text(cell: Cell) -> Any:
        left_out = cell.blank and not key
        parts = [cell.note] if cell.note else [form.math(words) for words in cell.words]
        if cell.rule is not None and not left_out:
            parts.append(form.math(cell.rule))
        if cell.value is not None:
            x, n = number(cell.value), cell.blank
            parts.append(form.blank(n) if left_out else form.answer(n, x) if n else form.number(x))
        return form.line(*[piece for part in parts for piece in (" = ", part)][1:])

    def phrase(which: str) -> list[str]:
        """Return a text in pieces, with the name of the result as mathematics."""
        before, after = say(f"sheet.{which}", name="\0", seed=sheet.seed).split("\0")
        return [before, form.math(sheet.name), after]

    def table(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Any:
        return form.table([[say(f"sheet.{name}") for name in columns], *([*map(cell_text, row)] for row in rows)])

    drawn = form.picture(sheet, key) if sheet.pictured else ""
    parts = [
        form.block("h1", *phrase("key_title" if key else "title")),
        form.block("p", say("sheet.answers" if key else "sheet.fill", count=len(sheet.blanks))),
        *([drawn, form.block("p", say("sheet.arrows"))] if drawn else []),
        form.block("h2", say("sheet.forward")),
        table(("node", "is", "value"), sheet.given),
        form.block("h2", say("sheet.backward")),
        form.block("p", *phrase("task")),
        table(COLUMNS, sheet.table),
    ]  # fmt: skip
    return parts


def written(sheet: Worksheet, key: bool, form: Markdown | Page | Latex) -> str:
    """Return the sheet or its key as text."""
    return "\n\n".join(filter(None, parts_of(sheet, key, form)))


_STYLE = """
.worksheet { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); max-width: 70em;
  margin: 0 auto; padding: 1em }
.worksheet h1 { font-size: 1.4em } .worksheet h2 { font-size: 1.1em; margin-top: 1.5em }
.worksheet table { border-collapse: collapse; width: 100%; color: inherit }
.worksheet :is(th, td) { border: 1px solid var(--border); padding: .4em .7em; text-align: left;
  font-weight: inherit; background: var(--ground) }
.worksheet thead th { font-weight: bold; background: var(--soft) } .worksheet tr { break-inside: avoid }
.worksheet i { font-family: Cambria, Georgia, serif; font-size: 1.1em; font-style: normal }
.worksheet b { color: var(--warning) }
.worksheet img { display: block; max-width: 100%; margin: 1em auto 0 }
.worksheet small { color: var(--muted) }
.worksheet .blank { display: inline-block; min-width: 5em; height: 1.2em; border-bottom: 1px solid var(--ink) }
"""


def in_html(sheet: Worksheet, key: bool) -> Html:
    """Return the sheet as a notebook shows it, in light colours."""
    style = f".worksheet {{ {declared(LIGHT)} }}{_STYLE}"
    inside = Html(f"\n{written(sheet, key, Page())}\n")
    return html(element("style", Html(style)), Html("\n"), element("div", inside, class_="worksheet"))


def in_page(sheet: Worksheet, key: bool) -> str:
    """Return the sheet as a page."""
    title = say("sheet.key_title" if key else "sheet.title", name=sheet.name.text, seed=sheet.seed)
    return page(title, in_html(sheet, key), colours(":root .worksheet"))


# a heading moves to the next page where less than this is left below it
_ROOM_BELOW = r"\vskip 0pt plus 7\baselineskip\penalty-200\vskip 0pt plus -7\baselineskip" + "\n"

_PREAMBLE = r"""\documentclass[a4paper,10pt]{article}
\usepackage[T1]{fontenc}
\usepackage{lmodern,amsmath,booktabs,longtable,tikz}
\usepackage[hmargin=1.5cm,vmargin=2cm]{geometry}
\providecommand{\lt}{<}
\providecommand{\gt}{>}
\setlength{\parindent}{0pt}
\setlength{\LTleft}{0pt}
\renewcommand{\arraystretch}{1.6}
\begin{document}
"""


def in_latex_document(sheet: Worksheet, key: bool) -> str:
    """Return the sheet as a document that needs packages of every TeX distribution only."""
    return f"{_PREAMBLE}{written(sheet, key, Latex())}\n\\end{{document}}\n"
