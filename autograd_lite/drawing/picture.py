"""The picture that `draw` returns, in every form in which it is shown, kept or printed."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from typing import Any

from autograd_lite.checks import plural, real
from autograd_lite.drawing import image, layout
from autograd_lite.drawing.dot import digraph
from autograd_lite.drawing.geometry import Placement
from autograd_lite.drawing.mermaid import mermaid
from autograd_lite.drawing.notebook import bundle, chosen, scrolled
from autograd_lite.drawing.outline import outline
from autograd_lite.drawing.scene import Scene
from autograd_lite.drawing.svg import svg
from autograd_lite.drawing.tikz import tikz
from autograd_lite.files import write_atomically
from autograd_lite.pages import Html, page
from autograd_lite.words import say

__all__ = ["Picture"]

FORMS = {".svg": "svg", ".png": "png", ".pdf": "pdf", ".dot": "dot", ".mmd": "mermaid", ".html": "html", ".tex": "tex"}
_STYLE = "body { margin: 1rem }\n"


class Picture:
    """A picture of a computation graph; the last line of a notebook cell shows it, `save` keeps it."""

    __slots__ = ("_placement", "_svg", "scene")

    def __init__(self, scene: Scene, placement: Placement | None = None) -> None:
        self.scene, self._placement = scene, placement
        self._svg = ""

    @property
    def svg(self) -> str:
        """The picture as an SVG document: no script, nothing from elsewhere, readable on dark pages."""
        self._svg = self._svg or svg(self.scene, self._placed)
        return self._svg

    @property
    def _placed(self) -> Placement:
        self._placement = self._placement or layout.lay_out(self.scene)
        return self._placement

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the picture, in points."""
        w, h = re.findall(r' (?:width|height)="([\d.]+)"', self.svg)[:2]
        return float(w), float(h)

    @property
    def dot(self) -> str:
        """The picture as a DOT program, in the lecture's look."""
        return str(digraph(self.scene).source)

    source = dot  # as graphviz calls it

    @property
    def mermaid(self) -> str:
        """The picture as a Mermaid flowchart."""
        return mermaid(self.scene)

    @property
    def tex(self) -> str:
        """The picture as a `tikzpicture`, for LaTeX."""
        return tikz(self.svg)

    @property
    def outline(self) -> str:
        """The picture in words: a tree from the output down to the leaves."""
        return outline(self.scene)

    @property
    def html(self) -> str:
        """The picture as a page that needs nothing else."""
        return page(self.scene.title, Html(scrolled(self.svg, self.svg, self.scene.rankdir, "picture")), _STYLE)

    def save(self, path: str | os.PathLike[str], scale: float | None = None) -> None:
        """Write the picture to a file; the suffix says how: .svg .png .pdf .dot .mmd .html .tex.

        A .png or .pdf is that same SVG, and needs the extra `pictures`; without it the error says so. A .pdf holds
        vectors; a .png has `scale` pixels for each point, 2 unless it is given, and a very wide picture stands in it in
        lines. A .tex is a `tikzpicture`.
        """
        form = FORMS.get(os.path.splitext(os.fspath(path))[1].lower())
        if form is None:
            raise ValueError(
                f"cannot save a picture as {os.fspath(path)!r}: expected a name that ends in {' '.join(FORMS)}"
            )
        if scale is not None and form != "png":
            raise ValueError(f"scale: a .{form} picture has no pixels; only a .png takes it")
        sharp = image.SCALE if scale is None else real("scale", scale, "pixels for each point, above 0", positive=True)
        made: str | bytes
        if form == "png":
            made = image.png(svg(self.scene, self._placed, in_lines=True), sharp)
        else:
            made = image.pdf(self.svg) if form == "pdf" else getattr(self, form)
        write_atomically(path, made)

    def to_graphviz(self) -> Any:
        """Return the picture as a plain `graphviz.Digraph`, to go on with."""
        return digraph(self.scene)

    def __repr__(self) -> str:
        cards, arrows = plural(len(self.scene.cards), "card"), plural(len(self.scene.edges), "arrow")
        return f"<Picture: {self.scene.title}, {cards}, {arrows}>"

    def __str__(self) -> str:
        return self.outline

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None, **_: Any
    ) -> dict[str, str]:
        """Return the picture for a notebook. Never raises: a traceback in place of a picture does not help."""
        forms = {}
        try:
            forms["text/plain"] = self.outline
            forms |= bundle(self.svg, self.scene.title, self.scene.rankdir)
        except Exception as error:
            forms["text/plain"] = f"{forms.get('text/plain', self.scene.title)}\n({say('picture.none', error=error)})"
        return chosen(forms, include, exclude)
