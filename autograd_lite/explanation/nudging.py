"""What a small change does: `nudge` follows it through the graph, beside what the derivatives promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from autograd_lite.coerce import number_in
from autograd_lite.engine import Value
from autograd_lite.explanation.local_derivatives import formula
from autograd_lite.lecture import has_no_formula
from autograd_lite.modes import describe
from autograd_lite.notation.names import Names
from autograd_lite.notation.text import number
from autograd_lite.stale import stale_leaves
from autograd_lite.tables import html_table, text_table
from autograd_lite.unfold import unfolded

__all__ = ["Moved", "Nudge", "nudge"]


@dataclass(frozen=True, slots=True)
class Moved:
    """One node that a nudge moves, and what its derivative predicted."""

    node: Value
    name: str
    before: float
    after: float
    predicted: float

    @property
    def change(self) -> float:
        """The actual change."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Nudge:
    """How a small change of one value travels through the graph: what moves, and how far it was predicted to."""

    root: Value
    wrt: Value
    by: float
    rows: tuple[Moved, ...]
    stale: tuple[Value, ...] = ()  # leaves that were written since the graph was recorded

    def _table(self) -> tuple[list[str], list[list[str]]]:
        names, stale = Names(self.root), set(map(id, self.stale))
        rows = [[_told(r, names) + " ✎" * (id(r.node) in stale),
                 number(r.before).text, number(r.after).text, _signed(r.change), _signed(r.predicted)]
                for r in self.rows]  # fmt: skip
        return ["node", "before", "after", "change", "predicted"], rows

    def _note(self) -> str:
        names = Names(self.root)
        leaves = ", ".join(names(leaf).text for leaf in self.stale)
        return f"✎ {leaves}: written after this was recorded, so predicted with the old derivatives" if leaves else ""

    def __str__(self) -> str:
        return "\n".join(filter(None, (text_table(*self._table()), self._note())))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_table(*self._table()) + (f"<p>{escape(self._note())}</p>" if self.stale else "")


def _signed(x: float) -> str:
    return f"{'' if x < 0.0 else '+'}{number(x).text}"


def _told(moved: Moved, names: Names) -> str:
    """Return the name of a node, and what it is where the name does not tell."""
    node = moved.node
    if node.label or node.role is not None or node.operation is None:
        return moved.name
    return f"{moved.name} = {formula(node, lambda i: names.operand(node, i)).text}"


def nudge(out: Value, w: Value, by: float = 0.01) -> Nudge:
    """Change `w` by a little and follow the change to `out`: predicted by the derivatives against actual.

    Predicted is d node / d w · by, carried forward along the edges; the nodes are named as in `explain`. Where a leaf
    was written after the graph was recorded, before and after are computed from its new number, and predicted from
    the derivatives as recorded: it is marked with ✎. Nothing is written.

    >>> w = Value(2.0, label="w")
    >>> print(nudge(w * w + 1, w, by=0.5))
    node        before  after  change  predicted
    w                2    2.5    +0.5       +0.5
    v1 = w·w         4   6.25   +2.25         +2
    f = v1 + 1       5   7.25   +2.25         +2
    """
    if out.__class__ is not Value:
        raise TypeError(f"nudge: expected a Value, got {type(out).__name__}; pass the Value to differentiate")
    step, given = number_in(by, what="nudge: by"), out
    out, w = unfolded(out, w)
    names = Names(out)
    if not any(node is w for node in names.order):
        raise ValueError(f"nudge: {describe(w)} is no part of the graph of {describe(given)}")
    stale = tuple(stale_leaves(out, names.order))
    recorded = {id(node): node._data for node in names.order}
    before = recorded | _values(names.order, {id(leaf): leaf._data for leaf in stale}, recorded)
    after = _values(names.order, {id(w): w._data + step}, before)
    slope: dict[int, float] = {id(w): 1.0}
    rows = []
    for node in names.order:
        key = id(node)
        if key not in after:
            continue
        for parent, partial in zip(node.parents, node.partials, strict=True) if node is not w else ():
            slope[key] = slope.get(key, 0.0) + slope.get(id(parent), 0.0) * partial
        name = names.root if node is out else names(node)
        rows.append(Moved(node, name.text, before[key], after[key], slope[key] * step))
    return Nudge(out, w, step, tuple(rows), stale)


def _values(order: Sequence[Value], given: dict[int, float], known: Mapping[int, float]) -> dict[int, float]:
    """Return the value of each node that the given ones move; the others have the one that is `known`.

    Of a node whose function is not known, only its derivatives, the value is what these predict.
    """
    values = dict(given)
    for node in order:
        if node.operation is None or id(node) in values or not any(id(p) in values for p in node.parents):
            continue
        new = {id(p): values.get(id(p), known[id(p)]) for p in node.parents}
        if has_no_formula(node):
            changes = [(new[id(p)] - known[id(p)]) * d for p, d in zip(node.parents, node.partials, strict=True)]
            values[id(node)] = sum(changes, known[id(node)])
        else:
            numbers = [new[id(x)] if x.__class__ is Value else x for x in node.operands]
            values[id(node)] = node.operation.value(node.operation.group(numbers))
    return values
