"""A graph live on a page: drag a leaf, and every value, local derivative and gradient follows, without Python.

`walk` puts the numbers of one pass into the picture that `draw` makes, `tables` lists all its steps for readers without
scripts, `tape` is the graph as arrays, `script` writes its rows in JavaScript and everything on one line, `page` joins
the parts. The page's own files lie beside them: each does one thing, `page.js` starts.
"""

from __future__ import annotations

from typing import Any

from autograd_lite.checks import instance
from autograd_lite.engine import Value
from autograd_lite.live.page import Explorer, Stepper
from autograd_lite.live.walk import ARROWS, MOST, Walk, walk
from autograd_lite.notation.lookup import node_of
from autograd_lite.view import View

__all__ = ["Explorer", "Stepper", "explore", "step_through"]

LIVE = 150  # values on a page that is explored, as many as `draw` shows in full


def explore(out: Value, wrt: Value | str | None = None) -> Explorer:
    """Show the graph of `out` live: a page, or the output of a cell, that computes by itself.

    Drag a leaf by its card or slider, or type its number: values, local derivatives and gradients follow, the curve of
    `out` over that leaf with its tangent, and the chain rule with the numbers in it. `wrt` is the leaf that is chosen
    first, or its label. What the page shows starts from the leaves as they are now; nothing is written to the graph.

    `.save("page.html")` writes the page, `.html` is its text; it loads nothing from anywhere. A state can be given
    behind it: `page.html#w=0.5&hide=gradients,derivation` (parts: gradients, slope, derivation, downhill, keep),
    and `#predict` asks before it shows. JupyterLab shows a page opened from its file list only after "Trust HTML".

    >>> w, x = Value(2.0, label="w"), Value(-1.0, label="x")
    >>> explore(w * x)
    <Explorer: f, live; show it in a notebook, print it, or .save('page.html')>
    """
    found = _walk("explore", out, LIVE)
    if wrt is not None:
        wrt = node_of("explore, wrt", wrt, found.names, "pass a leaf")
        if not any(leaf is wrt for leaf in found.view.leaves):
            known = ", ".join(found.names(leaf).text for leaf in found.view.leaves[:8])
            raise ValueError(f"explore, wrt: {wrt!r} is no leaf of this graph; its leaves are {known}")
    return Explorer(found, wrt)


def step_through(out: Value, max_nodes: int = 150) -> Stepper:
    """Show how `out` was computed and how its gradients arise: an interactive page, or the output of a cell.

    First the forward pass, then the backward pass, one node at a time, each contribution as upstream gradient ×
    local derivative. The gradients are those of one pass from `out`, from 0 on: nothing is read from `.grad` and
    nothing is written, so no `backward()` is needed before. Keys: ← and → step, Home and End jump, Space plays;
    `steps.html#7` opens at step 7. It is the page of `explore`, opened in its steps: leaves can be moved on the way.

    `.save("steps.html")` writes the page, `.html` is its text; it loads nothing from anywhere. In a notebook the page
    stands in a sandboxed frame. JupyterLab removes frames from a notebook that it does not trust, and what stays is
    the picture and the table of all steps, as on the page itself where scripts are off.

    A graph of more than `max_nodes` values (up to 1000) is a ValueError: too many to follow by hand.

    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> print(step_through(a * b + a))
    v1 = a·b = 2·(−3) = −6
    f = v1 + a = −6 + 2 = −4
    f: gradient 1  →  v1 += 1 · 1 = 1, in all 1  →  a += 1 · 1 = 1, in all 1
    v1: gradient 1  →  a += 1 · (−3) [b] = −3, in all −2  →  b += 1 · 2 [a] = 2, in all 2
    b: gradient 2  (leaf)
    a: gradient −2  (leaf)
    """
    if max_nodes.__class__ is not int or not 1 <= max_nodes <= MOST:
        raise ValueError(f"step_through: max_nodes must be a whole number from 1 to {MOST}, not {max_nodes!r}")
    return Stepper(_walk("step_through", out, max_nodes, f", or raise max_nodes (up to {MOST:,})"))


def _walk(caller: str, out: Any, most: int, otherwise: str = "") -> Walk:
    """Return the walk through a graph, compiled calls expanded, or raise an error if it is none or too long."""
    hint = "pass one of its elements, or their sum" if isinstance(out, list | tuple) else "pass a result"
    instance(caller, out, Value, hint)
    (view,) = View(out).with_calls_expanded()
    count, arrows = len(view.order), sum(len(node.parents) for node in view.order)
    if count > most or arrows > ARROWS * most:
        raise ValueError(
            f"{caller}: {count:,} values and {arrows:,} arrows are too many to follow one by one (at most "
            f"{most:,} and {ARROWS * most:,}); take one example or a smaller net, or see the whole "
            f"with draw(out), which folds{otherwise}"
        )
    return walk(view)
