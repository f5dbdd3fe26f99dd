"""What `draw` returns: one picture in every form it can be shown, kept or printed in."""

from __future__ import annotations

import base64
import os
import re
import uuid
from collections.abc import Collection
from html import escape
from typing import Any

from autograd_lite.draw import render
from autograd_lite.draw.dot import dot
from autograd_lite.draw.mermaid import mermaid
from autograd_lite.draw.outline import outline
from autograd_lite.draw.scene import Scene
from autograd_lite.draw.svg import svg
from autograd_lite.draw.text import plural
from autograd_lite.files import write_atomically

__all__ = ["Graph", "bundle"]

SUFFIXES = (".svg", ".png", ".pdf", ".dot", ".mmd", ".html")


class Graph:
    """A picture of a computation graph; the last line of a notebook cell shows it, `save` keeps it."""

    __slots__ = ("_svg", "scene")

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._svg = ""

    @property
    def svg(self) -> str:
        """The picture as an SVG document: no script, nothing from elsewhere, readable on dark pages."""
        self._svg = self._svg or svg(self.scene, render.placed(self.scene))
        return self._svg

    @property
    def dot(self) -> str:
        """The picture as a DOT program."""
        return dot(self.scene)

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
        title = escape(self.scene.title)
        return (
            f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title></head>\n'
            f'<body style="margin:1rem;background:#fff">\n{self.svg}</body>\n</html>\n'
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file; the suffix says how: .svg .png .pdf .dot .mmd .html.

        A .png or .pdf needs a layout program; without one the error says how to get it.
        """
        suffix = os.path.splitext(os.fspath(path))[1].lower()
        if suffix in (".png", ".pdf"):
            write_atomically(path, render.image(self.dot, suffix[1:]))
            return
        forms = {".svg": "svg", ".dot": "dot", ".mmd": "mermaid", ".html": "html"}
        if suffix not in forms:
            raise ValueError(
                f"cannot save a picture as {os.fspath(path)!r}: expected a name that ends in {' '.join(SUFFIXES)}"
            )
        write_atomically(path, getattr(self, forms[suffix]))

    def to_graphviz(self) -> Any:
        """Return the picture as a plain `graphviz.Digraph`, to go on with."""
        return render.digraph(self.scene)

    def __repr__(self) -> str:
        cards, arrows = plural(len(self.scene.cards), "card"), plural(len(self.scene.edges), "arrow")
        return f"<Graph: {self.scene.title}, {cards}, {arrows}>"

    def __str__(self) -> str:
        return self.outline

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None, **_: Any
    ) -> dict[str, str]:
        """Return the picture for a notebook. Never raises: a traceback in place of a picture helps nobody."""
        forms = {}
        try:
            forms["text/plain"] = self.outline
            forms |= bundle(self.svg, self.scene.title)
        except Exception as error:
            forms["text/plain"] = f"{forms.get('text/plain', self.scene.title)}\n(no picture: {error})"
        return {k: v for k, v in forms.items() if (not include or k in include) and k not in (exclude or ())}


READABLE = 0.75  # a picture scrolls before it is shrunk below this share of its size: its small print has 7 pixels then

# Where scripts run, the image makes way for the same SVG in the page, whose parts then tell their numbers when
# pointed at. A notebook that is not trusted strips the script and shows the image.
_UPGRADE = (
    '(()=>{const box=document.getElementById("%s"),img=box&&box.querySelector("img");if(!img)return;'
    'const bytes=Uint8Array.from(atob(img.src.split(",")[1]),c=>c.charCodeAt(0));'
    'const svg=new DOMParser().parseFromString(new TextDecoder().decode(bytes),"image/svg+xml").documentElement;'
    'if(svg.nodeName!=="svg")return;svg.style.minWidth=img.style.minWidth;'
    "box.replaceChildren(document.importNode(svg,true))})()"
)


def bundle(picture: str, title: str) -> dict[str, str]:
    """Return an SVG document as a notebook shows it, trusted or not."""
    own = f"autograd-lite-{uuid.uuid4().hex[:12]}"
    data = base64.b64encode(picture.encode()).decode()
    size = re.search(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+)', picture)
    least = round(READABLE * float(size[1])) if size else 0
    html = (
        f'<div id="{own}" style="overflow-x:auto"><img src="data:image/svg+xml;base64,{data}" alt="{escape(title)}" '
        f'style="max-width:100%;min-width:{least}px;height:auto"></div><script>{_UPGRADE % own}</script>'
    )
    return {"image/svg+xml": picture, "text/html": html}
