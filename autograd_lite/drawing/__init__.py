"""Pictures of a computation graph: `draw(v)` shows every value, its gradient, and the local derivatives between.

How a picture is made: `build` reads the graph (`fold` decides what shares a card) and gives a scene, all texts and
colours without a position: `cards` and `arrows` write it. `layout` finds a place for every card and arrow; `svg` draws
it, `image` makes PNG and PDF of that. `dot`, `mermaid` and `outline` write the same scene as text.
"""

from __future__ import annotations

from typing import Any

from autograd_lite.checks import instance, one_of, whole
from autograd_lite.drawing.build import build
from autograd_lite.drawing.dot import digraph, lecture_digraph
from autograd_lite.drawing.fold import MODES
from autograd_lite.drawing.nudge_picture import draw_nudge
from autograd_lite.drawing.picture import Picture
from autograd_lite.engine import Value

__all__ = ["Picture", "draw", "draw_dot", "draw_nudge"]

DIRECTIONS = ("LR", "RL", "TB", "BT")
ONE, SEVERAL = "pass the result of a computation", "pass one of its elements, or their sum"


def draw(
    v: Any,
    rankdir: str = "LR",
    partials: bool = True,
    fold: str = "auto",
    max_nodes: int = 150,
    wrt: Value | None = None,
) -> Picture:
    """Draw the graph that computed `v`: each value with its gradient, each arrow with its local derivative.

    A graph of more than `max_nodes` values is folded: by neuron, then by layer, then its middle is left out, and the
    picture says so; `fold` chooses one of "auto", "none", "neuron", "layer". `wrt` lights up the paths from that
    value to `v`. What `nudge` returns can be drawn, too.

    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> c = a * b
    >>> c.label = "c"
    >>> c.backward()
    >>> print(draw(c))
    Computation graph of c
    c [×]  data −6  grad 1
    ├─ a  data 2  grad −3   ∂ −3
    └─ b  data −3  grad 2   ∂ 2
    """
    one_of("rankdir", rankdir, DIRECTIONS)
    if hasattr(v, "rows") and hasattr(v, "root"):
        return draw_nudge(v, rankdir)
    instance("draw", v, Value, SEVERAL if isinstance(v, list | tuple) else ONE)
    one_of("fold", fold, MODES)
    whole("max_nodes", max_nodes, "the most values to show in full")
    if wrt is not None:
        instance("wrt", wrt, Value, "pass one that the drawn value was computed from")
    return Picture(build(v, rankdir, bool(partials), fold, max_nodes, wrt))


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
