"""The page: the picture, live; everything in one file, and in the frame that a notebook shows it in."""

from __future__ import annotations

import re
from dataclasses import replace
from string import Template

from autograd_lite.drawing.layout import place
from autograd_lite.drawing.palette import LIGHT as PALETTE
from autograd_lite.drawing.svg import svg
from autograd_lite.engine import Value
from autograd_lite.live.script import joined, literal, rows_in_javascript, source
from autograd_lite.live.tape import Tape
from autograd_lite.pages import Html, html, page
from autograd_lite.stepper.page import Stepper
from autograd_lite.stepper.tables import tables
from autograd_lite.stepper.walk import Walk
from autograd_lite.theme import LIGHT, declared
from autograd_lite.words import part, say

__all__ = ["Explorer"]

SCRIPTS = ("numbers", "tape", "elements", "state", "picture", "controls", "slope", "paths", "derivation", "downhill",
           "predict", "steps", "page")  # fmt: skip
WIDEST = "−1.234e−5"  # a card has room for any number


# What the stepper's script reads in its tables, and in a picture the hints of arrows and what hands point at: these are
# written by the script.
_FOR_THE_STEPPER = re.compile(
    ' (?:data-(?:card|arrows?|rule|grad|fill|root)="[^"]*"|class="(?:value|upstream|local|amount|total|given)")'
)
_BY_THE_SCRIPT = re.compile(
    r'<path d="[^"]*" fill="none" stroke="[^"]*" stroke-opacity="0" stroke-width="12"/>| role="graphics-symbol"'
    r' aria-label="[^"]*"(?= )|(?<=>)<title></title>'
)


class Explorer(Stepper):
    """A live page; the last line of a notebook cell shows it, `save` keeps it."""

    __slots__ = ("_drawn", "_wrt")
    names = ("a live page", "page.html", "Explorer")
    height = 740

    def __init__(self, walk: Walk, wrt: Value | None) -> None:
        title = say("page.title", root=walk.names.root.text)
        walk = replace(walk, scene=replace(walk.scene, title=title))
        super().__init__(walk)
        self._wrt, self._drawn = wrt, _drawn(walk)

    @property
    def svg(self) -> str:
        """The picture."""
        return self._drawn

    def _page(self) -> str:
        walk, texts = self._walk, part("page") | part("explain")
        tape = Tape(walk)
        data = tape.data(self._wrt)
        data |= {"words": texts, "colours": _colours()}
        script = joined([f"const ROWS = {rows_in_javascript(tape.rows)};", f"const DATA = {literal(data)};",
                         *[source(f"{name}.js") for name in SCRIPTS]])  # fmt: skip
        parts = {"heading": html(walk.scene.title), "svg": self.svg, "tables": _FOR_THE_STEPPER.sub("", tables(walk))}
        parts |= {f"say_{key}": html(word) for key, word in texts.items()}
        body = Html(Template(source("page.html")).substitute(parts))
        style = f".picture {{ {declared(LIGHT)} }}\n{source('page.css')}"  # light, whatever is around it
        return page(walk.scene.title, body, re.sub(r"/\*.*?\*/|\s+", " ", style, flags=re.DOTALL), script)


def _drawn(walk: Walk) -> str:
    """Return the picture, each card with room for any number."""
    scene = walk.scene
    rooms = tuple(
        replace(card, rows=tuple(replace(row, text=max(row.text, WIDEST, key=len)) for row in card.rows))
        if card.rows and not card.compact
        else card
        for card in scene.cards
    )
    edges = tuple(
        replace(edge, label=max(edge.label, "−0.12", key=len)) if edge.label else edge for edge in scene.edges
    )
    placed = place(replace(scene, cards=rooms, edges=edges))
    drawn = svg(replace(scene, edges=tuple(replace(edge, tooltip="") for edge in scene.edges)), placed)
    return _BY_THE_SCRIPT.sub("", drawn)


def _colours() -> dict[str, str]:
    theme = PALETTE.theme
    return {"minus": PALETTE.minus, "plus": PALETTE.plus, "minus_ink": PALETTE.minus_ink, "plus_ink": PALETTE.plus_ink,
            "soft": theme.soft, "border": theme.border, "line": theme.line, "faint": theme.faint}  # fmt: skip
