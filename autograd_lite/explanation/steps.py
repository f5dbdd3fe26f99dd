"""The backward pass, one node at a time: what arrives, what is multiplied, what the parents have then.

The steps are those of `Value.backward`, in its order and with its arithmetic; nothing is written to the graph.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from autograd_lite.engine import Value
from autograd_lite.explanation.local_derivatives import Derivatives
from autograd_lite.notation.names import Names
from autograd_lite.notation.text import Text, number, product


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a node hands on to one of its parents: upstream gradient times local derivative, and the sum so far."""

    parent: Value
    name: str
    latex: str  # the name in LaTeX
    rule: Text  # the local derivative as its rule says it
    local: float
    amount: float
    before: float
    total: float


@dataclass(frozen=True, slots=True)
class Step:
    """One node of the backward pass: its gradient is complete, and it hands it on."""

    node: Value
    name: str
    latex: str
    upstream: float
    contributions: tuple[Contribution, ...]

    def __str__(self) -> str:
        """Return the step as a line of the table that is filled in by hand."""
        head = f"{self.name}: gradient {number(self.upstream).text}"
        if not self.contributions:
            return f"{head}  (leaf)"
        return head + "".join(f"  →  {self._said(c)}" for c in self.contributions)

    def _said(self, c: Contribution) -> str:
        numbers = product([number(self.upstream), number(c.local)]).text
        local = "" if c.rule.text == number(c.local).text else f" [{c.rule.text}]"
        return f"{c.name} += {numbers}{local} = {number(c.amount).text}, in all {number(c.total).text}"


def backward_steps(out: Value) -> Iterator[Step]:
    """Yield the steps of the backward pass from `out`: each node once, after every node that uses it.

    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> for step in backward_steps(a * b + a):
    ...     print(step)
    f: gradient 1  →  v1 += 1 · 1 = 1, in all 1  →  a += 1 · 1 = 1, in all 1
    v1: gradient 1  →  a += 1 · (−3) [b] = −3, in all −2  →  b += 1 · 2 [a] = 2, in all 2
    b: gradient 2  (leaf)
    a: gradient −2  (leaf)
    """
    if out.__class__ is not Value:
        raise TypeError(f"backward_steps: expected a Value, got {type(out).__name__}; pass the result to differentiate")
    return _steps(out, Names(out))


def _steps(out: Value, names: Names) -> Iterator[Step]:
    grads = {id(out): 1.0}
    for node in reversed(names.order):
        name, upstream = names(node), grads.get(id(node), 0.0)
        made = tuple(_contributions(node, upstream, grads, names)) if node.parents else ()
        yield Step(node, name.text, name.latex, upstream, made)


def _contributions(node: Value, upstream: float, grads: dict[int, float], names: Names) -> Iterator[Contribution]:
    """Yield what a node hands on to each parent, adding it up in `grads`."""
    rules = Derivatives(node, names)
    for place, (parent, local) in enumerate(zip(node.parents, node.partials, strict=True)):
        before = grads.get(id(parent), 0.0)
        amount = upstream * local
        grads[id(parent)] = before + amount
        name = names(parent)
        yield Contribution(parent, name.text, name.latex, rules(place), local, amount, before, before + amount)
