"""A graph as it is about to be drawn: names, kinds, the flow along arrows, which values are highlighted or stale."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from autograd_lite.drawing.fold import Key
from autograd_lite.drawing.palette import LIGHT, Palette
from autograd_lite.drawing.scene import Row
from autograd_lite.drawing.shown import Shown
from autograd_lite.engine import Value
from autograd_lite.notation.local_derivatives import formula
from autograd_lite.notation.names import Names, is_weighted_sum
from autograd_lite.notation.text import safe

__all__ = ["BACKWARD", "CHECKED", "Context", "Flow", "largest", "symbol_of"]

CHECKED = 100_000  # values in a graph whose leaves are still compared with what was recorded


@dataclass(frozen=True, slots=True)
class Flow:
    """The amount that the colour and the width of an arrow stand for."""

    amount: Callable[[Value, Value, float], float]  # of result, operand, local derivative; nan where it is not known
    does: str  # the key of the words that say what the amount does
    legend: str  # the key of those that say what it is


def _handed_back(out: Value, operand: Value, partial: float) -> float:
    return out.grad * partial if out.has_grad else math.nan


BACKWARD = Flow(_handed_back, "picture.adds", "picture.flow")


@dataclass(frozen=True, slots=True)
class Context:
    """A graph as it is about to be drawn; sets and maps go by the id of a value."""

    names: Names
    keys: Mapping[int, Key]  # of the card that a value shares
    mode: str  # none, neuron or layer
    steps: Mapping[int, int]  # of a recurrent computation, where they share a card
    shown: Shown
    highlighted: Collection[int] | None  # None: everything is
    rows: Mapping[int, tuple[Row, ...]] | None  # in the place of data and grad
    flow: Flow = BACKWARD
    palette: Palette = LIGHT
    has_net: bool = field(init=False)
    stale: set[int] = field(init=False)

    def __post_init__(self) -> None:
        fill = object.__setattr__
        fill(self, "has_net", any(value.role is not None for value in self.order))
        stale = self.names.view.stale_leaves if len(self.order) < CHECKED else []
        fill(self, "stale", {id(value) for value in stale})

    @property
    def order(self) -> Sequence[Value]:
        """All values, operands first."""
        return self.names.order

    @property
    def root(self) -> Value:
        """The value that is drawn."""
        return self.names.view.root

    @property
    def folded(self) -> bool:
        """Tell whether neurons or layers are cards."""
        return self.mode != "none"

    def name(self, value: Value) -> str:
        """Return the name of a value, the same in formulas and on its card."""
        return self.names(value).text

    def title(self, value: Value) -> str:
        """Return the title of a value's card; the output of a net has two names."""
        name, root = self.name(value), self.names.root.text
        return f"{root} = {name}" if value is self.root and root != name else name

    def symbol(self, value: Value) -> str:
        """Return the text of a card's dark pill, "" for a leaf."""
        if is_weighted_sum(value):
            return self.names.weighted_sum(value)
        written_out = value.operation is not None and value.operation.nameless
        return formula(value, lambda i: self.names.operand(value, i)).text if written_out else symbol_of(value)

    def is_highlighted(self, *values: Value) -> bool:
        """Tell whether all of the values are highlighted."""
        return self.highlighted is None or all(id(value) in self.highlighted for value in values)

    def kind(self, value: Value) -> str:
        """Return the kind of a value's card; a leaf of which nothing says more is a leaf."""
        if value.op:
            return "output" if value is self.root else "op"
        return value.kind or ("input" if self.names.is_input(value) else "leaf")


def symbol_of(value: Value) -> str:
    """Return the symbol of an operation, "" for a leaf."""
    return "" if not value.op else safe(value.operation.symbol if value.operation is not None else value.op)


def largest(numbers: Iterable[float]) -> float:
    """Return the largest finite size among numbers, 0.0 if there is none."""
    return max((abs(x) for x in numbers if math.isfinite(x)), default=0.0)
