"""The two passes as data, and the picture in which they are shown.

The picture is that of `draw` with the gradients of this one pass, which `.grad` need not hold: it may be of an earlier
pass, of several, or of none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograd_lite.drawing.pass_picture import pass_scene
from autograd_lite.drawing.scene import Scene
from autograd_lite.engine import Value
from autograd_lite.explanation.steps import Step, steps_of
from autograd_lite.notation.local_derivatives import formula
from autograd_lite.notation.names import Names
from autograd_lite.notation.text import Text, number
from autograd_lite.view import View

__all__ = ["ARROWS", "MOST", "Walk", "walk"]

MOST = 1000  # values on one page, at most: browsers grow slow
ARROWS = 4  # arrows for each value: a node of a thousand operands is not read, either


@dataclass(frozen=True, slots=True)
class Walk:
    """A graph about to be stepped through, and its picture."""

    names: Names
    backward: tuple[Step, ...]  # of all nodes, the leaves among them
    scene: Scene
    arrows: Mapping[str, Sequence[str]]  # to a card, from the parents of its value

    @property
    def view(self) -> View:
        """The graph."""
        return self.names.view

    @property
    def computed(self) -> list[Value]:
        """The values that are computed, operands first."""
        return [node for node in self.view.order if node.parents]

    def card(self, node: Value) -> str:
        """Return the id of a value's card."""
        return self.scene.card_of[id(node)]

    def arrows_to(self, node: Value) -> Sequence[str]:
        """Return the ids of the arrows to a value from its parents, in their order."""
        return self.arrows.get(self.card(node), ())

    def formula(self, node: Value) -> tuple[Text, Text]:
        """Return the formula of a node, in names and in numbers; ✎ marks a number that was changed after recording."""

        def numeral(i: int) -> Text:
            operand = node.operands[i]
            if operand.__class__ is not Value:
                return number(operand)
            found = number(operand.data)
            mark = " ✎" if operand in self.view.stale_leaves else ""
            return Text(found.text + mark, found.latex + mark, found.loose)

        return formula(node, lambda i: self.names.operand(node, i)), formula(node, numeral)

    def lines(self) -> Iterator[str]:
        """Yield every step as a line of text."""
        for node in self.computed:
            in_names, in_numbers = self.formula(node)
            forms = dict.fromkeys([in_names.text, in_numbers.text, number(node.data).text])
            yield " = ".join([self.names(node).text, *forms])
        yield from map(str, self.backward)


def walk(view: View) -> Walk:
    """Return the walk through a graph that holds no compiled calls."""
    names = Names(view)
    steps = tuple(steps_of(names))
    scene = pass_scene(names)
    constants = {card.id for card in scene.cards if card.kind == "constant"}
    into: dict[str, list[str]] = defaultdict(list)
    for edge in scene.edges:
        if edge.tail not in constants:
            into[edge.head].append(edge.id)
    return Walk(names, steps, scene, into)
