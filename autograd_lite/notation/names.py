"""A readable name for every node of a graph, no two alike: its label, its place in a net, or a number.

In a net a node has the name that the course gives it: w₁₂⁽¹⁾ leads from unit 1 to unit 2 of layer 1. Where every layer
has one unit, the unit is left out. Where one name belongs to several nodes, as in a cost over examples, each has
its number behind it, the same for all units: z₁⁽¹⁾[1], z₁⁽¹⁾[2]. A node without a label or a place is v1, v2, …
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import chain, compress
from typing import Any

from autograd_lite.engine import Value
from autograd_lite.languages.parsing import names_in
from autograd_lite.naming import Role
from autograd_lite.notation.labels import named
from autograd_lite.notation.text import Text, number, sub, sup
from autograd_lite.view import View


class Names:
    """The names of all nodes of a graph, given by its root or its `View`.

    >>> a = Value(2.0, label="a")
    >>> b = a * a
    >>> names = Names(b + a)
    >>> names(a).text, names(b).text, names.root.text
    ('a', 'v1', 'f')
    """

    __slots__ = ("_bases", "_chain", "_indices", "_read", "_roles", "_single", "order", "root", "view")

    def __init__(self, graph: View | Value) -> None:
        self.view = graph if isinstance(graph, View) else View(graph)
        self.order, root = self.view.order, self.view.root
        labelled = {id(node): node.label for node in self.order if node.label}
        self._roles = {key: role for key, role in self.view.roles.items() if key not in labelled}
        roles = {*self.view.roles.values()}
        self._chain = is_chain(roles)
        self._read = self._inputs() if roles else {}
        self._roles |= {key: role for key, role in self._read.items() if key not in labelled}
        self._bases = {key: named(label).text for key, label in labelled.items()}
        self._bases |= {key: role_name(role, self._chain).text for key, role in self._roles.items()}
        if root.role is None and not root.label:  # the one unnamed node with a name, one that is not a label
            free = [
                name for name in ("C" if roles and is_cost(root) else "f", "out") if name not in self._bases.values()
            ]
            if free:
                self._bases[id(root)] = free[0]
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
        return self.shared(node) if base in self._single else _indexed(self.shared(node), index)

    def shared(self, node: Value) -> Text:
        """Return the name without the number that tells one example from the next."""
        if node.label:
            return named(node.label)
        role = self._roles.get(id(node))
        if role is not None:
            return role_name(role, self._chain)
        base = self._bases.get(id(node), "")
        return Text(base, base) if base else self(node)

    def operand(self, node: Value, position: int) -> Text:
        """Return the name of one operand of a node; a number that a net reads is its input x."""
        found = node.operands[position]
        if found.__class__ is Value:
            return self(found)
        name = self.input(node, position)
        return number(found) if name is None else name

    def input(self, node: Value, position: int) -> Text | None:
        """Return the name of an operand that is a number, if a weight of the first layer multiplies it, or None."""
        operands = node.operands
        half = (len(operands) - 1) // 2 if is_weighted_sum(node) else 1  # w·a + b, w·x
        weight = operands[(position + half) % (2 * half)] if position < 2 * half <= len(operands) else None
        role = self.view.roles.get(id(weight))
        if role is None or role.symbol != "w" or role.layer != 1:
            return None
        name = role_name(_input(role), self._chain)
        one = self._bases.get(id(node), "") in self._single
        return name if one else _indexed(name, self._indices.get(id(node), 1))

    def weighted_sum(self, node: Value) -> str:
        """Return the name of a sum of products of two lists, made of their names: w·x + b, q·k, or dot.

        >>> q, k = [Value(1.0, label="q1"), Value(2.0, label="q2")], [Value(3.0, label="k1"), Value(4.0, label="k2")]
        >>> from autograd_lite.functions import dot
        >>> Names(dot(q, k)).weighted_sum(dot(q, k)), Names(dot(k, [1.0, 2.0])).weighted_sum(dot(k, [1.0, 2.0], 3.0))
        ('q·k', 'dot + 3')
        """
        names = [self.operand(node, i).text for i in range(len(node.operands) - 1)]
        half = len(names) // 2
        stems = [{_stem(name) for name in part} for part in (names[:half], names[half:])]
        known = all(len(stem) == 1 and "" not in stem for stem in stems)
        pairs = "·".join(stem.pop() for stem in stems) if known else "dot"
        bias = node.operands[-1]
        if bias.__class__ is not Value:
            return f"{pairs} + {number(bias).text}" if bias else pairs
        return f"{pairs} + {_stem(self(bias).text) or 'b'}"

    def _inputs(self) -> dict[int, Role]:
        """Return the place of each leaf that a weight of the first layer multiplies, by its id."""
        found: dict[int, Role] = {}
        for node in self.order:
            for _, operand, weight in weight_inputs(node):
                leaf = operand.__class__ is Value and operand.operation is None and operand.role is None
                role = self.view.roles[id(weight)]
                if leaf and role.layer == 1:
                    found.setdefault(id(operand), _input(role))
        return found

    def _steps(self) -> dict[int, int]:
        """Return how many nodes lie between a node and the root, on the longest way, by its id."""
        steps = dict.fromkeys(map(id, self.order), 0)
        for node in reversed(self.order):
            for parent in node.parents:
                steps[id(parent)] = max(steps[id(parent)], steps[id(node)] + 1)
        return steps

    def is_input(self, leaf: Value) -> bool:
        """Tell whether a net reads this leaf as an input."""
        return id(leaf) in self._read

    def _numbered(self, taken: Any) -> dict[int, int]:
        """Number the nodes without a name, and those that share one; no numbered name is another's label."""
        next_of: Counter[str] = Counter()
        indices = {}
        again = [node for node in self.order if id(node) in self._roles and self._bases[id(node)] not in self._single]
        others = [node for node in self.order if id(node) not in self._roles]
        in_groups = any(node.group is not None for node in others)
        steps = self._steps() if again or in_groups else {}
        again.sort(key=lambda node: -steps[id(node)])  # by the steps of a recurrent net: the same for all units
        if in_groups:  # the nodes of its first step before those of the next one
            others.sort(key=lambda node: -steps[id(node)])
        for node in chain(again, others):
            base = self._bases.get(id(node), "")
            if base in self._single:
                continue
            index = next_of[base] + 1
            while any(
                name in taken for name in ([f"{base}[{index}]"] if base else [f"v{index}", f"v{sub(str(index))}"])
            ):
                index += 1
            next_of[base] = indices[id(node)] = index
        return indices


