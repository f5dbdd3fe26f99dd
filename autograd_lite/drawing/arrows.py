"""Arrows: from every operand to its result, with the local derivative; between folded cards, the weight."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from autograd_lite.drawing.context import Context, largest
from autograd_lite.drawing.fold import Key
from autograd_lite.drawing.palette import Stroke
from autograd_lite.drawing.scene import Card, Edge, Row
from autograd_lite.drawing.shown import grad_of
from autograd_lite.engine import Value
from autograd_lite.notation.names import input_name, is_weighted_sum, weight_inputs
from autograd_lite.notation.text import full, number
from autograd_lite.words import say

__all__ = ["Arrows"]

CONSTANTS = 12  # number operands of one node that are drawn one by one
FEW = 40  # arrows between folded cards that are still drawn with their numbers
PARALLEL = 4  # arrows between the same two values that are drawn side by side


class Use(NamedTuple):
    """One use of an operand, a Value or a number."""

    out: Value
    operand: Any
    partial: float  # nan for a number, and where it is not looked at
    position: int  # among the operands
    weight: Value | None = None  # that multiplies the operand in a net


@dataclass(slots=True)
class Arrows:
    """Draws the arrows, and the constants that some start from, onto a growing list of cards."""

    context: Context
    card_of: Mapping[int, str]  # by the id of the value
    cards: list[Card]
    merge: bool = True  # more than a few arrows between the same two values into one
    edges: list[Edge] = field(default_factory=list)
    constants: dict[str, str] = field(default_factory=dict)  # card of a number -> the card that uses it
    max_flow: float = 0.0  # on any arrow

    def draw(self, groups: Mapping[Key, list[Value]]) -> None:
        """Draw an arrow for each use of an operand by a card of one value, and one for all uses between other cards."""
        alone: list[Use] = []
        bundles: dict[tuple[str, str], list[Use]] = defaultdict(list)  # by tail and head
        inputs: dict[tuple[str, int, float], list[Use]] = defaultdict(list)  # by head, index and number
        for key, members in groups.items():
            for value in members:
                head = self.card_of[id(value)]
                for use in _uses(value):
                    if not isinstance(use.operand, Value):
                        if key.kind == "value":
                            alone.append(use)
                    elif key.kind == "value" and not self._is_folded(use.operand):
                        alone.append(use)
                    elif self._is_own_weight(use.operand, key):
                        continue
                    elif (tail := self.card_of[id(use.operand)]) != head:
                        bundles[tail, head].append(use._replace(partial=math.nan) if key.kind == "folded" else use)
                if self.context.mode == "neuron" and key.kind != "folded" and key.kind != "value":
                    for position, operand, weight in weight_inputs(value):
                        if not isinstance(operand, Value):
                            use = Use(value, operand, weight.data, position, weight)
                            inputs[head, weight.role.source, operand].append(use)
        self._draw_alone(alone)
        bundles.update(self._draw_inputs(inputs))
        self._draw_bundles(bundles)
        order = {card.id: i for i, card in enumerate(self.cards)}
        self.edges.sort(key=lambda edge: order[edge.head])  # stable: operands keep their order

    def _is_own_weight(self, value: Value, key: Key) -> bool:
        """Tell whether a value is a weight of the neuron on a card, which lies on the card of an earlier step."""
        home = self.context.keys.get(id(value))
        return key.kind == "neuron" and not value.op and home is not None and home[:3] == key[:3]

    def _is_folded(self, value: Value) -> bool:
        key = self.context.keys.get(id(value))
        return key is not None and (key.kind in ("folded", "alike") or len(key.names) > 1)

    def _draw_alone(self, uses: Sequence[Use]) -> None:
        """Draw an arrow for each use; one for all, where many lie side by side."""
        together: dict[tuple[int, int], list[Use]] = defaultdict(list)
        numbers: Counter[int] = Counter()
        for use in uses:
            if isinstance(use.operand, Value):
                together[id(use.operand), id(use.out)].append(use)
            else:
                numbers[id(use.out)] += 1
        parallel = {ends: same for ends, same in together.items() if self.merge and len(same) > PARALLEL}
        flows = [self._flow(use) for same in together.values() for use in same]
        self.max_flow = largest([*flows, *(sum(map(self._flow, same)) for same in parallel.values())])
        done: set[object] = set()
        for use in uses:
            ends = id(use.operand), id(use.out)
            if isinstance(use.operand, Value):
                if ends not in done:
                    self._draw_arrow(parallel.get(ends, [use]))
                done |= {ends} & parallel.keys()
            elif numbers[id(use.out)] <= CONSTANTS:
                name = self.context.names.input(use.out, use.position)
                text = number(use.operand, 4).text
                self._draw_constant(use, text if name is None else f"{name.text} = {text}")
            elif id(use.out) not in done:
                done.add(id(use.out))
                self._draw_constant(use, say("picture.numbers", count=numbers[id(use.out)]), say("picture.no_gradient"))

    def _flow(self, use: Use) -> float:
        """Return the amount that an arrow's colour and width stand for; in a folded picture, the number on it."""
        shown = self.context.shown
        if self.context.folded:
            return use.partial
        if not (shown.knows(use.out) and shown.knows(use.operand)) or (id(use.out), use.position) in shown.gaps:
            return math.nan
        return self.context.flow.amount(use.out, use.operand, use.partial)

    def _draw_arrow(self, uses: Sequence[Use]) -> None:
        """Draw one arrow for all uses of an operand by one result, with their count and the sum of the partials."""
        out, operand, partial, position, _ = uses[0]
        local, flow = sum(use.partial for use in uses), sum(map(self._flow, uses))
        label, hidden = number(local, self.context.shown.digits[1]).text, ""
        a, b = self.context.name(out), self.context.name(operand)
        shown, gap, palette = self.context.shown, self.context.shown.gaps.get((id(out), position)), self.context.palette
        ratio = f"∂{a}/∂{b}"
        if shown.partials and not gap:
            key = "picture.local_all" if len(uses) > 1 else "picture.local"
            tooltip = say(key, ratio=ratio, number=full(local))
        else:
            tooltip = say("picture.local_only", number=ratio)
        if not self.context.folded and not math.isnan(flow):
            tooltip += f", {say(self.context.flow.does, amount=full(flow), name=b)}"
        if len(uses) > 1:
            count = say("picture.uses", count=len(uses))
            same = all(use.partial == partial for use in uses)
            label = f"{len(uses):,} × {number(partial, 3).text}" if same else f"{count}: Σ {label}"
            hidden, tooltip = count, f"{count}; {tooltip}"
        elif sum(x is operand for x in out.parents) > 1:
            tooltip += "\n" + say("picture.operand", i=position + 1, count=len(out.operands))
        ink, room = palette.ink(local), label
        if gap:
            label, ink = f"({gap})", palette.theme.ink
        elif not shown.partials:
            label = hidden
        ends = self.card_of[id(operand)], self.card_of[id(out)]
        stroke, highlighted = palette.stroke(flow, self.max_flow), self.context.is_highlighted(out, operand)
        self._add(*ends, label, stroke, tooltip, highlighted, ink=ink, room=room)

    def _draw_constant(self, use: Use, text: str, tooltip: str = "") -> None:
        tooltip = tooltip or say("picture.the_number", number=full(use.operand))
        highlighted, head = self.context.highlighted is None, self.card_of[id(use.out)]
        card = Card(f"c{len(self.cards)}", "constant", text, "", (), tooltip, compact=True, highlighted=highlighted)
        self.cards.append(card)
        self.constants[card.id] = head
        self._add(card.id, head, "", Stroke(self.context.palette.theme.border, 0.9), tooltip, highlighted)

    def _draw_inputs(self, inputs: Mapping[tuple[str, int, float], list[Use]]) -> dict[tuple[str, str], list[Use]]:
        """Draw each number that a net reads once, as x with an index, and return the uses by tail and head."""
        ids: dict[tuple[int, float], str] = {}
        if len({key[1:] for key in inputs}) > FEW:
            return {}
        for (_, source, data), uses in inputs.items():
            role = None if uses[0].weight is None else uses[0].weight.role
            if (source, data) not in ids and role is not None:
                ids[source, data] = id_ = f"c{len(self.cards)}"
                name, rows = input_name(role).text, (Row("data", number(data, 4).text),)
                tooltip = say("picture.number_no_gradient", name=name, number=full(data))
                highlighted = self.context.highlighted is None
                card = Card(id_, "constant", name, "", rows, tooltip, compact=True, highlighted=highlighted)
                self.cards.append(card)
        return {(ids[source, data], head): uses for (head, source, data), uses in inputs.items()}

    def _draw_bundles(self, bundles: Mapping[tuple[str, str], list[Use]]) -> None:
        """Draw the arrows between folded cards: a weight where it is one, else a count."""
        crowded = len(bundles) > FEW
        palette, neurons = self.context.palette, self.context.mode == "neuron"
        alike = {
            ends: neurons and all(use.partial == uses[0].partial for use in uses) for ends, uses in bundles.items()
        }
        self.max_flow = largest([self.max_flow, *(uses[0].partial for ends, uses in bundles.items() if alike[ends])])
        for (tail, head), uses in bundles.items():
            highlighted = any(self.context.is_highlighted(use.out, use.weight or use.operand) for use in uses)
            partial = uses[0].partial
            if alike[tail, head]:
                room = "" if crowded else number(partial, 3).text
                label = room if self.context.shown.partials else ""
                stroke, tooltip = palette.stroke(partial, self.max_flow, crowded), self._weight(uses[0])
                self._add(tail, head, label, stroke, tooltip, highlighted, ink=palette.ink(partial),
                          arrow=not crowded, room=room)  # fmt: skip
            else:
                label = f"{len(uses):,}" if len(uses) > 1 and not crowded else ""
                stroke = Stroke(palette.theme.line, round(min(4.0, 1.0 + math.log10(len(uses))), 2))
                self._add(tail, head, label, stroke, say("picture.uses", count=len(uses)), highlighted, counts=True)

    def _weight(self, use: Use) -> str:
        """Return the tooltip of an arrow that stands for a weight."""
        found = (weight for _, operand, weight in weight_inputs(use.out) if operand is use.operand)
        weight = use.weight or next(found, None)
        if weight is None:
            return say("picture.local_only", number=full(use.partial))
        numbers = f" = {full(weight.data)} {grad_of(weight)}" if self.context.shown.everything else ""
        return f"{self.context.name(weight)}{numbers}"

    def _add(self, tail: str, head: str, label: str, stroke: Stroke, tooltip: str, highlighted: bool, *,
             ink: str = "", arrow: bool = True, room: str = "", counts: bool = False) -> None:  # fmt: skip
        ink, room = ink or self.context.palette.theme.faint, "" if room == label else room
        edge = Edge(f"e{len(self.edges)}", tail, head, label, stroke, tooltip, arrow=arrow, highlighted=highlighted,
                    ink=ink, room=room, counts=counts)  # fmt: skip
        self.edges.append(edge)


def _uses(value: Value) -> Iterator[Use]:
    """Yield the use of each operand by a value; not of a bias 0 that was not given."""
    partials = iter(value.partials)
    last = len(value.operands) - 1 if is_weighted_sum(value) else -1
    for position, operand in enumerate(value.operands):
        if isinstance(operand, Value):
            yield Use(value, operand, next(partials), position)
        elif position != last or operand:
            yield Use(value, operand, math.nan, position)
