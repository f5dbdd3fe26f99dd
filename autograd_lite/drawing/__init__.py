"""Pictures of a computation graph: `draw(v)` shows every value, its gradient, and the local derivatives between.

How a picture is made: `build` reads the graph (`fold` decides what shares a card) and gives a scene, all texts and
colours without a position: `cards` and `arrows` write it, `shown` says what is left out. `layout` finds a place for
every card and arrow; `svg` draws it, `image` makes PNG and PDF of that. `dot`, `mermaid` and `outline` write the same
scene as text.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from autograd_lite.checks import instance, one_of, real, whole
from autograd_lite.drawing.build import build
from autograd_lite.drawing.dot import digraph, lecture_digraph
from autograd_lite.drawing.fold import MODES
from autograd_lite.drawing.nudge_picture import nudge_scene
from autograd_lite.drawing.palette import PALETTES, Palette
from autograd_lite.drawing.pass_picture import pass_scene
from autograd_lite.drawing.picture import Picture
from autograd_lite.drawing.scene import FONT_SIZE, Scene
from autograd_lite.drawing.shown import Shown, asked, gaps_of
from autograd_lite.engine import Value
from autograd_lite.notation.lookup import node_of
from autograd_lite.notation.names import Names
from autograd_lite.notation.text import safe
from autograd_lite.view import View

__all__ = ["Picture", "draw", "draw_dot"]

DIRECTIONS = ("LR", "RL", "TB", "BT")
ONE, SEVERAL = "pass the result of a computation", "pass one of its elements, or their sum"


def draw(
    v: Any,
    rankdir: str = "LR",
    partials: bool = True,
    fold: str = "auto",
    max_nodes: int = 150,
    wrt: Value | str | None = None,
    *,
    values: bool = True,
    grads: bool = True,
    blank: Collection[Any] = (),
    legend: bool = True,
    theme: str = "light",
    font_size: float = FONT_SIZE,
    title: str = "",
) -> Picture:
    """Draw the graph that computed `v`: each value with its gradient, each arrow with its local derivative.

    A graph of more than `max_nodes` values is folded: by neuron, then by layer, then its middle is left out, and the
    picture says so; `fold` chooses one of "auto", "none", "neuron", "layer". Of a graph without a net, values that are
    made and used alike share a card, ×n, from 30 values on, except with fold="none"; what `with ag.group(name)` names
    is a panel, in a larger graph a card. `wrt` lights up the paths from that value, or its label, to `v`. What `nudge`
    returns can be drawn, and a frame of `explain`.

    For a quiz, `values`, `grads` and `partials` hide all numbers of their kind, and `blank` leaves numbered gaps for
    the value and the gradient of some nodes (labels or Values), or for one of the two: `blank={"z": "grad"}`. Cards
    stay where they are whatever is shown, before `backward()` and after it. `legend=False`, `theme` (light, dark,
    print), `title` and `font_size` (of the numbers on cards, in points) are for slides.

    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> c = a * b
    >>> c.label = "c"
    >>> c.backward()
    >>> print(draw(c))
    Computation graph of c
    c [×]  data −6  grad 1
    ├─ a  data 2  grad −3   ∂ −3
    └─ b  data −3  grad 2   ∂ 2
    >>> print(draw(c, blank={"a"}))
    Computation graph of c
    c [×]  data −6  grad 1
    ├─ a  data 2  grad (1) ____   ∂ −3
    └─ b  data −3  grad 2   ∂ 2
    """
    one_of("rankdir", rankdir, DIRECTIONS)
    palette = PALETTES[one_of("theme", theme, PALETTES)]
    real("font_size", font_size, "points, a number above 0", positive=True)
    instance("title", title, str, "pass a text")
    left_out = asked(blank)

    def made(scene: Scene) -> Picture:
        heading = safe(title)
        called = heading or scene.title
        return Picture(
            replace(scene, title=called, heading=heading, explained=bool(legend), font_size=float(font_size))
        )

    refused = {"wrt": wrt is not None, "fold": fold not in ("auto", "none")}
    if hasattr(v, "rows") and hasattr(v, "root"):
        hidden = {"blank": bool(left_out), "values": not values, "grads": not grads, "partials": not partials}
        _refuse("a nudge", hidden | refused)
        return made(nudge_scene(v, rankdir, palette))
    if hasattr(v, "lit") and hasattr(v, "names"):
        _refuse("a frame of explain", refused)
        gaps = gaps_of(v.names, left_out, bool(values), bool(grads))
        return made(_frame(v, rankdir, Shown(bool(values), bool(grads), bool(partials), gaps), palette))
    instance("draw", v, Value, SEVERAL if isinstance(v, list | tuple) else ONE)
    one_of("fold", fold, MODES)
    whole("max_nodes", max_nodes, "the most values to show in full")
    view, wrt, *nodes = View(v).with_calls_expanded(wrt, *left_out)
    names = Names(view)
    if wrt is not None:
        wrt = node_of("wrt", wrt, names, "pass one that the drawn value was computed from")
    gaps = gaps_of(names, dict(zip(nodes, left_out.values(), strict=True)), bool(values), bool(grads))
    shown = Shown(bool(values), bool(grads), bool(partials), gaps)
    scene = build(names, rankdir, shown, fold, max_nodes, wrt, palette=palette)
    if gaps.keys() and {row.gap for card in scene.cards for row in card.rows} < {0, *gaps.values()}:
        raise ValueError("blank: some of the nodes have no card of their own in a folded picture; draw it with "
                         "fold='none', or a part of the graph")  # fmt: skip
    return made(scene)


def _refuse(drawn: str, options: Mapping[str, bool]) -> None:
    """Raise a ValueError at an option that was asked for, and that a picture of this kind does not have."""
    for name in (name for name, given in options.items() if given):
        raise ValueError(f"draw: {name} does not apply to {drawn}; draw the value itself")


def _frame(frame: Any, rankdir: str, shown: Shown, palette: Palette) -> Scene:
    """Return the scene of a frame of `explain`: the edges of its paths are lit."""
    on = {i for edge in frame.lit for i in edge} or None
    scene = pass_scene(frame.names, shown, palette, on, rankdir)
    lit = {(scene.card_of[head], scene.card_of[tail]) for head, tail in frame.lit}
    edges = (replace(e, highlighted=e.highlighted and (not lit or (e.head, e.tail) in lit)) for e in scene.edges)
    return replace(scene, edges=tuple(edges))


def draw_dot(v: Any, format: str = "svg", rankdir: str = "LR") -> Any:
    """Return the picture as the lecture does: a `graphviz.Digraph`, shown by the last line of a cell.

    Graphviz's program `dot` lays it out; where there is none, a notebook shows the picture of `draw`.

    >>> print(draw_dot(Value(2.0) + 1).source[:22])
    digraph computation {
    """
    instance("draw_dot", v, Value, SEVERAL if isinstance(v, list | tuple) else ONE)
    one_of("rankdir", rankdir, DIRECTIONS)
    picture = Picture(build(v, rankdir))
    drawn = digraph(picture.scene, lecture_digraph(), format=format)
    drawn.picture = picture
    return drawn
