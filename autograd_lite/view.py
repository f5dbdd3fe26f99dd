"""A `View` reads a graph once: its order, its gradients, the uses of its nodes. (Pictures are made in `drawing`.)"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property
from math import isclose
from typing import Any, NamedTuple

from autograd_lite.coerce import number_of
from autograd_lite.engine import Value, record, record_precomputed
from autograd_lite.flow import gradients
from autograd_lite.graph import topological_order
from autograd_lite.idioms import has_no_formula, recorded_by_hand
from autograd_lite.naming import Part, Role, kept_apart
from autograd_lite.sweep import rows_of, was_written


class Edge(NamedTuple):
    """One use of a value: it is the parent number `parent_index` of `node`."""

    node: Value
    parent_index: int

    @property
    def parent(self) -> Value:
        """The value that is used."""
        return self.node.parents[self.parent_index]

    @property
    def factor(self) -> float:
        """The local derivative."""
        return self.node.partials[self.parent_index]


class View:
    """The graph below a root; each property is computed when it is first asked for, and kept.

    >>> x = Value(2.0, label="x"); y = x * x; x.data = 10.0
    >>> view = View(y)
    >>> view.order == [x, y], view.gradients[id(x)], view.users[id(x)] == [(y, 0), (y, 1)], view.stale_leaves == [x]
    (True, 4.0, True, True)
    """

    def __init__(self, root: Value, order: Sequence[Value] | None = None) -> None:
        self.root = root
        if order is not None:
            self.order = order

    @cached_property
    def order(self) -> Sequence[Value]:
        """All nodes, operands first."""
        return topological_order(self.root)

    @cached_property
    def leaves(self) -> list[Value]:
        """The leaves in the order in which the computation first uses them: layer 1 of a net before layer 2."""
        used = {id(p): p for node in self.order for p in node.parents if p.operation is None}
        return list(used.values()) or list(self.order)

    @cached_property
    def gradients(self) -> dict[int, float]:
        """The derivative of the root by each node, by its id, as `backward` computes it."""
        return gradients(self.order)

    @cached_property
    def roles(self) -> Mapping[int, Role]:
        """The place in a net of each node that has one, by its id; layers of the same number are kept apart."""
        placed = [(node, role) for node in self.order if (role := node.role) is not None]
        placed.sort(key=lambda pair: pair[0].operation is None)  # weights come before what the layer reads: at the end
        read: dict[Part | None, Hashable] = {}
        for node, role in placed:
            if role.symbol == "z" and role.part is not None and role.part.alone:
                read.setdefault(role.part, tuple([_reading(x) for x in node.operands if not _is_parameter(x)]))
        return kept_apart({id(node): role for node, role in placed}, read)

    @cached_property
    def users(self) -> dict[int, list[Edge]]:
        """The uses of each node, by its id, operands first; the root has none."""
        users: dict[int, list[Edge]] = {id(node): [] for node in self.order}
        for node in self.order:
            for i, parent in enumerate(node.parents):
                users[id(parent)].append(Edge(node, i))
        return users

    @cached_property
    def stale_leaves(self) -> list[Value]:
        """The leaves whose `.data` was assigned to after the graph was recorded: its numbers are the old ones."""
        stale: dict[int, Value] = {}
        for node in self.order:
            written = [p for p in node.parents if p.operation is None and was_written(p)]
            if written and not has_no_formula(node) and not _fits(node):
                stale.update((id(p), p) for p in written)
        return list(stale.values())

    def with_calls_expanded(self, *others: Any, whole: bool = False) -> tuple[Any, ...]:
        """Return the view of this graph without compiled calls, and the nodes that take the place of `others` in it.

        Leaves are the same objects, and a graph without compiled calls is this one. A call over many rows stays one
        node unless the `whole` of it is wanted. Where a backward pass has reached the root, the new nodes hold their
        gradients too.
        """
        if not any(_is_call(node, whole) for node in self.order):
            return self, *others

        def again(node: Value, operands: tuple[Any, ...]) -> Any:
            row = node.operation
            if _is_call(node, whole):
                return row.expand(node, operands)  # type: ignore[union-attr, misc]
            if row is None or all(old is new for old, new in zip(node.operands, operands, strict=True)):
                return None
            if not (row.nary or recorded_by_hand(node)):
                return record(row, operands)
            parents = tuple([x for x in operands if x.__class__ is Value])
            return record_precomputed(row, number_of(node), operands, parents, node.partials)

        new = rebuilt(self.order, again)
        root, *found = [new.get(id(x), x) for x in (self.root, *others)]
        view, *found = View(root).with_calls_expanded(*found, whole=whole)  # a compiled function may call others
        for node in {*view.order}.difference(self.order) if self.root.has_grad else ():
            node.grad = view.gradients[id(node)]
        return view, *found


def rebuilt(order: Sequence[Value], again: Callable[[Value, tuple[Any, ...]], Any]) -> dict[int, Any]:
    """Return new nodes by the ids of the old ones, with the labels and roles of these.

    `again(node, operands)` makes a node anew from the operands that stand for the old ones, or returns None to keep it.
    """
    new: dict[int, Any] = {}
    for node in order:
        made = again(node, tuple([new.get(id(x), x) for x in node.operands]))
        if made is not None:
            new[id(node)] = made
            if node.label:
                made.label = node.label
            if node.role is not None:
                made.role = node.role
    return new


def _is_parameter(operand: Any) -> bool:
    return operand.__class__ is Value and operand.kind == "parameter"


def _reading(operand: Any) -> Hashable:
    """Return by what two neurons read the same: a result; a leaf without a name, or a number, by its number."""
    named = operand.__class__ is Value and (operand.operation is not None or operand.label)
    return id(operand) if named else number_of(operand)


def _is_call(node: Value, whole: bool) -> bool:
    row = node.operation
    return row is not None and row.expand is not None and (whole or rows_of(node) is None)


def _fits(node: Value) -> bool:
    """Tell whether a node's row still gives the recorded result and local derivatives."""
    operands, row = node.operands, node.operation
    assert row is not None
    out, by_all = row.evaluate([number_of(x) for x in operands])
    partials = [d for x, d in zip(operands, by_all, strict=True) if x.__class__ is Value]
    rounding = 1e-9 if recorded_by_hand(node) else 0.0  # the user's own numbers may differ in the last digits
    pairs = [(out, number_of(node)), *zip(partials, node.partials, strict=True)]
    return all(isclose(new, old, rel_tol=rounding) or (new != new and old != old) for new, old in pairs)
