"""The backward pass, one node at a time: its gradient, the local derivatives, the gradients of its parents then.

The steps are those of `Value.backward`, in its order and with its arithmetic; nothing is written to the graph.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from autograd_lite.checks import instance
from autograd_lite.coerce import plain_number
from autograd_lite.csv_files import format_csv
from autograd_lite.engine import Value
from autograd_lite.flow import flow
from autograd_lite.notation.local_derivatives import Derivatives
from autograd_lite.notation.names import Names
from autograd_lite.notation.text import Text, number, product
from autograd_lite.words import say


@dataclass(frozen=True, slots=True)
class Contribution:
    """The contribution of a node to a parent: upstream gradient times local derivative, and the sum so far."""

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
        """The rule; None where it is the number itself."""
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
        handed_on = "".join(f"  →  {contribution}" for contribution in self.contributions) or f"  {say('steps.leaf')}"
        return f"{self.name}: {say('steps.gradient', number=number(self.upstream).text)}{handed_on}"


class Steps(Iterator[Step]):
    """The steps of a backward pass, to go through once or often, and as data."""

    __slots__ = ("_names", "_next")

    def __init__(self, names: Names) -> None:
        self._names, self._next = names, steps_of(names)

    def __iter__(self) -> Iterator[Step]:
        return steps_of(self._names)

    def __next__(self) -> Step:
        return next(self._next)

    def __str__(self) -> str:
        """Return the steps, a line each."""
        return "\n".join(map(str, self))

    __repr__ = __str__

    def to_json(self) -> str:
        """Return the steps as JSON: each node's gradient, and what it hands on; inf and nan are texts.

        >>> json.loads(backward_steps(Value(2.0, label="a") * 3.0).to_json())["steps"][0]["contributions"][0]["amount"]
        3.0
        """
        steps = [{"node": step.name, "gradient": plain_number(step.upstream),
                  "contributions": [{"to": c.name, "local_derivative": plain_number(c.local), "rule": c.rule.text,
                                     "amount": plain_number(c.amount), "total": plain_number(c.total)}
                                    for c in step.contributions]} for step in self]  # fmt: skip
        return json.dumps({"root": self._names.root.text, "steps": steps}, ensure_ascii=False, indent=2)

    def to_csv(self) -> str:
        """Return the steps as CSV, a line for each contribution; a leaf, which hands nothing on, has a line of its own.

        >>> print(backward_steps(Value(2.0, label="a") * 3.0).to_csv(), end="")
        node,gradient,to,local_derivative,rule,amount,total
        f,1.0,a,3.0,3,3.0,3.0
        a,3.0,,,,,
        """
        lines = [["node", "gradient", "to", "local_derivative", "rule", "amount", "total"]]
        for step in self:
            first = [step.name, repr(step.upstream)]
            lines += [[*first, c.name, repr(c.local), c.rule.text, repr(c.amount), repr(c.total)]
                      for c in step.contributions] or [[*first, *[""] * 5]]  # fmt: skip
        return format_csv(lines)


def backward_steps(out: Value) -> Steps:
    """Return the steps of the backward pass from `out`: each node once, after every node that uses it.

    `print` shows a line for each, a loop takes them one by one; `.to_json()` and `.to_csv()` give them as data.

    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> print(backward_steps(a * b + a))
    f: gradient 1  →  v1 += 1 · 1 = 1, in all 1  →  a += 1 · 1 = 1, in all 1
    v1: gradient 1  →  a += 1 · (−3) [b] = −3, in all −2  →  b += 1 · 2 [a] = 2, in all 2
    b: gradient 2  (leaf)
    a: gradient −2  (leaf)
    """
    instance("backward_steps", out, Value, "pass the result to differentiate")
    return Steps(Names(out))


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
