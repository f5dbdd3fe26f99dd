"""A worksheet: the table of a backward pass with blanks, for students to fill in, its picture and its answer key."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograd_lite.checks import instance, seeded, whole
from autograd_lite.coerce import number_of
from autograd_lite.drawing.geometry import Placement
from autograd_lite.drawing.layout import labelled, placed
from autograd_lite.drawing.palette import PALETTES
from autograd_lite.drawing.pass_picture import pass_scene
from autograd_lite.drawing.picture import Picture
from autograd_lite.drawing.scene import FONT_SIZE, Scene
from autograd_lite.drawing.shown import Gap, Shown
from autograd_lite.engine import Value
from autograd_lite.explanation.grading import Grades
from autograd_lite.explanation.steps import Contribution, Step, steps_of
from autograd_lite.files import write_together
from autograd_lite.notation.local_derivatives import formula, ratio
from autograd_lite.notation.names import Names
from autograd_lite.notation.text import Text
from autograd_lite.pages import Html
from autograd_lite.view import View
from autograd_lite.words import say
from autograd_lite.worksheets.choice import Place, answer, any_lines, left_out, some_lines
from autograd_lite.worksheets.exercise import exercise
from autograd_lite.worksheets.marking import mark
from autograd_lite.worksheets.paper import pdf
from autograd_lite.worksheets.writing import Markdown, in_html, in_latex_document, in_page, written

__all__ = ["Blank", "Cell", "Worksheet", "worksheet"]

PICTURED = 60  # values in a graph whose picture still fits a page
SCREEN, PAPER = (640.0, 560.0), (640.0, 850.0)  # points, the room for a picture whose letters have their size
CLOSE = 2.0 * FONT_SIZE  # letters beside which the ranks of a picture stand close
ALL = Shown(digits=(6, 6))  # as the tables have them
SUFFIXES = (".md", ".html", ".tex", ".pdf")


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
    kind: str = field(repr=False)  # gradient, local, contribution or total
    step: Step = field(repr=False, compare=False)
    contribution: Contribution | None = field(repr=False, compare=False)  # None of a gradient


@dataclass(frozen=True, slots=True, eq=False)
class Worksheet:
    """The sheet and its key; `.save("sheet.pdf")`, .tex, .html or .md writes both, `.grade({1: 0.5, …})` marks it."""

    out: Value  # the graph of the sheet, on its own leaves: `check_answers(sheet.out, …)` grades it
    seed: int
    name: Text
    blanks: tuple[Blank, ...] = field(repr=False)  # in the order of their numbers, with the answers
    names: Names = field(repr=False)
    steps: tuple[Step, ...] = field(repr=False)
    places: Mapping[Place, int] = field(repr=False)  # what is left out, with the numbers of the blanks
    looks: dict[bool, tuple[Scene, Placement]] = field(default_factory=dict, repr=False)  # on paper or not

    @property
    def pictured(self) -> bool:
        """Whether the graph is small enough for a picture on the sheet."""
        return len(self.names.order) <= PICTURED

    @property
    def given(self) -> tuple[tuple[Cell, ...], ...]:
        """The table of the forward pass."""
        return tuple(_forward(self.names))

    @property
    def table(self) -> tuple[tuple[Cell, ...], ...]:
        """The table of the backward pass."""
        return tuple(_backward(self.names, self.steps, self.places))

    def picture(self, key: bool = False, theme: str = "print", paper: bool = False) -> Picture:
        """Return the graph with the blanks of the sheet that lie in it, each under its number; `key` fills them in.

        A gradient is on its card, a local derivative on its arrow. On `paper` a page has to hold it.
        """
        if paper not in self.looks:
            full = pass_scene(self.names, ALL, PALETTES["print"])
            ways = [full, replace(full, rankdir="TB")]
            close = [replace(scene, font_size=CLOSE) for scene in ways if paper]
            looks = [(scene, placed(scene)) for scene in (*ways, *close)]
            self.looks[paper] = max(looks, key=lambda look: _share(look[1], PAPER if paper else SCREEN))
        scene, placement = look = self.looks[paper]
        if not key or theme != "print":
            shown = ALL if key else replace(ALL, gaps=dict(self._gaps()))
            scene = pass_scene(self.names, shown, PALETTES[theme], rankdir=look[0].rankdir)
        cards = tuple(replace(card, tooltip=card.name) for card in scene.cards)  # no hints: they hold numbers
        scene = replace(scene, cards=cards, explained=False, font_size=look[0].font_size)
        return Picture(scene, labelled(scene, placement))

    def _gaps(self) -> Iterator[tuple[Gap, int]]:
        for (i, j, kind), n in self.places.items():
            node = self.steps[i].node
            if kind == "gradient":
                yield (id(node), "grad"), n
            elif kind == "local":
                positions = [k for k, x in enumerate(node.operands) if x.__class__ is Value]
                yield (id(node), positions[j]), n

    def svg(self, key: bool = False, paper: bool = False) -> str:
        """Return the picture as SVG."""
        return self.picture(key, paper=paper).svg

    @property
    def markdown(self) -> str:
        """The sheet in Markdown, formulas between dollar signs."""
        return written(self, False, Markdown()) + "\n"

    @property
    def key_markdown(self) -> str:
        """The answer key in Markdown."""
        return written(self, True, Markdown()) + "\n"

    @property
    def html(self) -> str:
        """The sheet as a page of HTML."""
        return in_page(self, key=False)

    @property
    def key_html(self) -> str:
        """The answer key as a page of HTML."""
        return in_page(self, key=True)

    @property
    def latex(self) -> str:
        """The sheet as a document of LaTeX."""
        return in_latex_document(self, key=False)

    @property
    def key_latex(self) -> str:
        """The answer key as a document of LaTeX."""
        return in_latex_document(self, key=True)

    def __str__(self) -> str:
        return self.markdown

    def _repr_html_(self) -> Html:
        return in_html(self, key=False)

    def grade(self, answers: Mapping[Any, Any], hints: bool = True, follows: bool = False) -> Grades:
        """Mark the answers to the numbered blanks, {1: 0.5, 2: "−1/4", …}, each with a hint where it is wrong.

        Every blank counts; one without an answer is not right. An answer that is right but for an earlier one that is
        wrong "follows": it counts as right with `follows=True`, and is a row of its own kind without.
        """
        return mark(self, answers, hints, follows)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the sheet to `sheet.pdf`, .tex, .html or .md, and its key beside it, `sheet-key.pdf`: both or neither.

        A .md has its pictures in files beside it, `sheet.svg` and `sheet-key.svg`; a .pdf needs the extra `pictures`.
        Return the path of the key. ValueError for another ending.
        """
        sheet = Path(path)
        key, suffix = sheet.with_name(f"{sheet.stem}-key{sheet.suffix}"), sheet.suffix.lower()
        if suffix not in SUFFIXES:
            raise ValueError(
                f"worksheet: {os.fspath(path)!r} is no kind of file of a sheet: expected a name that ends in "
                f"{' '.join(SUFFIXES)}"
            )
        files: dict[str | os.PathLike[str], str | bytes] = {}
        for file, filled in ((sheet, False), (key, True)):
            if suffix == ".md" and self.pictured:
                files[file.with_suffix(".svg")] = self.svg(filled)
            files[file] = self._content(suffix, filled, file.with_suffix(".svg").name)
        write_together(files)
        return key

    def _content(self, suffix: str, key: bool, picture: str) -> str | bytes:
        if suffix == ".pdf":
            return pdf(self, key)
        if suffix == ".md":
            return written(self, key, Markdown(picture if self.pictured else "")) + "\n"
        return (in_page if suffix == ".html" else in_latex_document)(self, key)


