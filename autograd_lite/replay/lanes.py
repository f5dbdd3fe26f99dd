"""A tape laid out for many rows side by side: which slots vary from row to row, and the line of each one that does.

What the arrays mean stands in `kernel/loops.c`. Weighted sums of the same inputs, the units of a layer, stand side by
side and run together. No bit of a result may change. They hand on their gradients when the first of them would, so a
unit joins only if no node between the two uses its inputs.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd_lite.replay.tape import Tape

TAKEN = -1  # as in loops.c
# Lanes, of a short tape and of longer ones. They are no power of two: the lines of a layer would share a few places of
# the processor's cache.
WIDTHS = (120, 56, 24, 8)
NEAR = 1 << 20  # bytes that stay near the processor


def _ints() -> array[int]:
    return array("i")


@dataclass(slots=True)
class Lanes:
    """The arrays of a tape for many rows."""

    nodes: list[int] = field(default_factory=list)  # those that vary, in the order in which they run
    codes: array[int] = field(default_factory=lambda: array("H"))
    starts: array[int] = field(default_factory=lambda: array("i", [0]))
    operands: array[int] = field(default_factory=_ints)
    to: array[int] = field(default_factory=_ints)
    live: bytearray = field(default_factory=bytearray)
    units: array[int] = field(default_factory=_ints)
    fill: array[int] = field(default_factory=_ints)
    output: array[int] = field(default_factory=_ints)
    guards: list[array[int]] = field(default_factory=list)  # left and right
    used: array[int] = field(default_factory=_ints)
    seed_use: int = -1
    ranges: array[int] = field(default_factory=_ints)  # of nodes that run once
    first: int = 0
    width: int = WIDTHS[0]


def lanes_of(tape: Tape, codes: Sequence[int]) -> Lanes:
    """Lay a tape out, given the code of each of its rows."""
    plan = _Plan(tape)
    lanes = Lanes(nodes=plan.order())
    filled = plan.filled()
    lanes.fill.extend(filled)
    lanes.first = 1 + tape.arguments + len(filled)
    line = {slot: 1 + i for i, slot in enumerate(range(tape.first_argument, tape.first_node))}
    line.update({slot: 1 + tape.arguments + i for i, slot in enumerate(filled)})
    line.update({tape.first_node + node: lanes.first + i for i, node in enumerate(lanes.nodes)})
    uses = plan.number_uses(lanes)
    for node in lanes.nodes:
        slots, use = plan.slots(node), uses.get(node, 0)
        lanes.codes.append(codes[tape.row[node]])
        lanes.live.append(tape.live[tape.first_node + node])
        lanes.units.append(plan.units.get(node, 0))
        if node in plan.inputs:
            inputs, weights = plan.inputs[node]
            lanes.operands.extend([line[slot] for slot in inputs])
            lanes.operands.extend(weights)
            lanes.to.extend([line[slot] if tape.live[slot] else 0 for slot in inputs])
            lanes.to.extend([~(use + k) for k in range(len(weights))])
        else:
            lanes.operands.extend([line[slot] for slot in slots])
            for slot in slots:
                if not tape.live[slot]:
                    lanes.to.append(0)
                elif plan.varies[slot]:
                    lanes.to.append(line[slot])
                else:
                    lanes.to.append(~use)
                    use += 1
        lanes.starts.append(len(lanes.operands))
    lanes.output.extend([line[slot] for slot in tape.outputs])
    lanes.guards = [array("i", [line[slot] for slot in side]) for side in plan.compared()]
    lanes.ranges.extend(_ranges(plan.varies[tape.first_node :]))
    lines = lanes.first + len(lanes.nodes)
    lanes.width = next((width for width in WIDTHS if 16 * width * lines <= NEAR), WIDTHS[-1])
    return lanes


class _Plan:
    """The slots of a tape that vary, its weighted sums with uniform weights, and those of them that run together."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.varies = bytearray(tape.slots)
        self.varies[tape.first_argument : tape.first_node] = b"\1" * tape.arguments
        self.inputs: dict[int, tuple[Sequence[int], Sequence[int]]] = {}  # of a weighted sum: inputs; weights, bias
        self.units: dict[int, int] = {}  # of the first unit of a layer: how many there are; of the others: TAKEN
        self._together: dict[int, list[int]] = {}  # the layers, by their first unit
        self.varying: list[int] = []
        weighted = [row.is_weighted_sum for row in tape.rows]
        last: dict[int, int] = {}  # the node that used a slot last
        begun: dict[Any, list[int]] = {}  # layers that a unit may still join, by their inputs
        varies = self.varies
        for node in range(tape.nodes):
            slots = self.slots(node)
            if not any([varies[slot] for slot in slots]):
                continue
            varies[tape.first_node + node] = 1
            self.varying.append(node)
            if weighted[tape.row[node]]:
                self._weigh(node, slots, last, begun)
            for slot in slots:
                last[slot] = node

    def slots(self, node: int) -> Sequence[int]:
        return self.tape.operands_of(node)

    def _weigh(self, node: int, slots: Sequence[int], last: dict[int, int], begun: dict[Any, list[int]]) -> None:
        """Note a weighted sum of different inputs whose weights and bias are uniform, and let it join a layer."""
        n = len(slots) // 2
        a, b, bias = slots[:n], slots[n : 2 * n], slots[2 * n]
        varies = self.varies
        if any([varies[slot] for slot in b]):
            a, b = b, a
        if not n or varies[bias] or not all([varies[x] for x in a]) or any([varies[w] for w in b]) or len({*a}) < n:
            return
        self.inputs[node] = a, [*b, bias]
        key = a.tobytes(), self.tape.live[self.tape.first_node + node]  # type: ignore[attr-defined]
        layer = begun.get(key)
        if layer is None or any([last[x] != layer[-1] for x in a]):
            layer = begun[key] = self._together[node] = []
        layer.append(node)
        self.units[node] = TAKEN
        self.units[layer[0]] = len(layer)

    def order(self) -> list[int]:
        """Return the nodes in the order in which they run."""
        return [n for node in self.varying if self.units.get(node) != TAKEN
                for n in self._together.get(node, [node])]  # fmt: skip

    def compared(self) -> tuple[list[int], list[int]]:
        guards = self.tape.guards
        return [guard.left for guard in guards], [guard.right for guard in guards]

    def filled(self) -> list[int]:
        """Return the uniform slots that need a line of their own, because their node runs on lines."""
        found: dict[int, None] = {}
        operands = (slot for node in self.varying if node not in self.inputs for slot in self.slots(node))
        for some in (operands, self.tape.outputs, *self.compared()):
            found.update(dict.fromkeys([slot for slot in some if not self.varies[slot]]))
        return [*found]

    def number_uses(self, lanes: Lanes) -> dict[int, int]:
        """Number the uses of uniform slots in the order of backward; return each node's first."""
        tape, varies, used = self.tape, self.varies, lanes.used
        found = {}
        if not varies[tape.outputs[0]] and tape.live[tape.outputs[0]]:
            lanes.seed_use = 0
            used.append(tape.outputs[0])
        for node in reversed(self.varying):
            if not tape.live[tape.first_node + node]:
                continue
            found[node] = len(used)
            if node in self.inputs:
                used.extend(self.inputs[node][1])
            else:
                used.extend([slot for slot in self.slots(node) if tape.live[slot] and not varies[slot]])
        return found


def _ranges(varies: Sequence[int]) -> Iterator[int]:
    """Yield where the nodes that do not vary begin, and where they end, range by range."""
    before = 1
    for node, one in enumerate([*varies, 1]):
        if one != before:
            yield node
        before = one