def is_cost(root: Value) -> bool:
    """Tell whether a result compares outputs of a net with targets by a loss.

    A row knows a target; a difference goes on, as into a square; or a logarithm is subtracted. Scaled and shifted
    outputs are outputs still.

    >>> from autograd_lite.nn import MLP, cross_entropy
    >>> out = MLP(2, [1])([1.0, 2.0])
    >>> [is_cost(v) for v in ((out - 1.0) ** 2, -out.log(), cross_entropy(MLP(1, [2])([1.0]), 0), out * 2 - 1, -out)]
    [True, True, True, False, False]
    """
    start = root, False, False  # a value made of outputs; is it bent on the way to the root? is it subtracted?
    met, stack = {(id(root), False, False)}, [start]
    while stack:
        value, bent, subtracted = stack.pop()
        row = value.operation
        if row is None or row.formula is None:
            continue
        differs = row.symbol == "−"
        if row.target or (differs and bent) or (row.name.startswith("log") and subtracted):
            return True
        bent, subtracted = bent or _bends(value), subtracted or differs
        for parent in value.parents:
            if parent.op and parent.role is None and (key := (id(parent), bent, subtracted)) not in met:
                met.add(key)
                stack.append((parent, bent, subtracted))
    return False


def _bends(value: Value) -> bool:
    """Tell whether a value is no linear function of the computed ones that it is made from: a derivative names them."""
    row = value.operation
    assert row is not None
    grouped = [x if x.__class__ is list else [x] for x in row.group(value.operands)]
    made = [any(x.__class__ is Value and x.op for x in operands) for operands in grouped]
    names = {"out", *compress(row.operands, made)}
    return any(not names.isdisjoint(_names_in(text)) for text in compress(row.textbook or row.partials, made))


_names_in = lru_cache(names_in)


def weight_inputs(node: Value) -> Iterator[tuple[int, Any, Any]]:
    """Yield (position, operand, weight) for each weight in w·a, or in w1 a1 + … + wn an + b, and its operand."""
    operands = node.operands
    weights = [i for i, v in enumerate(operands) if v.__class__ is Value and v.role and v.role.symbol == "w"]
    for i in weights:
        other = (i + len(weights)) % len(operands)
        yield other, operands[other], operands[i]


def _input(weight: Role) -> Role:
    return Role("x", 0, weight.source or 1)


def _stem(name: str) -> str:
    """Return the letter of a name like w, w1 or w₁₂⁽¹⁾, "" of any other."""
    found = re.fullmatch(r"([^\W\d_])[\d_,₀-₉⁰-⁹¹²³⁽⁾()\[\]]*", name)
    return found[1] if found and found[1] != "v" else ""


def input_name(weight: Role) -> Text:
    """Return the name of the input that a weight of the first layer multiplies."""
    return role_name(_input(weight))


def is_weighted_sum(node: Value) -> bool:
    """Tell whether a node is a sum of products of two lists, w·a + b."""
    row = node.operation
    return row is not None and row.is_weighted_sum


def _indexed(name: Text, index: int) -> Text:
    return Text(f"{name.text}[{index}]", f"{name.latex}[{index}]", name.loose)


def is_chain(roles: Collection[Role]) -> bool:
    """Tell whether each layer has one unit, so that names leave the unit out; False for a part of a net."""
    return any(r.output for r in roles) and all(r.unit == 1 and r.source in (None, 1) for r in roles)


@lru_cache(maxsize=4096)
def role_name(role: Role, chain: bool = False) -> Text:
    """Return the course's name for a place in a net; in a chain without the unit.

    >>> role_name(Role("w", 2, 3, 1)).text, role_name(Role("x", 0, 2)).text, role_name(Role("w", 2, 1, 1), True).text
    ('w₁₃⁽²⁾', 'x₂', 'w⁽²⁾')
    """
    comma = "," if role.source is not None and max(role.source, role.unit) > 9 else ""
    unit = "" if chain else f"{'' if role.source is None else role.source}{comma}{role.unit}"
    symbol = named(role.symbol)
    text = symbol.text + sub(unit) + (sup(f"({role.layer})") if role.layer else "")
    latex = symbol.latex + (f"_{{{unit}}}" if unit else "") + (f"^{{({role.layer})}}" if role.layer else "")
    return Text(text, latex)
