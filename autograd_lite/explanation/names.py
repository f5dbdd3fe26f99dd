"""A readable name for every node of a graph, no two alike: its label, its place in a net, or a number.

In a net a node is called what the course calls it: w₁₂⁽¹⁾ leads from unit 1 to unit 2 of layer 1. Where every layer
has one unit, the unit is left out. Where one name belongs to several nodes, as in a cost over examples, each has
its number behind it: z⁽¹⁾[1], z⁽¹⁾[2].
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from autograd_lite.engine import Value
from autograd_lite.explanation.text import Text, in_latex, named, number, safe, sub, sup
from autograd_lite.graph import Role, topological_order


class Names:
    """The names of the nodes that `root` depends on, and of the root itself.

    >>> a = Value(2.0, label="a")
    >>> b = a * a
    >>> names = Names(b + a)
    >>> names(a).text, names(b).text, names.root.text
    ('a', 'v1', 'f')
    """

    __slots__ = ("_bases", "_chain", "_indices", "_single", "order", "root")

    def __init__(self, root: Value, order: Sequence[Value] | None = None) -> None:
        self.order = topological_order(root) if order is None else order
        called = [node for node in self.order if node.label or node.role is not None]  # few of a long chain
        roles = {node.role for node in called if node.role is not None}
        whole = any(r.output for r in roles)  # of a part of a net, nobody knows how many units a layer has
        self._chain = whole and all(r.unit == 1 and r.source in (None, 1) for r in roles)
        self._bases = {id(node): self._base(node) for node in called}
        if root.role is None and not root.label:  # the one unnamed node with a name
            self._bases[id(root)] = "C" if roles else "f"
        shared = Counter(self._bases.values())
        self._single = {base for base, uses in shared.items() if uses == 1}
        self._indices = self._numbered(shared)
        self.root = self(root)  # the whole net's output is f, though its last unit has a name of its own
        if root.role is not None and root.role.output and not root.label and "f" not in shared:
            self.root = Text("f", "f")

    def __call__(self, node: Value) -> Text:
        """Return the name of a node."""
        key = id(node)
        base, index = self._bases.get(key, ""), self._indices.get(key, 0)
        if not base:
            return Text(f"v{index}", f"v_{{{index}}}")
        name = Text(base, base) if base in ("f", "C") else self._plain(node)
        return name if base in self._single else _indexed(name, index)

    def operand(self, node: Value, position: int) -> Text:
        """Return the name of one operand of a node; a number that a net reads is its input x."""
        operands = node.operands
        found = operands[position]
        if found.__class__ is Value:
            return self(found)
        row = node.rule
        if row is not None and sum(row.starred) == 2:  # w·a + b, in the place beside the weight
            length = (len(operands) - 1) // 2
            weight = operands[(position + length) % (2 * length)] if position < 2 * length else None
            role = weight.role if weight.__class__ is Value else None
            if role is not None and role.symbol == "w" and role.layer == 1:
                name = role_name(Role("x", 0, role.source or 1), self._chain)
                one = self._bases.get(id(node), "") in self._single
                return name if one else _indexed(name, self._indices.get(id(node), 1))
        return number(found)

    def _plain(self, node: Value) -> Text:
        role = node.role
        return named(node.label) if node.label or role is None else role_name(role, self._chain)

    def _base(self, node: Value) -> str:
        return safe(node.label) if node.label else self._plain(node).text

    def _numbered(self, taken: Any) -> dict[int, int]:
        """Number the nodes without a name, and those that share one; no numbered name is another's label."""
        next_of: Counter[str] = Counter()
        indices = {}
        for node in self.order:
            base = self._bases.get(id(node), "")
            if base in self._single:
                continue
            index = next_of[base] + 1
            while (f"{base}[{index}]" if base else f"v{index}") in taken:
                index += 1
            next_of[base] = indices[id(node)] = index
        return indices


def _indexed(name: Text, index: int) -> Text:
    return Text(f"{name.text}[{index}]", f"{name.latex}[{index}]", name.loose)


def role_name(role: Role, chain: bool = False) -> Text:
    """Return the course's name for a place in a net; in a chain without the unit.

    >>> role_name(Role("w", 2, 3, 1)).text, role_name(Role("x", 0, 2)).text, role_name(Role("w", 2, 1, 1), True).text
    ('w₁₃⁽²⁾', 'x₂', 'w⁽²⁾')
    """
    comma = "," if role.source is not None and max(role.source, role.unit) > 9 else ""
    unit = "" if chain else f"{'' if role.source is None else role.source}{comma}{role.unit}"
    symbol = safe(role.symbol)
    text = symbol + sub(unit) + (sup(f"({role.layer})") if role.layer else "")
    latex = in_latex(symbol) + (f"_{{{unit}}}" if unit else "") + (f"^{{({role.layer})}}" if role.layer else "")
    return Text(text, latex)
