"""The page: everything in one file, and in the frame that a notebook shows it in."""

from __future__ import annotations

import base64
import os
from importlib.resources import files
from string import Template

from autograd_lite.drawing import Picture
from autograd_lite.files import write_atomically
from autograd_lite.pages import Html, framed, html, page
from autograd_lite.stepper.tables import tables
from autograd_lite.stepper.walk import Walk
from autograd_lite.theme import LIGHT, declared

__all__ = ["Stepper"]


class Stepper:
    """A graph to step through; the last line of a notebook cell shows it, `save` keeps it, `print` lists the steps."""

    __slots__ = ("_html", "_picture", "_walk")
    names = ("steps", "steps.html", "Stepper")  # what it is in a message, a file, a repr
    height = 580  # of the frame in a notebook

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._picture = Picture(walk.scene)
        self._html = ""

    @property
    def svg(self) -> str:
        """The picture."""
        return self._picture.svg

    @property
    def html(self) -> str:
        """The page; what is shown was fixed when `step_through` was called."""
        self._html = self._html or self._page()
        return self._html

    def _page(self) -> str:
        title = self._walk.scene.title
        parts = {"title": html(title), "picture": self.svg, "tables": tables(self._walk)}
        body = Html(Template(_file("page.html")).substitute(parts))
        style = f".framed, .picture {{ {declared(LIGHT)} }}\n"  # light, whatever is around them
        return page(title, body, style + _file("page.css"), _file("page.js"))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page to a file, all at once; its name ends in .html."""
        if not os.fspath(path).lower().endswith((".html", ".htm")):
            raise ValueError(f"cannot save {self.names[0]} as {os.fspath(path)!r}: expected a name that ends in .html")
        write_atomically(path, self.html)

    def __repr__(self) -> str:
        return (
            f"<{self.names[2]}: {self._walk.scene.title}; show it in a notebook, print it, or .save({self.names[1]!r})>"
        )

    def __str__(self) -> str:
        return "\n".join(self._walk.lines())

    def _repr_html_(self) -> str:
        """Return the page in a frame of its own, where its script can reach nothing around it.

        Behind it are the picture and the table of all steps.
        """
        title = self._walk.scene.title
        image = base64.b64encode(self.svg.encode()).decode()
        behind = (
            f'<img alt="{html(title)}" src="data:image/svg+xml;base64,{image}" '
            f'style="max-width:100%;height:auto">{tables(self._walk)}'
        )
        return framed(self.html, title, self.height, Html(behind))


def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
