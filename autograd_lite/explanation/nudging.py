"""The effect of a small change: `nudge` follows it through the graph, beside the change that derivatives predict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from autograd_lite.checks import instance
from autograd_lite.coerce import number_of, to_float
from autograd_lite.engine import Value
from autograd_lite.flow import tangents
from autograd_lite.idioms import has_no_formula
from autograd_lite.modes import describe
from autograd_lite.notation.local_derivatives import formula
from autograd_lite.notation.lookup import node_of
from autograd_lite.notation.names import Names
from autograd_lite.notation.text import number
from autograd_lite.sweep import rows_of
from autograd_lite.tables import Rows, Tabular
from autograd_lite.view import View
from autograd_lite.words import say

__all__ = ["Nudge", "NudgedNode", "nudge"]


@dataclass(frozen=True, slots=True)
class NudgedNode:
    """One node that a nudge moves, and the change that its derivative predicted."""

    node: Value
    name: str
    before: float
    after: float
    predicted: float

    @property
    def change(self) -> float:
        """The actual change."""
        return self.after - self.before


@dataclass(frozen=True, slots=True, repr=False)
class Nudge(Tabular):
    """How a small change of one value travels through the graph: what moves, and how far it was predicted to."""

    names: Names
    wrt: Value
    by: float
    rows: tuple[NudgedNode, ...]

    @property
    def root(self) -> Value:
        """The value whose graph this is."""
        return self.names.view.root

    @property
    def stale(self) -> Sequence[Value]:
        """The leaves that were written since the graph was recorded."""
        return self.names.view.stale_leaves

    @property
    def table(self) -> Rows:
        """The head of the table and its rows, one for each node that moves."""
        rows = [[self._title(row), number(row.before).text, number(row.after).text, _signed(row.change),
                 _signed(row.predicted)] for row in self.rows]  # fmt: skip
        return [say(f"nudge.{column}") for column in ("node", "before", "after", "change", "predicted")], rows

    def _title(self, row: NudgedNode) -> str:
        """Return the name of a node, and its formula where the name does not say enough."""
        node, names = row.node, self.names
        if node.operation is None or node.label or node.role is not None:
            return row.name + " ✎" * (node in self.stale)
        return f"{row.name} = {formula(node, lambda i: names.operand(node, i)).text}"

    @property
    def notes(self) -> Sequence[str]:
        """A warning where leaves were written, and one where a node has no formula."""
        leaves = ", ".join(self.names(leaf).text for leaf in self.stale)
        given = ", ".join(row.name for row in self.rows if has_no_formula(row.node) and rows_of(row.node) is None)
        written = [f"✎ {leaves}: {say('nudge.written')}"] if leaves else []
        return [*written, *([say("page.given", names=given)] if given else [])]


def _signed(x: float) -> str:
    return f"{'' if x < 0.0 else '+'}{number(x).text}"


def nudge(out: Value, w: Value | str, by: float = 0.01) -> Nudge:
    """Change `w` by a little and follow the change to `out`: predicted by the derivatives against actual.

    `w` is a Value, or its label. Predicted is d node / d w · by, carried forward along the edges; the nodes are named
    as in `explain`. Where a leaf was written after the graph was recorded, before and after are computed from its
    new number, and predicted from the derivatives as recorded: it is marked with ✎. Nothing is written.

    >>> w = Value(2.0, label="w")
    >>> print(nudge(w * w + 1, w, by=0.5))
    node        before  after  change  predicted
    w                2    2.5    +0.5       +0.5
    v1 = w·w         4   6.25   +2.25         +2
    f = v1 + 1       5   7.25   +2.25         +2
    """
    instance("nudge", out, Value, "pass the Value to differentiate")
    step, given = to_float(by, what="nudge: by"), out
    if not isfinite(step):
        raise ValueError(f"nudge: by: expected a finite number, got {step}")
    view, w = View(out).with_calls_expanded(w)
    names = Names(view)
    w = node_of("nudge, w", w, names, "call it as nudge(out, w)")
    slopes = tangents(view.order, {id(w): 1.0})
    if id(view.root) not in slopes:
        raise ValueError(f"nudge: {describe(w)} is no part of the graph of {describe(given)}")
    recorded = {id(node): number_of(node) for node in view.order}
    before = recorded | _values(view.order, {id(leaf): number_of(leaf) for leaf in view.stale_leaves}, recorded)
    after = _values(view.order, {id(w): number_of(w) + step}, before)
    rows = [NudgedNode(node, (names.root if node is view.root else names(node)).text, before[id(node)],
                       after[id(node)], slopes[id(node)] * step)
            for node in view.order if id(node) in after]  # fmt: skip
    return Nudge(names, w, step, tuple(rows))


def _values(order: Sequence[Value], given: dict[int, float], known: Mapping[int, float]) -> dict[int, float]:
    """Return the value of each node that the given ones move; the others have the one that is `known`.

    A compiled call over a data set is computed node by node. Of a node without a formula the derivatives predict the
    value.
    """
    values = dict(given)
    for node in order:
        if node.operation is None or id(node) in values or not any(id(p) in values for p in node.parents):
            continue
        new = {id(p): values.get(id(p), known[id(p)]) for p in node.parents}
        if (rows := rows_of(node)) is not None:
            inside = View(rows()).order
            values[id(node)] = _values(inside, new, {id(x): number_of(x) for x in inside})[id(inside[-1])]
        elif has_no_formula(node):
            changes = [(new[id(p)] - known[id(p)]) * d for p, d in zip(node.parents, node.partials, strict=True)]
            values[id(node)] = sum(changes, known[id(node)])
        else:
            numbers = [new[id(x)] if x.__class__ is Value else x for x in node.operands]
            values[id(node)] = node.operation.value(node.operation.group(numbers))
    return values
