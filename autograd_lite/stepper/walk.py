"""The two passes as data, and the picture in which they are shown.

The picture is that of `draw` with the gradients of this one pass, which `.grad` need not hold: it may be of an earlier
pass, of several, or of none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from autograd_lite.drawing.build import build
from autograd_lite.drawing.context import BACKWARD, Flow, largest
from autograd_lite.drawing.palette import by_sign
from autograd_lite.drawing.scene import Row, Scene
from autograd_lite.engine import Value
from autograd_lite.explanation.local_derivatives import formula
from autograd_lite.explanation.steps import Step, backward_steps
from autograd_lite.graph import topological_order
from autograd_lite.notation.names import Names
from autograd_lite.notation.text import Text, full, number
from autograd_lite.stale import stale_leaves
from autograd_lite.unfold import unfolded

__all__ = ["MOST", "Walk", "walk"]

MOST = 1000  # values on one page, whoever asks: browsers grow slow
ARROWS = 4  # arrows for each value: a node of a thousand operands is not read, either


@dataclass(frozen=True, slots=True)
class Walk:
    """A graph about to be stepped through; maps lead from the id of a value to ids in the scene."""

    names: Names
    backward: tuple[Step, ...]  # of all nodes, the leaves among them
    stale: frozenset[int]  # leaves written since the graph was recorded
    scene: Scene
    cards: Mapping[int, str]
    arrows: Mapping[int, Sequence[str]]  # to a node, from its parents in their order
    chips: Mapping[int, Sequence[str]]  # to a node, from its operands that are numbers
    steepest: float  # the largest gradient of the pass

    @property
    def leaves(self) -> list[Value]:
        """The values that are given, in the order of their first use."""
        return self.names.leaves

    @property
    def computed(self) -> list[Value]:
        """The values that are computed, operands first."""
        return [node for node in self.names.order if node.parents]

    def formula(self, node: Value) -> tuple[Text, Text]:
        """Return what a node computes, in names and in numbers; ✎ marks a number that is no longer the recorded one."""

        def numeral(i: int) -> Text:
            operand = node.operands[i]
            if operand.__class__ is not Value:
                return number(operand)
            found = number(operand.data)
            mark = " ✎" if id(operand) in self.stale else ""
            return Text(found.text + mark, found.latex + mark, found.loose)

        return formula(node, lambda i: self.names.operand(node, i)), formula(node, numeral)

    def lines(self) -> Iterator[str]:
        """Yield every step as a line of text."""
        for node in self.computed:
            in_names, in_numbers = self.formula(node)
            forms = dict.fromkeys([in_names.text, in_numbers.text, number(node.data).text])
            yield " = ".join([self.names(node).text, *forms])
        yield from map(str, self.backward)


def walk(out: Value, max_nodes: int) -> Walk:
    """Return the walk through the graph of `out`, a compiled call unfolded, or raise ValueError if it is too long."""
    (out,) = unfolded(out)
    order = topological_order(out)
    arrows = sum(len(node.parents) for node in order)
    if len(order) > max_nodes or arrows > ARROWS * max_nodes:
        raise ValueError(
            f"step_through: {len(order):,} values and {arrows:,} arrows are too many to follow one by one (at most "
            f"{max_nodes:,} and {ARROWS * max_nodes:,}); step through one example or a smaller net, see the whole "
            f"with draw(out), which folds, or raise max_nodes (up to {MOST:,})"
        )
    names, steps = Names(out, order), tuple(backward_steps(out))
    grads = {id(step.node): step.upstream for step in steps}
    steepest = largest(grads.values())
    stale = frozenset(map(id, stale_leaves(out, order)))
    rows = {id(node): _rows(node, grads[id(node)], steepest, id(node) in stale) for node in order}
    flow = Flow(lambda node, _, local: grads[id(node)] * local, "hands {} to {}", BACKWARD.legend)
    scene = build(out, mode="none", rows=rows, merge=False, flow=flow)
    cards = dict(zip(map(id, order), scene.cards, strict=False))  # those of the values come first, in this order
    numbers = {card.id for card in scene.cards if card.kind == "constant"}
    into: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for edge in scene.edges:
        into[edge.head, edge.tail in numbers].append(edge.id)
    told = {cards[id(step.node)].id: _told(step) for step in steps}
    shown = replace(
        scene,
        title=f"The steps to {names.root.text} and back",
        cards=tuple(replace(card, lit=True, tooltip=told.get(card.id, card.tooltip)) for card in scene.cards),
        edges=tuple(replace(edge, lit=True) for edge in scene.edges),
    )
    arrows_of = {key: tuple(into[card.id, False]) for key, card in cards.items()}
    chips_of = {key: tuple(into[card.id, True]) for key, card in cards.items()}
    card_of = {key: card.id for key, card in cards.items()}
    return Walk(names, steps, stale, shown, card_of, arrows_of, chips_of, steepest)


def _rows(node: Value, grad: float, steepest: float, stale: bool) -> tuple[Row, ...]:
    return Row("data", number(node.data, 4).text + " ✎" * stale), Row(
        "grad", number(grad, 3).text, by_sign(grad, steepest)
    )


def _told(step: Step) -> str:
    """Return the hint of a card: the name that the steps use, and the gradient last."""
    rule = [step.node.operation.rule or step.node.operation.name] if step.node.operation is not None else []
    return "\n".join([step.name, f"data={full(step.node.data)}", *rule, f"grad={full(step.upstream)}"])
