"""See inside the nodes that stand for a whole graph: the calls of compiled functions, recorded in full again."""

from __future__ import annotations

from typing import Any

from autograd_lite.engine import Value, link, record
from autograd_lite.graph import gradients, topological_order


def unfolded(root: Value, *others: Any, whole: bool = False) -> tuple[Any, ...]:
    """Return the root, and what stands in the places of other nodes, in a graph without compiled calls.

    Leaves are the same objects; a graph without compiled calls is returned as it is. A call over many rows stays
    one node unless the `whole` of it is wanted. Where a backward pass has reached the root, the new nodes hold
    their gradients too.
    """
    order = topological_order(root)
    if not any(_folded(node, whole) for node in order):
        return root, *others
    new: dict[int, Any] = {}
    for node in order:
        rule = node._operation
        operands = tuple([new.get(id(x), x) for x in node.operands])
        if rule is None:
            continue
        if _folded(node, whole):
            assert rule.expand is not None
            new[id(node)] = rule.expand(node, operands)
        elif any(id(x) in new for x in node.operands):
            parents = tuple([x for x in operands if x.__class__ is Value])
            by_hand = rule.nary or node._a.__class__ is tuple
            made = link(rule, node._data, operands, parents, node.partials) if by_hand else record(rule, operands)
            new[id(node)] = made
        if id(node) in new and node.label:
            new[id(node)].label = node.label
        if id(node) in new and node.role is not None:
            new[id(node)].role = node.role
    unfolded_root = new.get(id(root), root)
    if root.has_grad:
        _fill_gradients(unfolded_root, {id(node) for node in order})
    return unfolded_root, *[new.get(id(x), x) for x in others]


def _folded(node: Value, whole: bool) -> bool:
    return node._operation is not None and node._operation.expand is not None and (whole or node._db is None)


def _fill_gradients(root: Value, known: set[int]) -> None:
    """Give the new nodes the gradients of the pass that reached the old root; leaves keep theirs."""
    order = topological_order(root)
    grads = gradients(order)
    for node in order:
        if id(node) not in known and node._operation is not None:
            node.grad = grads[id(node)]
