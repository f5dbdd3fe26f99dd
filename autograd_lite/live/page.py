"""The page: the picture, live; everything in one file, and in the frame that a notebook shows it in."""

from __future__ import annotations

import base64
import os
import re
from dataclasses import replace
from string import Template
from typing import ClassVar

from autograd_lite.drawing.geometry import Placement
from autograd_lite.drawing.layout import lay_out
from autograd_lite.drawing.pass_picture import pass_scene
from autograd_lite.drawing.scene import Scene
from autograd_lite.drawing.svg import svg
from autograd_lite.engine import Value
from autograd_lite.files import write_atomically
from autograd_lite.idioms import has_no_formula
from autograd_lite.live.colours import NAMED, declared
from autograd_lite.live.compact import compact, tight, unquoted
from autograd_lite.live.script import joined, literal, rows_in_javascript, source
from autograd_lite.live.tables import tables
from autograd_lite.live.tape import Tape, up_to_date
from autograd_lite.live.walk import Walk, walk
from autograd_lite.pages import Html, element, framed, html, page
from autograd_lite.words import part, say

__all__ = ["Explorer", "Stepper"]

SCRIPTS = ("numbers", "tape", "elements", "state", "picture", "controls", "slope", "paths", "derivation", "downhill",
           "predict", "steps", "page")  # fmt: skip
_WRITTEN, _SAID = re.compile(r"\$say_(\w+)"), re.compile(r"\bSAY\.(\w+)")  # the words of the page, of the script
WIDEST = "−1.234e−5"  # a card has room for any number


class Explorer:
    """A live page; the last line of a notebook cell shows it, `save` keeps it, `print` lists the steps."""

    __slots__ = ("_html", "_picture", "_recorded", "_svg", "_title", "_walk", "_wrt")
    names: ClassVar = ("a live page", "page.html", "Explorer")  # in a message, of a file, in a repr
    title: ClassVar = "page.title"
    height: ClassVar = 740  # of the frame in a notebook
    opens_in_steps: ClassVar = False

    def __init__(self, recorded: Walk, wrt: Value | None = None) -> None:
        self._recorded, self._wrt, self._html = recorded, wrt, ""
        stale = recorded.view.stale_leaves
        self._walk = walk(up_to_date(recorded.view)) if stale else recorded
        self._title = say(self.title, root=recorded.names.root.text)
        placed = _placed(self._walk.scene)
        self._svg = svg(self._silent(self._walk.scene), placed)
        self._picture = svg(self._silent(pass_scene(self._walk.names, palette=NAMED)), placed)

    @property
    def svg(self) -> str:
        """The picture."""
        return self._svg

    @property
    def html(self) -> str:
        """The page; what it starts from was fixed when it was made."""
        self._html = self._html or self._page()
        return self._html

    def _silent(self, scene: Scene) -> Scene:
        """Return a scene without the hints of values and arrows, which the script writes."""
        written = set(scene.card_of.values())
        cards = tuple(replace(card, tooltip="") if card.id in written else card for card in scene.cards)
        return replace(scene, title=self._title, cards=cards, edges=tuple(replace(e, tooltip="") for e in scene.edges))

    def _page(self) -> str:
        tape = Tape(self._walk)
        template, sources = source("page.html"), [source(f"{name}.js") for name in SCRIPTS]
        unknown = {key: say(f"picture.{key}") for key in ("not_computed", "grad_not_computed")}
        texts = part("page") | part("explain") | unknown
        only_written = {*_WRITTEN.findall(template)} - {*_SAID.findall("".join(sources))}
        said = {key: text for key, text in texts.items() if key not in only_written}
        data = tape.data(self._wrt) | {"words": said, "steps": self.opens_in_steps}
        script = joined([f"const ROWS = {rows_in_javascript(tape.rows)};", f"const DATA = {literal(data)};", *sources])
        picture, looks = compact(self._picture)
        parts = {"heading": html(self._title), "svg": picture, "tables": unquoted(self._tables()),
                 "given": self._given()}  # fmt: skip
        parts |= {f"say_{key}": html(text) for key, text in texts.items()}
        body = Html(Template(template).substitute(parts))
        style = declared({card.kind for card in self._walk.scene.cards}) + source("page.css") + looks
        return page(self._title, body, tight(style), script)

    def _given(self) -> Html:
        """Return a note on what has no formula to be computed anew with, as the mean of a compiled function."""
        names = ", ".join(self._walk.names(node).text for node in self._walk.computed if has_no_formula(node))
        return element("p", say("page.given", names=names), class_="hint") if names else Html()

    def _tables(self) -> Html:
        written = ", ".join(self._recorded.names(leaf).text for leaf in self._recorded.view.stale_leaves)
        note = element("p", f"✎ {say('page.written', names=written)}") if written else ""
        return html(note, tables(self._walk))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page to a file, all at once; its name ends in .html."""
        if not os.fspath(path).lower().endswith((".html", ".htm")):
            raise ValueError(f"cannot save {self.names[0]} as {os.fspath(path)!r}: expected a name that ends in .html")
        write_atomically(path, self.html)

    def __repr__(self) -> str:
        return f"<{self.names[2]}: {self._title}; show it in a notebook, print it, or .save({self.names[1]!r})>"

    def __str__(self) -> str:
        return "\n".join(self._recorded.lines())

    def _repr_html_(self) -> str:
        """Return the page in a frame of its own, where its script can reach nothing around it.

        Behind it are the picture and the table of all steps.
        """
        image = base64.b64encode(self.svg.encode()).decode()
        behind = (
            f'<img alt="{html(self._title)}" src="data:image/svg+xml;base64,{image}" '
            f'style="max-width:100%;height:auto">{self._tables()}'
        )
        return framed(self.html, self._title, self.height, Html(behind))


class Stepper(Explorer):
    """The same page, opened in its steps."""

    __slots__ = ()
    names = ("steps", "steps.html", "Stepper")
    title = "steps.title"
    height = 640
    opens_in_steps = True


def _placed(scene: Scene) -> Placement:
    """Return the places of a picture in which each card and each arrow has room for any number."""
    rooms = tuple(
        replace(card, rows=tuple(replace(row, text=max(row.text, WIDEST, key=len)) for row in card.rows))
        if card.rows and not card.compact
        else card
        for card in scene.cards
    )
    longer = [replace(edge, label=max(edge.label, "−0.12", key=len)) if edge.label else edge for edge in scene.edges]
    return lay_out(replace(scene, cards=rooms, edges=tuple(longer)))
