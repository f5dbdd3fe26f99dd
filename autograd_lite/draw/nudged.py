"""A nudge as a picture: every value before and after, and the change that its gradient predicted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from autograd_lite.draw.build import build
from autograd_lite.draw.graph_view import Graph
from autograd_lite.draw.palette import by_sign
from autograd_lite.draw.scene import Row
from autograd_lite.draw.survey import name_of
from autograd_lite.draw.text import number

__all__ = ["draw_nudge"]


def draw_nudge(nudge: Any, rankdir: str = "LR") -> Graph:
    """Draw what `nudge` returns; what moved is lit, what stayed is dimmed.

    `nudge.rows` tells node, before, after, change and predicted change of every node that moves.
    """
    largest = max((abs(row.change) for row in nudge.rows), default=0.0)
    rows = {
        id(row.node): (
            Row("data", f"{number(row.before)} → {number(row.after)}"),
            Row("change", number(row.change, 3), by_sign(row.change, largest)),
            Row("predicted", number(row.predicted, 3), by_sign(row.predicted, largest)),
        )
        for row in nudge.rows
    }
    scene = build(nudge.root, rankdir, rows=rows)
    name = name_of(nudge.wrt) or "a value"
    told = f"{name} nudged by {number(nudge.by)}: each card shows the change, and what the gradient predicted"
    return Graph(replace(scene, title=f"Nudge of {name}", notes=(told, *scene.notes), legend="edge: local derivative"))
