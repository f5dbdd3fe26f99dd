"""What a small change does: `nudge` follows it through the graph, beside what the derivatives promise."""

from __future__ import annotations

from dataclasses import dataclass

from autograd_lite.coerce import number_in
from autograd_lite.engine import Value
from autograd_lite.explanation.expression import formula
from autograd_lite.explanation.names import Names
from autograd_lite.modes import describe
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

    def _table(self) -> tuple[list[str], list[list[str]]]:
        names = Names(self.root)
        rows = [[_told(r, names), f"{r.before:.6g}", f"{r.after:.6g}", f"{r.change:+.6g}", f"{r.predicted:+.6g}"]
                for r in self.rows]  # fmt: skip
        return ["node", "before", "after", "change", "predicted"], rows

    def __str__(self) -> str:
        return text_table(*self._table())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_table(*self._table())


def _told(moved: Moved, names: Names) -> str:
    """Return the name of a node, and what it is where the name does not tell."""
    node = moved.node
    if node.label or node.role is not None or node.rule is None:
        return moved.name
    return f"{moved.name} = {formula(node, lambda i: names.operand(node, i)).text}"


def nudge(out: Value, w: Value, by: float = 0.01) -> Nudge:
    """Change `w` by a little and follow the change to `out`: predicted by the derivatives against actual.

    Predicted is d node / d w · by, carried forward along the edges; the nodes are named as in `explain`. Nothing is
    written.

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
    after: dict[int, float] = {id(w): w._data + step}
    slope: dict[int, float] = {id(w): 1.0}
    rows = []
    for node in names.order:
        key = id(node)
        if node is not w and any(id(p) in after for p in node.parents):
            row = node.rule
            assert row is not None
            numbers = [after.get(id(x), x._data) if x.__class__ is Value else x for x in node.operands]
            after[key] = row.value(row.group(numbers))
            slope[key] = 0.0
            for parent, partial in zip(node.parents, node.partials, strict=True):
                if id(parent) in slope:
                    slope[key] += slope[id(parent)] * partial
        if key in after:
            name = names.root if node is out else names(node)
            rows.append(Moved(node, name.text, node._data, after[key], slope[key] * step))
    return Nudge(out, w, step, tuple(rows))
