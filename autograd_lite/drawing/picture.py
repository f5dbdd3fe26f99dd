"""What `draw` returns: one picture in every form it can be shown, kept or printed in."""

from __future__ import annotations

import base64
import os
import re
import uuid
from collections.abc import Collection
from html import escape
from typing import Any

from autograd_lite.drawing import image, layout
from autograd_lite.drawing.dot import digraph
from autograd_lite.drawing.mermaid import mermaid
from autograd_lite.drawing.outline import outline
from autograd_lite.drawing.scene import Scene
from autograd_lite.drawing.svg import svg
from autograd_lite.files import write_atomically
from autograd_lite.notation.text import plural
from autograd_lite.pages import Html, page

__all__ = ["Graph", "bundle", "chosen"]

FORMS = {".svg": "svg", ".png": "png", ".pdf": "pdf", ".dot": "dot", ".mmd": "mermaid", ".html": "html"}
_STYLE = "body { margin: 1rem }\n"


class Graph:
    """A picture of a computation graph; the last line of a notebook cell shows it, `save` keeps it."""

    __slots__ = ("_svg", "scene")

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._svg = ""

    @property
    def svg(self) -> str:
        """The picture as an SVG document: no script, nothing from elsewhere, readable on dark pages."""
        self._svg = self._svg or svg(self.scene, layout.place(self.scene))
        return self._svg

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
    def outline(self) -> str:
        """The picture in words: a tree from the output down to the leaves."""
        return outline(self.scene)

    @property
    def html(self) -> str:
        """The picture as a page that needs nothing else."""
        return page(self.scene.title, Html(_scrolled(self.svg, self.svg, self.scene.rankdir, "picture")), _STYLE)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file; the suffix says how: .svg .png .pdf .dot .mmd .html.

        A .png or .pdf is that same SVG, and needs the extra `pictures`; without it the error says so.
        """
        form = FORMS.get(os.path.splitext(os.fspath(path))[1].lower())
        if form is None:
            raise ValueError(
                f"cannot save a picture as {os.fspath(path)!r}: expected a name that ends in {' '.join(FORMS)}"
            )
        made: str | bytes = getattr(image, form)(self.svg) if form in ("png", "pdf") else getattr(self, form)
        write_atomically(path, made)

    def to_graphviz(self) -> Any:
        """Return the picture as a plain `graphviz.Digraph`, to go on with."""
        return digraph(self.scene)

    def __repr__(self) -> str:
        cards, arrows = plural(len(self.scene.cards), "card"), plural(len(self.scene.edges), "arrow")
        return f"<Graph: {self.scene.title}, {cards}, {arrows}>"

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
            forms["text/plain"] = f"{forms.get('text/plain', self.scene.title)}\n(no picture: {error})"
        return chosen(forms, include, exclude)


def chosen(forms: dict[str, str], include: Collection[str] | None, exclude: Collection[str] | None) -> dict[str, str]:
    """Return the forms that a notebook asks for."""
    return {k: v for k, v in forms.items() if (not include or k in include) and k not in (exclude or ())}


READABLE = 0.75  # a picture is shrunk down to this share of its size: its small print has 7 pixels then
TALL = 900  # pixels; what is taller is shrunk, down to that share

# Where scripts run, the image makes way for the same SVG in the page, whose parts then tell their numbers when
# pointed at. A notebook that is not trusted strips the script and shows the image.
_UPGRADE = (
    '(()=>{const box=document.getElementById("%s"),img=box&&box.querySelector("img");if(!img)return;'
    'const bytes=Uint8Array.from(atob(img.src.split(",")[1]),c=>c.charCodeAt(0));'
    'const svg=new DOMParser().parseFromString(new TextDecoder().decode(bytes),"image/svg+xml").documentElement;'
    'if(svg.nodeName!=="svg")return;svg.style.maxHeight=img.style.maxHeight;'
    "img.replaceWith(document.importNode(svg,true))})()"
)


def bundle(picture: str, title: str, rankdir: str = "LR") -> dict[str, str]:
    """Return an SVG document as a notebook shows it, trusted or not."""
    own = f"autograd-lite-{uuid.uuid4().hex[:12]}"
    data = base64.b64encode(picture.encode()).decode()
    image = (
        f'<img src="data:image/svg+xml;base64,{data}" alt="{escape(title)}" '
        f'style="max-width:100%;max-height:{_size(picture, 1)}px;height:auto">'
    )
    html = f"{_scrolled(image, picture, rankdir, own)}<script>{_UPGRADE % own}</script>"
    return {"image/svg+xml": picture, "text/html": html}


def _size(picture: str, axis: int) -> int:
    """Return the width or height of a picture below which it is not shrunk."""
    found = re.search(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)', picture)
    least = round(READABLE * float(found[axis + 1])) if found else 0
    return max(TALL, least) if axis else least


def _scrolled(content: str, picture: str, rankdir: str, own: str) -> str:
    """Return a picture in a frame that scrolls where it is too wide, its end in view.

    A frame of text that runs from right to left starts at its right end; no script is needed for that.
    """
    start = ' dir="rtl"' if rankdir == "LR" else ""
    return (
        f'<div id="{own}"{start} style="overflow-x:auto">'
        f'<div dir="ltr" style="min-width:{_size(picture, 0)}px">{content}</div></div>'
    )
