"""A graph live on a page: drag a leaf, and every value, local derivative and gradient follows, without Python.

`tape` is the graph as arrays, `script` writes its rows in JavaScript and everything on one line, `words` holds all
words of the page, `page` joins the parts. The page's own files lie beside them: each does one thing, `page.js` starts.
"""

from __future__ import annotations

from autograd_lite.checks import instance
from autograd_lite.engine import Value
from autograd_lite.live.page import Explorer
from autograd_lite.live.tape import up_to_date
from autograd_lite.notation.names import Names
from autograd_lite.stepper.walk import walk

__all__ = ["Explorer", "explore"]

MOST = 150  # values, as many as `draw` shows in full


def explore(out: Value, wrt: Value | None = None) -> Explorer:
    """Show the graph of `out` live: a page, or the output of a cell, that computes by itself.

    Drag a leaf by its card or slider, or type its number: values, local derivatives and gradients follow, the curve of
    `out` over that leaf with its tangent, and the chain rule with the numbers in it. `wrt` is the leaf that is chosen
    first. What the page shows starts from the leaves as they are now; nothing is written to the graph.

    `.save("page.html")` writes the page, `.html` is its text; it loads nothing from anywhere. A state can be given
    behind it: `page.html#w=0.5&hide=gradients,derivation` (parts: gradients, slope, derivation, downhill, keep),
    and `#predict` asks before it shows. JupyterLab shows a page opened from its file list only after "Trust HTML".

    >>> w, x = Value(2.0, label="w"), Value(-1.0, label="x")
    >>> explore(w * x)
    <Explorer: f, live; show it in a notebook, print it, or .save('page.html')>
    """
    hint = "pass one of its elements, or their sum" if isinstance(out, list | tuple) else "pass a result"
    instance("explore", out, Value, hint)
    found = walk(up_to_date(out), MOST, "explore")
    if wrt is not None:
        instance("explore, wrt", wrt, Value, "pass a leaf")
        if not any(leaf is wrt for leaf in found.view.leaves):
            known = ", ".join(Names(found.view)(leaf).text for leaf in found.view.leaves[:8])
            raise ValueError(f"explore, wrt: {wrt!r} is no leaf of this graph; its leaves are {known}")
    return Explorer(found, wrt)
