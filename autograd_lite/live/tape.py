"""The data of a page: the graph as a tape of slots, and the texts that its names and rules are written with.

Slots are the nodes, operands first, then the numbers that stand in nodes, the settings of rows among them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from autograd_lite.engine import Value, record, record_precomputed
from autograd_lite.explanation.paths import find_paths
from autograd_lite.harmless import LONGEST
from autograd_lite.idioms import has_no_formula, recorded_by_hand
from autograd_lite.live.walk import Walk
from autograd_lite.notation.local_derivatives import Derivatives, derivative, formula, prime
from autograd_lite.notation.text import Text, count, number
from autograd_lite.ops import Op
from autograd_lite.view import View, rebuilt
from autograd_lite.words import of_row

__all__ = ["Tape", "up_to_date"]

_GAP = re.compile(r"−\{([0-9]+)\}")  # in a template, the place of an operand
_BRACKETED = re.compile(rf"([^0-9A-Za-z\u0370-\u03ff\u2080-\u209c]|^)\(({_GAP.pattern})\)")  # not those of a function


def up_to_date(view: View) -> View:
    """Return a graph in which every node is computed from the leaves as they are now."""

    def again(node: Value, operands: tuple[Any, ...]) -> Any:
        if node.operation is None:
            return None
        if not has_no_formula(node) and not recorded_by_hand(node):
            return record(node.operation, operands)
        parents = tuple([x for x in operands if x.__class__ is Value])
        return record_precomputed(node.operation, node.data, operands, parents, node.partials)

    return View(rebuilt(view.order, again)[id(view.root)])


class Tape:
    """A graph as arrays, and what its nodes and arrows are called."""

    def __init__(self, walk: Walk) -> None:
        self.walk, self.names = walk, walk.names
        self.order: Sequence[Value] = walk.view.order
        self.slots = {id(node): i for i, node in enumerate(self.order)}
        self.numbers: list[float] = []
        self.rows: list[Op] = []
        self.row_of: dict[Any, int] = {}

    def data(self, wrt: Value | None) -> dict[str, Any]:
        """Return the data for the page's script."""
        view, names, order = self.walk.view, self.names, self.order
        nodes = [self._node(node) for node in order]
        root = names.root
        return {
            "nodes": nodes,
            "numbers": self.numbers,
            "start": [0 if node.parents and not has_no_formula(node) else node.data for node in order],  # else computed
            "leaves": [self.slots[id(leaf)] for leaf in view.leaves],
            "chosen": self.slots[id(wrt)] if wrt is not None else self._chosen(),
            "root": _text(root),
            "alias": root != names(view.root),
            "counts": [count(find_paths(order, leaf, 0).count).text for leaf in view.leaves],
            "rows": [_row_data(row) for row in self.rows],
        }

    def _chosen(self) -> int:
        """Return the leaf that is chosen first: the first parameter, or the first leaf of all."""
        leaves = self.walk.view.leaves
        cards = {card.id: card.kind for card in self.walk.scene.cards}
        kinds = [cards[self.walk.card(leaf)] for leaf in leaves]
        return self.slots[id(leaves[kinds.index("parameter") if "parameter" in kinds else 0])]

    def _slot(self, x: Any) -> int:
        if x.__class__ is Value:
            return self.slots[id(x)]
        self.numbers.append(x)
        return len(self.order) + len(self.numbers) - 1

    def _row(self, row: Op) -> int:
        """Return the index of a row; what is bound to other settings is the same one."""
        if row.forward not in self.row_of:
            self.row_of[row.forward] = len(self.rows)
            self.rows.append(row)
        return self.row_of[row.forward]

    def _node(self, node: Value) -> list[Any]:
        """Return the name of a node and more: of a leaf, how a program writes to it.

        Of others the template of the formula, the rules, the arrows, the operands and the row, and where there are any
        the length of the operands that are lists, two texts for a derivative named as in g'(z), the derivatives that
        are recorded, and the formula where it is another than the template with the names.
        """
        name, walk = self.names(node), self.walk
        row = node.operation
        if row is None:
            return _short(_text(name), self._python(node))
        template, written = self._template(node), walk.formula(node)[0].text
        arrows = [int(arrow.removeprefix("e")) for arrow in walk.arrows_to(node)]
        filled = _GAP.sub(lambda gap: self.names(node.operands[int(gap[1])]).text, _BRACKETED.sub(r"\1\2", template))
        own = "" if filled == written else written
        if has_no_formula(node):
            slots = [self.slots[id(parent)] for parent in node.parents]
            return _short(_text(name), template, self._rules(node), arrows, slots, -1, 0, 0, list(node.partials), own)
        slots = [self._slot(x) for x in (*node.operands, *row.settings)]
        length = next((len(x) for x in row.group(node.operands) if isinstance(x, list)), 0) if row.takes_lists else 0
        named = node.role is not None and node.role.symbol == "a" and len(node.parents) == 1
        primed = [_text(prime(node, self.names)), _text(derivative(node, 0, self.names, taken=False))] if named else 0
        row_index = self._row(row)
        return _short(_text(name), template, self._rules(node), arrows, slots, row_index, length, primed, 0, own)

    def _python(self, leaf: Value) -> str:
        """Return how a program writes to a leaf, as far as its label or its place in one net says it; else ""."""
        if leaf.label:
            return leaf.label if leaf.label.isidentifier() and len(leaf.label) <= LONGEST else ""
        role = leaf.role
        if role is None or role.layer == 0 or role.symbol not in "wb" or self.names.view.roles[id(leaf)] is not role:
            return ""
        neuron = f"model.layers[{role.layer - 1}].neurons[{role.unit - 1}]"
        return f"{neuron}.b" if role.symbol == "b" else f"{neuron}.w[{(role.source or 1) - 1}]"

    def _template(self, node: Value) -> str:
        """Return the formula of a node with −{i} in the place of operand i, in brackets where a minus needs them."""

        def spelled(i: int) -> Text:
            operand = node.operands[i]
            return Text(f"−{{{i}}}", "", True) if operand.__class__ is Value else number(operand)

        return formula(node, spelled).text

    def _rules(self, node: Value) -> list[list[Any]]:
        """Return for each parent the text of its local derivative, one a case; none where it is only a number."""
        rules = Derivatives(node, self.names)
        return [[_text(branch) for branch in rules.branches(i)] for i in range(len(node.parents))]


def _row_data(row: Op) -> dict[str, Any]:
    domain = "" if row.domain == "all reals" else of_row(row.domain)
    data = {"name": row.name, "rule": of_row(row.derivative_rule), "operands": list(row.operands),
            "list": row.takes_lists, "domain": domain, "hint": of_row(row.hint)}  # fmt: skip
    return {name: x for name, x in data.items() if x}


def _short(*entries: Any) -> list[Any]:
    """Return entries without those at the end that say nothing."""
    count = max(i for i, entry in enumerate(entries, 1) if entry)
    return list(entries[:count])


def _text(text: Text) -> list[Any] | str:
    """Return a text, with a mark where it needs brackets beside a product."""
    return [text.text, 1] if text.loose else text.text
