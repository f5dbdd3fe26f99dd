"""Which leaves were written after a graph was recorded, so that it tells of numbers that are gone."""

from __future__ import annotations

from autograd_lite.engine import Value
from autograd_lite.graph import topological_order


def stale_leaves(root: Value) -> list[Value]:
    """Return the leaves whose `.data` was written since, so that what was recorded fits them no more.

    >>> x = Value(2.0); y = x * x; x.data = 10.0
    >>> stale_leaves(y) == [x], y.partials
    (True, (2.0, 2.0))
    """
    stale: dict[int, Value] = {}
    for node in topological_order(root):
        written = [p for p in node.parents if p.rule is None and p._db is True]
        if written and not _fits(node):
            stale.update((id(p), p) for p in written)
    return list(stale.values())


def _fits(node: Value) -> bool:
    """Tell whether a node's row still gives the recorded result and partials."""
    row = node.rule
    assert row is not None
    try:
        operands = row.group([x._data if x.__class__ is Value else x for x in node.operands])
        out = row.value(operands)
        by_operand = row.local_derivatives(out, operands)
    except ValueError:
        return True  # recorded by hand, with operands that are not the row's: nothing to compare with
    if row.rule == "given by hand":
        return True
    flat = [d for p, s in zip(by_operand, row.starred, strict=True) for d in (p if s else [p])]
    partials = [d for x, d in zip(node.operands, flat, strict=True) if x.__class__ is Value]
    pairs = [(out, node._data), *zip(partials, node.partials, strict=True)]
    return all(new == old or (new != new and old != old) for new, old in pairs)
