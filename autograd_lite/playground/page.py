"""The page: everything in one file, and in the frame that a notebook shows it in."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property
from importlib.resources import files
from string import Template
from typing import Any

from autograd_lite.files import write_atomically
from autograd_lite.live.script import joined, literal
from autograd_lite.live.script import source as shared
from autograd_lite.nn.mlp import MLP
from autograd_lite.nn.optimizers import Optimizer
from autograd_lite.pages import Html, framed, html, page
from autograd_lite.playground.formulas import formulas
from autograd_lite.playground.lessons import as_data
from autograd_lite.playground.start import Start, started
from autograd_lite.theme import PRINT
from autograd_lite.words import part, say

STYLES = ("page", "views")
SHARED = ("numbers", "elements")
SCRIPTS = ("random", "datasets", "net", "state", "training", "maps", "pixels", "build", "diagram", "output", "curves",
           "unit", "parts", "verdicts", "health", "slow", "transport", "settings", "hand", "example", "graph",
           "rewind", "lessons", "keep", "address", "page")  # fmt: skip


class Playground:
    """A page that trains a net by itself; the last line of a notebook cell shows it, `save` keeps it."""

    height = 860  # of the frame in a notebook

    def __init__(self, start: Start) -> None:
        self._start = start

    @cached_property
    def html(self) -> str:
        """The page; it starts from the net and the rows as they were when `playground` was called."""
        texts = part("playground")
        data = self._start.data | {"words": texts, "diagnose": part("diagnose"), "lessons": as_data(),
                                   "paper": asdict(PRINT)}  # fmt: skip
        engine = formulas(data["activations"], self._start.optimizers)
        script = joined([f"const FORMULAS = {engine};", f"const DATA = {literal(data)};",
                         *map(shared_source, SHARED), *map(_source, SCRIPTS)])  # fmt: skip
        body = Html(Template(_source("page.html", "")).substitute({f"say_{key}": html(x) for key, x in texts.items()}))
        style = re.sub(r"/\*.*?\*/|\s+", " ", "".join(_source(f"{name}.css", "") for name in STYLES), flags=re.DOTALL)
        return page(texts["title"], body, style, script)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page to a file, all at once; its name ends in .html."""
        if not os.fspath(path).lower().endswith((".html", ".htm")):
            raise ValueError(f"cannot save a playground as {os.fspath(path)!r}: expected a name that ends in .html")
        write_atomically(path, self.html)

    def __repr__(self) -> str:
        net = self._start.data["net"]
        shape = "-".join(map(str, (net["inputs"], *net["units"])))
        return f"<Playground: a net {shape}; show it in a notebook, or .save('playground.html')>"

    def _repr_html_(self) -> str:
        """Return the page in a frame of its own, where its script can reach nothing around it."""
        return framed(self.html, say("playground.title"), self.height, html(say("playground.behind")))


def playground(model: MLP | None = None, X: Sequence[Any] | None = None, y: Sequence[Any] | None = None,
               loss: Any = None, optimizer: str | Optimizer = "adam", lr: float | None = None,
               batch_size: int | None = None, seed: int | None = None,
               validation: Any = None) -> Playground:  # fmt: skip
    """Make a page that trains a net by itself, with every weight and every gradient visible.

    `model` and the rows `X` with targets `y` are those of `nn.fit`, and so are `loss`, `optimizer`, `lr`, `batch_size`,
    `seed` and `validation`: with the same ones the page computes the same as `nn.fit`. A net that is trained already
    starts as it is; nothing is written to it. Without a model the page makes one that suits the data, without rows it
    draws moons, circles, xor or spirals.

    `.save("playground.html")` writes the page, `.html` is its text; it loads nothing from anywhere. JupyterLab shows a
    page opened from its file list only after "Trust HTML".

    A state can stand behind its address, as in `playground.html#data=xor&layers=4,2&epochs=30`, a net with a layer of 4
    units and one of 2 that has trained so far when it opens. The settings are data, points, noise, dataseed, share;
    layers, activation, output, loss, init, bias, weightseed; optimizer, lr, momentum, batch, decay, seed, epochs; axes,
    show, example. `lesson=dead` opens a lesson (xor, linear, vanish, dead, too_correct, stuck, rate, bias), and
    `hide=training,keep` leaves parts out (data, training, start, transport, net, map, hand, curves, rewind, runs, unit,
    health, parts, example, lesson, keep).

    >>> playground()
    <Playground: a net 2-6-4-1; show it in a notebook, or .save('playground.html')>
    """
    return Playground(started(model, X, y, loss, optimizer, lr, batch_size, seed, validation))


def _source(name: str, ending: str = ".js") -> str:
    return files(__package__).joinpath(name + ending).read_text(encoding="utf-8")


def shared_source(name: str) -> str:
    """Return a file that the live pages share."""
    return shared(f"{name}.js")
