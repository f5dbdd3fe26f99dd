"""A nudge as a picture: every value before and after, and the change that its gradient predicted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from autograd_lite.drawing.build import build
from autograd_lite.drawing.context import Flow
from autograd_lite.drawing.palette import Palette
from autograd_lite.drawing.scene import Row, Scene
from autograd_lite.drawing.shown import data_row
from autograd_lite.notation.text import number
from autograd_lite.words import say

__all__ = ["nudge_scene"]


def nudge_scene(nudge: Any, rankdir: str, palette: Palette) -> Scene:
    """Return the scene of what `nudge` gave: nodes that moved are highlighted, all others are dimmed.

    `nudge.rows` tells node, before, after, change and predicted change of every node that moves. An arrow stands for
    the change that it passes on: the change of the operand, times the local derivative.
    """
    largest = max((abs(row.change) for row in nudge.rows), default=0.0)
    stale = set(map(id, nudge.stale))
    rows = {}
    for row in nudge.rows:
        numbers = f"{number(row.before, 4).text} → {number(row.after, 4).text}"
        rows[id(row.node)] = (
            data_row(numbers, id(row.node) in stale, palette),
            Row(say("nudge.change"), number(row.change, 3).text, palette.by_sign(row.change, largest)),
            Row(say("nudge.predicted"), number(row.predicted, 3).text, palette.by_sign(row.predicted, largest)),
        )
    changes = {id(row.node): row.change for row in nudge.rows}

    def passed_on(out: Any, operand: Any, partial: float) -> float:
        return changes[id(operand)] * partial if id(operand) in changes else 0.0

    flow = Flow(passed_on, "nudge.passes", "nudge.flow")
    scene = build(nudge.names, rankdir, highlighted=rows, rows=rows, flow=flow, palette=palette)
    name = nudge.names(nudge.wrt).text
    note = say("nudge.note", name=name, by=number(nudge.by, 4).text)
    title = say("nudge.title", name=name)
    return replace(scene, title=title, notes=(note, *scene.notes), scale=say("nudge.change"))
