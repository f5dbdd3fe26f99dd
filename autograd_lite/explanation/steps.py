"""The backward pass, one node at a time: its gradient, the local derivatives, the gradients of its parents then.

The steps are those of `Value.backward`, in its order and with its arithmetic; nothing is written to the graph.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from autograd_lite.checks import instance
from autograd_lite.engine import Value
from autograd_lite.flow import flow
from autograd_lite.notation.local_derivatives import Derivatives
from autograd_lite.notation.names import Names
from autograd_lite.notation.text import Text, number, product
from autograd_lite.words import say


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a node hands on to one of its parents: upstream gradient times local derivative, and the sum so far."""

    parent: Value
    name: str
    latex: str  # the name in LaTeX
    rule: Text  # the local derivative as its rule has it
    upstream: float
    local: float
    amount: float
    before: float
    total: float

    @property
    def formula(self) -> Text | None:
        """The rule, None where it is no more than the number."""
        return None if self.rule.text == number(self.local).text else self.rule

    def __str__(self) -> str:
        numbers = product([number(self.upstream), number(self.local)]).text
        local = "" if self.formula is None else f" [{self.formula.text}]"
        in_all = say("steps.in_all", total=number(self.total).text)
        return f"{self.name} += {numbers}{local} = {number(self.amount).text}, {in_all}"


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
        gifts = "".join(f"  →  {contribution}" for contribution in self.contributions) or f"  {say('steps.leaf')}"
        return f"{self.name}: {say('steps.gradient', number=number(self.upstream).text)}{gifts}"


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
    instance("backward_steps", out, Value, "pass the result to differentiate")
    return steps_of(Names(out))


def steps_of(names: Names) -> Iterator[Step]:
    """Yield the steps of a graph whose nodes have these names."""
    grads = {id(names.view.root): 1.0}
    sweep = flow(names.order, grads)
    for node in reversed(names.order):
        name, upstream = names(node), grads[id(node)]
        made = tuple(_contributions(node, sweep, grads, names)) if node.parents else ()
        yield Step(node, name.text, name.latex, upstream, made)


def _contributions(node: Value, sweep: Iterator[Any], grads: dict[int, float], names: Names) -> Iterator[Contribution]:
    rules, upstream = Derivatives(node, names), grads[id(node)]
    for i, parent in enumerate(node.parents):
        name, before = names(parent), grads.get(id(parent), 0.0)
        _, _, local, amount, total = next(sweep)
        yield Contribution(parent, name.text, name.latex, rules(i), upstream, local, amount, before, total)
