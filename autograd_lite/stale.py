"""Which leaves were written after a graph was recorded, so that it tells of numbers that are gone."""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose

from autograd_lite.engine import Value
from autograd_lite.graph import topological_order
from autograd_lite.lecture import has_no_formula, recorded_by_hand


def stale_leaves(root: Value, order: Sequence[Value] | None = None) -> list[Value]:
    """Return the leaves whose `.data` was written since, so that what was recorded fits them no more.

    Whoever has the order of the nodes already passes it on.

    >>> x = Value(2.0); y = x * x; x.data = 10.0
    >>> stale_leaves(y) == [x], y.partials
    (True, (2.0, 2.0))
    """
    stale: dict[int, Value] = {}
    for node in topological_order(root) if order is None else order:
        written = _written(node)
        if written and not has_no_formula(node) and not _fits(node):
            stale.update((id(p), p) for p in written)
    return list(stale.values())


def _written(node: Value) -> list[Value]:
    """Return the leaves among the parents whose `.data` was written, before this was recorded or since."""
    return [p for p in node.parents if p.operation is None and p._db is True]


def _fits(node: Value) -> bool:
    """Tell whether a node's row still gives the recorded result and local derivatives."""
    row = node.operation
    assert row is not None
    numbers = [x._data if x.__class__ is Value else x for x in node.operands]
    grouped = row.group(numbers)
    out = row.value(grouped)
    flat = row.flat(row.local_derivatives(out, grouped))
    partials = [d for x, d in zip(node.operands, flat, strict=True) if x.__class__ is Value]
    rounding = 1e-9 if recorded_by_hand(node) else 0.0  # what the user computed may differ in the last digits
    pairs = [(out, node._data), *zip(partials, node.partials, strict=True)]
    return all(isclose(new, old, rel_tol=rounding) or (new != new and old != old) for new, old in pairs)
