"""What cards and arrows need to know about a graph: names, what is lit or stale, and which leaves a net reads."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd_lite.draw.fold import Key
from autograd_lite.draw.scene import Row
from autograd_lite.draw.text import full, role_name
from autograd_lite.engine import Value
from autograd_lite.explanation.text import safe
from autograd_lite.graph import Role
from autograd_lite.stale import stale_leaves

__all__ = ["Survey", "largest", "name_of", "pairs", "symbol_of", "told_grad", "x_name"]

CHECKED = 100_000  # values in a graph whose leaves are still compared with what was recorded


@dataclass(frozen=True, slots=True)
class Survey:
    """A graph as it is about to be drawn; sets and maps go by the id of a value."""

    root: Value
    order: Sequence[Value]
    keys: Mapping[int, Key]  # of the card that a value shares
    mode: str  # none, neuron or layer
    partials: bool
    lit: set[int] | None  # None: everything is
    rows: Mapping[int, tuple[Row, ...]] | None  # in the place of data and grad
    has_net: bool = field(init=False)
    has_weight: bool = field(init=False)  # a leaf named w
    inputs: dict[int, str] = field(init=False)  # names of leaves that a net reads
    stale: set[int] = field(init=False)

    def __post_init__(self) -> None:
        fill = object.__setattr__
        fill(self, "has_net", any(value.role is not None for value in self.order))
        fill(self, "has_weight", any(_is_weight(value) for value in self.order[:1000]))
        fill(self, "inputs", dict(self._inputs()) if self.has_net else {})
        stale = stale_leaves(self.root) if len(self.order) < CHECKED else []
        fill(self, "stale", {id(value) for value in stale})

    def _inputs(self) -> Iterator[tuple[int, str]]:
        for value in self.order:
            for _, operand, weight in pairs(value):
                if isinstance(operand, Value) and not operand.op and operand.role is None and weight.role.layer == 1:
                    yield id(operand), x_name(weight)

    @property
    def folded(self) -> bool:
        """Tell whether neurons or layers are cards."""
        return self.mode != "none"

    def name(self, value: Value) -> str:
        """Return what a value is called, "" if nothing."""
        return name_of(value) or self.inputs.get(id(value), "")

    def is_lit(self, *values: Value) -> bool:
        """Tell whether all of the values are lit."""
        return self.lit is None or all(id(value) in self.lit for value in values)

    def kind(self, value: Value) -> str:
        """Return the kind of a value's card.

        Outside of a net a leaf whose name starts with w is a parameter, and b beside it.
        """
        if value.op:
            return "output" if value is self.root else "op"
        if value.role is not None:
            return "input" if value.role.symbol == "x" else "parameter"
        bias = value.label in ("b", "bias") and self.has_weight
        return "parameter" if bias or _is_weight(value) else "input"


def _is_weight(value: Value) -> bool:
    return not value.op and value.label[:1].lower() == "w"


def name_of(value: Value) -> str:
    """Return the label of a value, or else its place in a net in the course's notation, or ""."""
    return safe(value.label) if value.label else role_name(value.role) if value.role else ""


def symbol_of(value: Value) -> str:
    """Return what a card's dark pill shows, "" for a leaf."""
    return "" if not value.op else safe(value.rule.symbol if value.rule is not None else value.op)


def told_grad(value: Value) -> str:
    """Return the gradient of a value for a tooltip."""
    return f"grad={full(value.grad)}" if value.has_grad else "grad not computed"


def pairs(value: Value) -> Iterator[tuple[int, Any, Any]]:
    """Yield what each weight of w·a, or of w1 a1 + … + wn an + b, is multiplied by: position, operand, weight."""
    operands = value.operands
    weights = [i for i, v in enumerate(operands) if isinstance(v, Value) and v.role and v.role.symbol == "w"]
    for i in weights:
        other = (i + len(weights)) % len(operands)
        yield other, operands[other], operands[i]


def x_name(weight: Any) -> str:
    """Return the name of the input that a weight of the first layer multiplies."""
    return role_name(Role("x", 0, weight.role.source or 1))


def largest(numbers: Iterable[float]) -> float:
    """Return the largest finite size among numbers, 0.0 if there is none."""
    return max((abs(x) for x in numbers if math.isfinite(x)), default=0.0)
