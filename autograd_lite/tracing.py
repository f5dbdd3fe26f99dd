"""The computation graph as data: all nodes and edges, to walk, to count, or to keep as JSON."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from autograd_lite.coerce import plain_number
from autograd_lite.engine import Value
from autograd_lite.graph import topological_order


class Trace(NamedTuple):
    """All nodes of a graph, operands first, and all edges as (operand, result) pairs, with repetition."""

    nodes: list[Value]
    edges: list[tuple[Value, Value]]

    def to_json(self) -> str:
        """Return the graph as JSON text.

        A node has an id (its index), what made it (none for a leaf), its operands (ids, and numbers as {"number": x}),
        its local derivatives by those that are nodes, value and gradient (null if not computed), label and kind. A
        number that JSON can't hold is a text: "nan", "inf", "-inf".

        >>> w = Value(2.0, label="w")
        >>> print(trace(3.0 * w).to_json())
        {"nodes": [
        {"id": 0, "op": "", "operands": [], "local": [], "data": 2.0, "grad": null, "label": "w", "kind": null},
        {"id": 1, "op": "*", "operands": [{"number": 3.0}, 0], "local": [3.0], "data": 6.0, "grad": null, "label": "",\
 "kind": null}
        ]}
        """
        index = {id(node): i for i, node in enumerate(self.nodes)}

        def operand(x: Any) -> Any:
            return index[id(x)] if id(x) in index else {"number": plain_number(x)}

        def entry(node: Value) -> str:
            return json.dumps({
                "id": index[id(node)], "op": node.op, "operands": [*map(operand, node.operands)],
                "local": [*map(plain_number, node.partials)], "data": plain_number(node.data),
                "grad": plain_number(node.grad) if node.has_grad else None, "label": node.label, "kind": node.kind,
            })  # fmt: skip

        return '{"nodes": [\n' + ",\n".join(map(entry, self.nodes)) + "\n]}"


def trace(root: Value) -> Trace:
    """Return all nodes, operands first, and all edges as (operand, result) pairs, with repetition.

    >>> a = Value(2.0)
    >>> nodes, edges = trace(a * a)
    >>> len(nodes), len(edges)
    (2, 2)
    """
    nodes = topological_order(root)
    return Trace(nodes, [(parent, node) for node in nodes for parent in node.parents])
