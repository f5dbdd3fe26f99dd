"""A worksheet: the table of a backward pass with blanks, for students to fill in, and its answer key.

Sheet and key are one table written twice, in Markdown with formulas and in HTML that needs nothing from elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from autograd_lite.checks import instance, seeded
from autograd_lite.coerce import number_of
from autograd_lite.engine import Value
from autograd_lite.explanation.exercise import exercise
from autograd_lite.explanation.steps import steps_of
from autograd_lite.files import write_together
from autograd_lite.notation.local_derivatives import formula, ratio
from autograd_lite.notation.names import Names
from autograd_lite.notation.text import Text, number
from autograd_lite.pages import Html, element, html, page, table
from autograd_lite.theme import LIGHT, colours, declared
from autograd_lite.view import View
from autograd_lite.words import say

__all__ = ["Blank", "Cell", "Worksheet", "worksheet"]

COLUMNS = ("node", "gradient", "to", "local", "contribution", "total")  # keys of the words at their heads


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of a table: formulas, and a number; the sheet leaves it out where the cell is a blank."""

    words: tuple[Text, ...] = ()
    value: float | None = None
    blank: int = 0
    rule: Text | None = None  # how the number comes about; left out with it
    note: str = ""  # plain words


@dataclass(frozen=True, slots=True)
class Blank:
    """One blank of the sheet: its number, the column and the node of its row, and what belongs there."""

    number: int
    column: str
    node: str
    answer: float


@dataclass(frozen=True, slots=True, eq=False)
class Worksheet:
    """The sheet and its key; `.save("sheet.md")` or `.save("sheet.html")` writes both."""

    out: Value  # the graph of the sheet, on its own leaves: `check_answers(sheet.out, …)` grades it
    seed: int
    name: Text
    given: tuple[tuple[Cell, ...], ...] = field(repr=False)  # the forward pass
    table: tuple[tuple[Cell, ...], ...] = field(repr=False)  # the backward pass

    @property
    def blanks(self) -> tuple[Blank, ...]:
        """The blanks of the sheet in the order of their numbers, with the answers."""
        found: list[Blank] = []
        node = ""
        for row in self.table:
            node = row[0].words[0].text if row[0].words else node
            found.extend(Blank(cell.blank, column, node, cell.value) for column, cell in zip(_head(), row, strict=True)
                         if cell.blank and cell.value is not None)  # fmt: skip
        return tuple(found)

    @property
    def markdown(self) -> str:
        """The sheet in Markdown, formulas between dollar signs."""
        return _written(self, False, _Markdown()) + "\n"

    @property
    def key_markdown(self) -> str:
        """The answer key in Markdown."""
        return _written(self, True, _Markdown()) + "\n"

    @property
    def html(self) -> str:
        """The sheet as a page of HTML."""
        return _page(self, key=False)

    @property
    def key_html(self) -> str:
        """The answer key as a page of HTML."""
        return _page(self, key=True)

    def __str__(self) -> str:
        return self.markdown

    def _repr_html_(self) -> str:
        return _html(self, key=False)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the sheet to `sheet.md` or `sheet.html` and its key beside it, `sheet-key.md`: both or neither.

        Return the path of the key. ValueError for another ending.
        """
        sheet = Path(path)
        key = sheet.with_name(f"{sheet.stem}-key{sheet.suffix}")
        texts = {".md": ("markdown", "key_markdown"), ".html": ("html", "key_html")}.get(sheet.suffix.lower())
        if texts is None:
            raise ValueError(
                f"worksheet: {os.fspath(path)!r} is neither a .md nor a .html, the kinds of file of a sheet"
            )
        write_together({sheet: getattr(self, texts[0]), key: getattr(self, texts[1])})
        return key


def worksheet(out: Value, seed: int = 0) -> Worksheet:
    """Return a worksheet on the backward pass of `out`: its table with blanks, and the answer key.

    The seed draws easy values for the leaves and the places of the blanks; the same seed gives the same bytes.
    Nothing is written to the graph.

    >>> a, b = Value(0.1, label="a"), Value(0.2, label="b")
    >>> sheet = worksheet(a * b + a, seed=1)
    >>> a.data, len(sheet.blanks) > 2, "____" in sheet.markdown, "____" in sheet.key_markdown
    (0.1, True, True, False)
    """
    instance("worksheet", out, Value, "pass the result to differentiate")
    rng = seeded(seed, "an int")
    (view,) = View(out).with_calls_expanded()
    if view.root.operation is None:
        raise ValueError("worksheet: a leaf has no backward pass; pass the result of some operations")
    names = Names(exercise(view, rng))
    return Worksheet(names.view.root, seed, names.root, tuple(_forward(names)), tuple(_backward(names, rng)))


def _forward(names: Names) -> Iterator[tuple[Cell, ...]]:
    """Yield each node with its formula and its value."""
    for node in (*names.view.leaves, *(node for node in names.order if node.operation is not None)):
        made = Cell(note=say("sheet.given"))
        if node.operation is not None:
            made = Cell((formula(node, lambda i, node=node: names.operand(node, i)),))  # type: ignore[misc]
        yield Cell((names(node),)), made, Cell(value=number_of(node))


def _backward(names: Names, rng: Random) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of the table, a line for each contribution, with the blanks.

    Every line leaves out its local derivative, its contribution, or both. A total that includes a contribution that
    was left out is left out as well, and so is the gradient that it ends as: no blank's answer stands elsewhere.
    """
    count = 0
    hidden: set[int] = set()  # nodes that have got a contribution which is left out

    def blank(left_out: bool) -> int:
        nonlocal count
        count += left_out
        return count if left_out else 0

    for step in steps_of(names):
        own = names(step.node)
        symbol = ratio(names.root, own)
        first = Cell((own,)), Cell((symbol,), step.upstream, blank(id(step.node) in hidden))
        if not step.contributions:
            yield (*first, Cell(note=say("steps.leaf")), Cell(), Cell(), Cell())
        for c in step.contributions:
            what = int(rng.random() * 3)  # 0: the local derivative, 1: the contribution, 2: both
            if what:
                hidden.add(id(c.parent))
            parent = names(c.parent)
            local = Cell((ratio(own, parent),), c.local, blank(what != 1), c.formula)
            amount, total = Cell((), c.amount, blank(what != 0)), Cell((), c.total, blank(id(c.parent) in hidden))
            yield (*first, Cell((parent,)), local, amount, total)
            first = Cell(), Cell()


