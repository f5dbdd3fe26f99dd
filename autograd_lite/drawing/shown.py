"""Which numbers a picture shows, and which it leaves to the reader: they can be hidden, or be gaps to fill in.

A hidden number is hidden everywhere: on the card, on the arrow, in the hints, and in the colours that give it away.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd_lite.checks import shown as described
from autograd_lite.drawing.palette import Palette
from autograd_lite.drawing.scene import Row
from autograd_lite.engine import Value
from autograd_lite.notation.lookup import NodesByName
from autograd_lite.notation.names import Names
from autograd_lite.notation.text import full
from autograd_lite.words import say

__all__ = ["ALL", "Gap", "Shown", "asked", "data_row", "gaps_of", "grad_of", "mark"]

Gap = tuple[int, str | int]  # the id of a value, and data, grad or the position of the operand that an arrow is from
ROWS = ("data", "grad")


@dataclass(frozen=True, slots=True)
class Shown:
    """Which numbers are shown, and the gaps by their place; a gap has a number."""

    values: bool = True
    grads: bool = True
    partials: bool = True
    gaps: Mapping[Gap, int] = field(default_factory=dict)
    digits: tuple[int, int] = (4, 3)  # of a value, and of a derivative

    @property
    def everything(self) -> bool:
        """Tell whether nothing is left to the reader but local derivatives."""
        return self.values and self.grads and not self.gaps

    def row(self, value: Value, row: Row) -> Row:
        """Return a row of a value's card as it is shown; its card is as wide as if all of it were."""
        visible = self.values if row.caption == "data" else self.grads
        gap = self.gaps.get((id(value), row.caption), 0)
        if visible and not gap:
            return row
        return Row(row.caption, mark(gap) if visible else "", "", row.text, gap * visible, row.small)

    def numbers(self, value: Value) -> str:
        """Return the numbers of a value for a hint."""
        data = [f"data={full(value.data)}"] if self.values and not self.gaps.get((id(value), "data")) else []
        return " ".join([*data, *([grad_of(value)] if self.knows(value) else [])])

    def knows(self, value: Value) -> bool:
        """Tell whether the gradient of a value is shown."""
        return self.grads and (id(value), "grad") not in self.gaps


ALL = Shown()


def data_row(text: str, stale: bool, palette: Palette) -> Row:
    """Return the row of a value's number, marked where it is no longer the recorded one."""
    return Row("data", text + " ✎" * stale, palette.changed if stale else "")


def mark(gap: int) -> str:
    """Return a gap as text."""
    return f"({gap}) ____"


def grad_of(value: Value) -> str:
    """Return the gradient of a value for a hint."""
    return f"grad={full(value.grad)}" if value.has_grad else say("picture.grad_not_computed")


def asked(blank: Collection[Any]) -> dict[Any, Sequence[str]]:
    """Return the nodes that `blank` names, each with the numbers that are left out of its card."""
    if isinstance(blank, str | Value) or not isinstance(blank, Collection):
        raise TypeError(f"blank: expected a set of labels or Values, such as {{'z', 'w'}}, got {described(blank)}")
    found: dict[Any, Sequence[str]] = dict.fromkeys(blank, ROWS)
    for key, which in blank.items() if isinstance(blank, Mapping) else ():
        if which not in ROWS:
            raise ValueError(f"blank: expected 'data' or 'grad' of {described(key)}, got {described(which)}")
        found[key] = (which,)
    return found


def gaps_of(names: Names, blank: Mapping[Any, Sequence[str]], values: bool, grads: bool) -> dict[Gap, int]:
    """Return the numbered gaps for some nodes, each given by its Value or a name.

    The values come first, as the forward pass finds them, then the gradients from the result down. The value of a leaf
    is given, unless it is asked for by itself.
    """
    known, chosen = NodesByName(names), dict[int, Sequence[str]]()
    for key, which in blank.items():
        try:
            chosen[id(known.find(key))] = which
        except LookupError as refused:
            raise ValueError(f"blank: {described(key)}: {refused}") from None
    shown = [row for row, visible in zip(ROWS, (values, grads), strict=True) if visible]
    asked_for = [node for node in names.order if node.op or chosen.get(id(node)) == ("data",)]
    data = [(id(node), "data") for node in asked_for if "data" in shown]
    grad = [(id(node), "grad") for node in reversed(names.order) if "grad" in shown]
    places = [gap for gap in (*data, *grad) if gap[1] in chosen.get(gap[0], ())]
    return {gap: i for i, gap in enumerate(places, 1)}
