"""The picture of one pass from the root: with its own gradients, which `.grad` need not hold."""

from __future__ import annotations

from collections.abc import Collection

from autograd_lite.drawing.build import build
from autograd_lite.drawing.context import BACKWARD, Flow, largest
from autograd_lite.drawing.palette import LIGHT, Palette
from autograd_lite.drawing.scene import Row, Scene
from autograd_lite.drawing.shown import ALL, Shown
from autograd_lite.engine import Value
from autograd_lite.notation.names import Names
from autograd_lite.notation.text import number

__all__ = ["pass_scene"]


def pass_scene(
    names: Names,
    shown: Shown = ALL,
    palette: Palette = LIGHT,
    highlighted: Collection[int] | None = None,
    rankdir: str = "LR",
) -> Scene:
    """Return the scene of a graph in full, each use of an operand with an arrow of its own."""
    grads, stale = names.view.gradients, set(map(id, names.view.stale_leaves))
    steepest = largest(grads.values())

    def rows(node: Value) -> tuple[Row, Row]:
        data = Row("data", number(node.data, shown.digits[0]).text + " ✎" * (id(node) in stale))
        grad = Row("grad", number(grads[id(node)], shown.digits[1]).text, palette.by_sign(grads[id(node)], steepest))
        return shown.row(node, data), shown.row(node, grad)

    flow = Flow(lambda node, _, local: grads[id(node)] * local, "steps.hands", BACKWARD.legend)
    cards = {id(node): rows(node) for node in names.order}
    return build(names, rankdir, shown, "none", highlighted=highlighted, rows=cards, merge=False, flow=flow,
                 palette=palette)  # fmt: skip
