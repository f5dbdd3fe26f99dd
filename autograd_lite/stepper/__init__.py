"""A graph step by step, on a page: forward, then backward, one node at a time, with the arithmetic beside the picture.

`walk` puts the numbers of this one pass into the picture that `draw` makes, `tables` lists all steps, and `page` joins
both to one page that loads nothing: `page.html`, `page.css` and `page.js` lie beside it.
"""

from __future__ import annotations

from autograd_lite.checks import instance
from autograd_lite.engine import Value
from autograd_lite.stepper.page import Stepper
from autograd_lite.stepper.walk import MOST, walk

__all__ = ["Stepper", "step_through"]


def step_through(out: Value, max_nodes: int = 150) -> Stepper:
    """Show how `out` was computed and how its gradients arise: an interactive page, or the output of a cell.

    First the forward pass, then the backward pass, one node at a time, each contribution as upstream gradient ×
    local derivative. The gradients are those of one pass from `out`, from 0 on: nothing is read from `.grad` and
    nothing is written, so no `backward()` is needed before. Keys: ← and → step, Home and End jump, Space plays;
    `steps.html#7` opens at step 7.

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
    hint = "pass one of its elements, or their sum" if isinstance(out, list | tuple) else "pass a result"
    instance("step_through", out, Value, hint)
    if max_nodes.__class__ is not int or not 1 <= max_nodes <= MOST:
        raise ValueError(f"step_through: max_nodes must be a whole number from 1 to {MOST}, not {max_nodes!r}")
    return Stepper(walk(out, max_nodes))
