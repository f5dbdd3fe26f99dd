"""Arrows: from every operand to its result, with the local derivative; between folded cards, the weight."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd_lite.drawing.context import Survey, largest, told_grad
from autograd_lite.drawing.fold import Key
from autograd_lite.drawing.palette import BLUE, FAINT, NOWHERE, ORANGE, UNSEEN, Stroke, ink, share, stroke
from autograd_lite.drawing.scene import Card, Edge, Row
from autograd_lite.engine import Value
from autograd_lite.notation.names import input_name, is_weighted_sum, weight_inputs
from autograd_lite.notation.text import full, number, plural

__all__ = ["Arrows"]

CHIPS = 12  # number operands of one node that are drawn one by one
FEW = 40  # arrows between folded cards that are still drawn with their numbers

TWINS = 4  # arrows between the same two values that are drawn side by side

Use = tuple[Value, Any, float | None, int]  # result, operand, partial (None for a number), position
Links = dict[tuple[str, str], list[tuple[Value, Value, float]]]  # between two cards: result, operand, partial


@dataclass(slots=True)
class Arrows:
    """Draws the arrows, and the chips of numbers that they start from, onto a growing list of cards."""

    survey: Survey
    card_of: Mapping[int, str]  # by the id of the value
    cards: list[Card]
    merge: bool = True  # more than a few arrows between the same two values into one
    edges: list[Edge] = field(default_factory=list)
    chips: dict[str, str] = field(default_factory=dict)  # number card -> the card that uses it
    widest: float = 0.0  # the largest flow on an arrow

    def draw(self, groups: Mapping[Key, list[Value]]) -> None:
        """Draw every use of an operand by a card of its own, and one arrow for all uses between two other cards."""
        single: list[Use] = []
        many: Links = defaultdict(list)
        chips: dict[tuple[str, Any, float], list[Value]] = defaultdict(list)
        for key, members in groups.items():
            if key[0] == "folded":
                for value in members:
                    for parent in value.parents:
                        if (tail := self.card_of[id(parent)]) != self.card_of[id(value)]:
                            many[tail, self.card_of[id(value)]].append((value, parent, math.nan))
                continue
            for value in members:
                if key[0] == "value":
                    single += self._own_arrows(value, many)
                    continue
                head = self.card_of[id(value)]
                for parent, partial in zip(value.parents, value.partials, strict=True):
                    if (tail := self.card_of[id(parent)]) != head:
                        many[tail, head].append((value, parent, partial))
                if self.survey.mode == "neuron":
                    for _, operand, weight in weight_inputs(value):
                        if not isinstance(operand, Value):
                            chips[head, weight.role.source, operand].append(weight)
        self._single_arrows(single)
        dense = len(many) + len(chips)
        self._bundles(many, dense)
        self._input_chips(chips, dense)
        order = {card.id: i for i, card in enumerate(self.cards)}
        self.edges.sort(key=lambda edge: order[edge.head])  # stable: operands keep their order

    def _own_arrows(self, value: Value, many: Links) -> Iterator[Use]:
        """Yield the uses that get an arrow each; the uses of what is folded go to `many`."""
        head = self.card_of[id(value)]
        for operand, partial, position in _uses(value):
            if isinstance(operand, Value) and self.survey.keys.get(id(operand), ("",))[0] == "folded":
                many[self.card_of[id(operand)], head].append((value, operand, partial or 0.0))
            else:
                yield value, operand, partial, position

    def _single_arrows(self, uses: Sequence[Use]) -> None:
        flows = {i: self._flow(out, x, d) for i, (out, x, d, _) in enumerate(uses) if d is not None}
        twins = self._twins(uses)
        self.widest = largest([*flows.values(), *(sum(flows[i] for i in places) for places in twins.values())])
        crowd = Counter(id(out) for out, operand, _, _ in uses if not isinstance(operand, Value))
        seen: set[tuple[int, ...]] = set()
        for i, (out, operand, partial, position) in enumerate(uses):
            head = self.card_of[id(out)]
            if isinstance(operand, Value):
                assert partial is not None
                ends = id(operand), id(out)
                if ends not in twins:
                    self._arrow(self.card_of[id(operand)], head, out, operand, partial, flows[i], position)
                elif ends not in seen:
                    seen.add(ends)
                    self._thick_arrow([uses[j] for j in twins[ends]], sum(flows[j] for j in twins[ends]))
            elif crowd[id(out)] <= CHIPS:
                name = self.survey.names.input(out, position)
                text = number(operand, 4).text if name is None else f"{name.text} = {number(operand, 4).text}"
                self._chip(text, head, f"the number {full(operand)}")
            elif (id(out),) not in seen:
                seen.add((id(out),))
                self._chip(plural(crowd[id(out)], "number"), head, "numbers have no gradient")

    def _twins(self, uses: Sequence[Use]) -> dict[tuple[int, int], list[int]]:
        """Return the places of the uses that share an arrow, by the ids of its ends."""
        found: dict[tuple[int, int], list[int]] = defaultdict(list)
        for i, (out, operand, _, _) in enumerate(uses if self.merge else ()):
            if isinstance(operand, Value):
                found[id(operand), id(out)].append(i)
        return {ends: places for ends, places in found.items() if len(places) > TWINS}

    def _flow(self, out: Value, operand: Value, partial: float) -> float:
        """Return what colour and width of an arrow stand for; in a folded picture, the number on it."""
        if self.survey.folded:
            return partial
        return self.survey.flow.amount(out, operand, partial)

    def _arrow(
        self, tail: str, head: str, out: Value, operand: Value, partial: float, flow: float, position: int
    ) -> None:
        told = self._told(out, operand, full(partial), flow)
        if sum(x is operand for x in out.parents) > 1:
            told += f"\noperand {position + 1} of {len(out.operands)}"
        lit = self.survey.is_lit(out, operand)
        label = number(partial, 3).text if self.survey.partials else ""
        self._edge(tail, head, label, self._stroke(flow), told, lit=lit, ink=ink(partial))

    def _told(self, out: Value, operand: Value, local: str, flow: float) -> str:
        """Return the tooltip of an arrow: the local derivative, and what flows."""
        a, b = self.survey.name(out), self.survey.name(operand)
        told = f"local derivative ∂{a}/∂{b} = {local}"
        if self.survey.folded or math.isnan(flow):
            return told
        return f"{told}, {self.survey.flow.does.format(full(flow), b)}"

    def _thick_arrow(self, uses: Sequence[Use], flow: float) -> None:
        """Draw one arrow for all uses of an operand by one result: how often, and what the partials add up to."""
        out, operand = uses[0][:2]
        partials = [partial for _, _, partial, _ in uses if partial is not None]
        whole, each = sum(partials), set(partials)
        label = plural(len(uses), "use")
        if self.survey.partials:
            label = (
                f"{len(uses):,} × {number(partials[0], 3).text}"
                if len(each) == 1
                else f"{label}: Σ {number(whole, 3).text}"
            )
        told = f"{plural(len(uses), 'use')}; {self._told(out, operand, f'{full(whole)} in all', flow)}"
        lit = self.survey.is_lit(out, operand)
        ends = self.card_of[id(operand)], self.card_of[id(out)]
        self._edge(*ends, label, self._stroke(flow), told, lit=lit, ink=ink(whole))

    def _stroke(self, flow: float, crowd: int = 1) -> Stroke:
        """Return the look of an arrow; one in a crowd is thinner, and never in dashes."""
        if crowd > FEW and not math.isnan(flow):
            strength = share(flow, self.widest) ** 2
            colour = NOWHERE if flow == 0.0 else BLUE if flow < 0.0 else ORANGE
            return Stroke(colour, round(0.25 + 1.6 * strength, 2))
        return stroke(flow, self.widest)

    def _edge(
        self,
        tail: str,
        head: str,
        label: str,
        look: Stroke,
        told: str,
        arrow: bool = True,
        lit: bool = True,
        ink: str = FAINT,
    ) -> None:
        self.edges.append(
            Edge(f"e{len(self.edges)}", tail, head, label, look.colour, look.width, told, arrow, lit, look.dashed, ink)
        )

    def _chip(self, text: str, head: str, told: str) -> None:
        id_ = f"c{len(self.cards)}"
        self.chips[id_] = head
        lit = self.survey.lit is None
        self.cards.append(Card(id_, "constant", text, "", (), told, True, False, lit))
        self._edge(id_, head, "", Stroke(NOWHERE, 0.9), told, lit=lit)

    def _bundles(self, many: Links, crowd: int) -> None:
        """Draw the arrows between folded cards: a weight where it is one, else a count."""
        slopes = {
            ends: links[0][2] if len({link[2] for link in links}) == 1 else math.nan for ends, links in many.items()
        }
        if self.survey.mode == "neuron":
            self.widest = max(self.widest, largest(slopes.values()))
        for (tail, head), links in many.items():
            out, operand, partial = links[0]
            lit = any(self.survey.is_lit(o, p) for o, p, _ in links)
            if self.survey.mode == "neuron" and not math.isnan(slopes[tail, head]):
                told = self._told_weight(out, operand, partial)
                label = number(partial, 3).text if self.survey.partials and crowd <= FEW else ""
                self._edge(tail, head, label, self._stroke(partial, crowd), told, crowd <= FEW, lit, ink(partial))
            else:
                label = f"{len(links):,}" if len(links) > 1 and crowd <= FEW else ""
                look = Stroke(UNSEEN, round(min(4.0, 1.0 + math.log10(len(links))), 2))
                self._edge(tail, head, label, look, plural(len(links), "use"), lit=lit)

    def _told_weight(self, out: Value, operand: Value, partial: float) -> str:
        weight = next((weight for _, o, weight in weight_inputs(out) if o is operand), None)
        if weight is None:
            return f"local derivative {full(partial)}"
        return f"{self.survey.name(weight)} = {full(weight.data)} {told_grad(weight)}"

    def _input_chips(self, chips: Mapping[tuple[str, Any, float], Sequence[Any]], crowd: int) -> None:
        """Draw each number that a net reads once, as x with an index."""
        cards: dict[tuple[Any, float], str] = {}
        if len({key[1:] for key in chips}) > FEW:
            return
        self.widest = max(self.widest, largest(w.data for ws in chips.values() for w in ws[:1]))
        for (head, source, data), weights in chips.items():
            weight = weights[0]
            if (source, data) not in cards:
                cards[source, data] = id_ = f"c{len(self.cards)}"
                name = input_name(weight.role).text
                self.cards.append(
                    Card(
                        id_,
                        "constant",
                        name,
                        "",
                        (Row("data", number(data, 4).text),),
                        f"{name} = {full(data)}, a number: no gradient",
                        True,
                        False,
                        self.survey.lit is None,
                    )
                )
            told = f"{self.survey.name(weight)} = {full(weight.data)} {told_grad(weight)}"
            lit = any(map(self.survey.is_lit, weights))
            label = number(weight.data, 3).text if self.survey.partials and crowd <= FEW else ""
            look = self._stroke(weight.data, crowd)
            self._edge(cards[source, data], head, label, look, told, crowd <= FEW, lit, ink(weight.data))


def _uses(value: Value) -> Iterator[tuple[Any, float | None, int]]:
    """Yield each operand with its partial (None for a number) and its position; not a bias 0 that nobody gave."""
    partials = iter(value.partials)
    last = len(value.operands) - 1 if is_weighted_sum(value) else -1
    for position, operand in enumerate(value.operands):
        if isinstance(operand, Value):
            yield operand, next(partials), position
        elif position != last or operand:
            yield operand, None, position
