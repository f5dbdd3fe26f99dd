"""Recognise the weighted sums that a user wrote by hand: `b + w1 * x1 + w2 * x2 + …` is one `dot` on the tape.

No bit may change, of the result or of a gradient. The result adds the same products in the same order. A gradient is a
sum over a value's uses, last use first. A joined chain hands all its gradients on when its last addition would, so a
product joins only if its factors have no other use between the two.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from autograd_lite.ops import TABLE, Op

ADD, MUL, SUM, DOT = (TABLE[name] for name in ("add", "mul", "sum", "dot"))


@dataclass(slots=True)
class Draft:
    """A graph on its way to the tape, in numbers.

    Nodes have the numbers from 0 on, operands before results; leaves, which are parameters, constants and arguments,
    have those from `first_leaf` on.
    """

    first_leaf: int
    zero: int  # the number of the constant -0.0, from which a sum may start: -0.0 + p is p for every p
    rows: list[Op] = field(default_factory=list)
    starts: array[int] = field(default_factory=lambda: array("l", [0]))  # where a node's operands start, and the end
    operands: array[int] = field(default_factory=lambda: array("l"))  # by number
    kept: set[int] = field(default_factory=set)  # needed not by the nodes alone: outputs, compared, detached

    def add(self, row: Op, operands: Sequence[int]) -> None:
        """Add a node."""
        self.rows.append(row)
        self.operands.extend(operands)
        self.starts.append(len(self.operands))

    def at(self, node: int) -> array[int]:
        """Return the operands of a node."""
        return self.operands[self.starts[node] : self.starts[node + 1]]


@dataclass(slots=True)
class _Chain:
    """A weighted sum that may still grow."""

    start: int  # the start of the sum
    parts: list[int]  # the nodes that the chain replaces: its products in order, and the sums between them
    limit: int  # the next use of anything that it reads: it must end before, so it reads nothing twice


def joined(draft: Draft) -> tuple[Draft, Sequence[int]]:
    """Return the draft with its chains joined, and the new number of each node (-1 for one that is gone)."""
    chains = _chains(draft) if MUL in draft.rows and (ADD in draft.rows or SUM in draft.rows) else {}
    if not chains:
        return draft, range(len(draft.rows))
    gone = {part for chain in chains.values() for part in chain.parts}
    number = array("l")
    short = Draft(draft.first_leaf, draft.zero)
    for node, row in enumerate(draft.rows):
        if node in gone:
            number.append(-1)
            continue
        number.append(len(short.rows))
        operands: Sequence[int] = draft.at(node)
        if (chain := chains.get(node)) is not None:
            factors = [draft.at(part) for part in chain.parts if draft.rows[part] is MUL]
            row, operands = DOT, [*[w for w, _ in factors], *[x for _, x in factors], chain.start]
        short.add(row, [number[x] if x < draft.first_leaf else x for x in operands])
    return short, number


def _chains(draft: Draft) -> dict[int, _Chain]:
    """Return the chains of a draft by the node that ends each."""
    rows, starts, operands = draft.rows, draft.starts, draft.operands
    following = _following(draft)
    uses = Counter(operands)
    for node in draft.kept:
        uses[node] = 2
    lone = {node for node, row in enumerate(rows) if row is MUL and uses[node] == 1}  # products that no other node uses
    chains: dict[int, _Chain] = {}
    single: dict[int, tuple[int, int]] = {}  # sums with one product so far, which most keep: start, product

    def grown(chain: _Chain, node: int, end: int) -> bool:
        """Add a product to a chain that ends at node `end`; False, and nothing done, where an order would change."""
        i = starts[node]
        limit = min(chain.limit, following[i], following[i + 1])
        if end >= limit:
            return False
        chain.parts.append(node)
        chain.limit = limit
        return True

    for end, row in enumerate(rows):
        if row is ADD:
            k = starts[end]
            left, right = operands[k], operands[k + 1]
            from_left, from_right = left in lone, right in lone
            if from_left and from_right:
                products: Sequence[int] = (left, right)
            elif from_left or from_right:
                start, node = (left, right) if from_right else (right, left)
                last = chains.get(start) if uses[start] == 1 else None
                if last is None and start in single and uses[start] == 1:
                    first, only = single[start]
                    last = _Chain(first, [], following[starts[start] + (operands[starts[start]] != first)])
                    last = last if grown(last, only, start) else None
                if last is not None and grown(last, node, end):
                    last.parts.append(start)
                    chains.pop(start, None)
                    chains[end] = last
                    continue
                single[end] = start, node
                continue
            else:
                continue
        elif row is SUM and lone.issuperset(draft.at(end)):
            products = draft.at(end)
        else:
            continue
        chain = _Chain(draft.zero, [], len(rows))
        if all([grown(chain, node, end) for node in products]):
            chains[end] = chain
    return chains


def _following(draft: Draft) -> array[int]:
    """Return for each operand the node that uses the same value next; among those of one node, that node itself."""
    count, starts, operands = len(draft.rows), draft.starts, draft.operands
    following = array("l", bytes(operands.itemsize * len(operands)))
    next_use: dict[int, int] = {}
    known = next_use.get
    for node in range(count - 1, -1, -1):
        for k in range(starts[node + 1] - 1, starts[node] - 1, -1):
            code = operands[k]
            following[k] = known(code, count)
            next_use[code] = node
    return following