# ------------------------------------------------------------------------------------------------------- writing


def _head() -> list[str]:
    return [say(f"sheet.{column}") for column in COLUMNS]


class _Markdown:
    """Markdown, with formulas between dollar signs."""

    def math(self, formula: Text) -> str:
        return f"${formula.latex.replace('|', chr(92) + 'vert ')}$"  # a bar would end the cell of a table

    def blank(self, n: int) -> str:
        return f"({n}) ________"

    def answer(self, n: int, x: str) -> str:
        return f"({n}) **{x}**"

    def line(self, *parts: str) -> str:
        return "".join(parts)

    def block(self, kind: str, *parts: str) -> str:
        return {"h1": "# ", "h2": "## ", "p": ""}[kind] + "".join(parts)

    def table(self, rows: Sequence[Sequence[str]]) -> str:
        lines = [f"| {' | '.join(row)} |" for row in rows]
        return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])


class _Html:
    """HTML, with formulas in Unicode."""

    def math(self, formula: Text) -> Html:
        return element("i", formula.text)

    def blank(self, n: int) -> Html:
        return html(element("small", f"({n})"), element("span", class_="blank"))

    def answer(self, n: int, x: str) -> Html:
        return html(element("small", f"({n})"), Html("&nbsp;"), element("b", x))

    def line(self, *parts: str) -> Html:
        return html(*parts)

    def block(self, kind: str, *parts: str) -> Html:
        return element(kind, *parts)

    def table(self, rows: Sequence[Sequence[str]]) -> Html:
        return table(rows[0], rows[1:])


def _written(sheet: Worksheet, key: bool, form: _Markdown | _Html) -> str:
    """Write the sheet or its key in one of the two forms."""

    def written(cell: Cell) -> str:
        left_out = cell.blank and not key
        parts = [cell.note] if cell.note else [form.math(words) for words in cell.words]
        if cell.rule is not None and not left_out:
            parts.append(form.math(cell.rule))
        if cell.value is not None:
            x = number(cell.value).text
            parts.append(form.blank(cell.blank) if left_out else form.answer(cell.blank, x) if cell.blank else x)
        return form.line(*[piece for part in parts for piece in (" = ", part)][1:])

    def phrase(which: str) -> list[str]:
        """Return a text in pieces, with the name of the result as mathematics."""
        before, after = say(f"sheet.{which}", name="\0", seed=sheet.seed).split("\0")
        return [before, form.math(sheet.name), after]

    forward = [[say(f"sheet.{column}") for column in ("node", "is", "value")]]
    return "\n\n".join([
        form.block("h1", *phrase("key_title" if key else "title")),
        form.block("p", say("sheet.answers" if key else "sheet.fill", count=len(sheet.blanks))),
        form.block("h2", say("sheet.forward")),
        form.table([*forward, *([written(cell) for cell in row] for row in sheet.given)]),
        form.block("h2", say("sheet.backward")),
        form.block("p", *phrase("task")),
        form.table([_head(), *([written(cell) for cell in row] for row in sheet.table)]),
    ])  # fmt: skip


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
.worksheet small { color: var(--muted) }
.worksheet .blank { display: inline-block; min-width: 5em; height: 1.2em; border-bottom: 1px solid var(--ink) }
"""


def _html(sheet: Worksheet, key: bool) -> Html:
    """Return the sheet as a notebook shows it, in light colours."""
    style = f".worksheet {{ {declared(LIGHT)} }}{_STYLE}"
    written = Html(f"\n{_written(sheet, key, _Html())}\n")
    return html(element("style", Html(style)), Html("\n"), element("div", written, class_="worksheet"))


def _page(sheet: Worksheet, key: bool) -> str:
    title = say("sheet.key_title" if key else "sheet.title", name=sheet.name.text, seed=sheet.seed)
    return page(title, _html(sheet, key), colours(":root .worksheet"))