def worksheet(out: Value, seed: int = 0, blanks: int | None = None) -> Worksheet:
    """Return a worksheet on the backward pass of `out`: its table and picture with blanks, and the answer key.

    The seed draws easy values for the leaves and the places of the blanks, as many as `blanks` says (without it some in
    every line); the same seed gives the same bytes. Nothing is written to the graph.

    >>> a, b = Value(0.1, label="a"), Value(0.2, label="b")
    >>> sheet = worksheet(a * b + a, seed=1, blanks=4)
    >>> a.data, len(sheet.blanks), "____" in sheet.markdown, "____" in sheet.key_markdown
    (0.1, 4, True, False)
    >>> sheet.grade({1: -2.5, 3: "−3/2"}).score
    0.5
    """
    instance("worksheet", out, Value, "pass the result to differentiate")
    rng = seeded(seed, "an int")
    if blanks is not None:
        whole("blanks", blanks, "how many blanks the sheet has")
    (view,) = View(out).with_calls_expanded()
    if view.root.operation is None:
        raise ValueError("worksheet: a leaf has no backward pass; pass the result of some operations")
    names = Names(exercise(view, rng))
    steps = tuple(steps_of(names))
    lines = any_lines(steps, rng) if blanks is None else some_lines(steps, rng, blanks)
    places = left_out(steps, lines)
    return Worksheet(names.view.root, seed, names.root, tuple(_blanks(steps, places)), names, steps, places)


def _share(placed: Placement, room: tuple[float, float]) -> float:
    """Return the share of its size to which a picture shrinks where there is only so much room."""
    return min(room[0] / placed.w, room[1] / placed.h, 1.0)


def _forward(names: Names) -> Iterator[tuple[Cell, ...]]:
    """Yield each node with its formula and its value."""
    for node in (*names.view.leaves, *(node for node in names.order if node.operation is not None)):
        made = Cell(note=say("sheet.given"))
        if node.operation is not None:
            made = Cell((formula(node, lambda i, node=node: names.operand(node, i)),))  # type: ignore[misc]
        yield Cell((names(node),)), made, Cell(value=number_of(node))


def _backward(names: Names, steps: Sequence[Step], places: Mapping[Place, int]) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of the table, a line for each contribution, with the blanks."""
    for i, step in enumerate(steps):
        own = names(step.node)
        symbol = ratio(names.root, own)
        first = Cell((own,)), Cell((symbol,), step.upstream, places.get((i, -1, "gradient"), 0))
        if not step.contributions:
            yield (*first, Cell(note=say("steps.leaf")), Cell(), Cell(), Cell())
        for j, c in enumerate(step.contributions):
            parent = names(c.parent)
            local = Cell((ratio(own, parent),), c.local, places.get((i, j, "local"), 0), c.formula)
            amount = Cell((), c.amount, places.get((i, j, "contribution"), 0))
            yield (*first, Cell((parent,)), local, amount, Cell((), c.total, places.get((i, j, "total"), 0)))
            first = Cell(), Cell()


def _blanks(steps: Sequence[Step], places: Mapping[Place, int]) -> Iterator[Blank]:
    done = 0
    for (i, j, kind), n in places.items():
        if n == done:  # a total that is its contribution
            continue
        step, done = steps[i], n
        c = step.contributions[j] if j >= 0 else None
        yield Blank(n, say(f"sheet.{kind}"), step.name, answer(steps, (i, j, kind)), kind, step, c)
