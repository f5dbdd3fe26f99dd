"""A scene as plain text: a tree from the output down to the leaves."""

from __future__ import annotations

from collections import defaultdict

from autograd_lite.drawing.scene import Card, Edge, Scene
from autograd_lite.words import say

LINES, DEPTH = 200, 24


def outline(scene: Scene) -> str:
    """Return the scene as an indented tree; a node that is used twice is shown in full once."""
    operands: dict[str, list[Edge]] = defaultdict(list)
    for edge in scene.edges:
        operands[edge.head].append(edge)
    cards = {card.id: card for card in scene.cards}
    used = {edge.tail for edge in scene.edges}
    ends = [card.id for card in scene.cards if card.id not in used] or [scene.cards[-1].id]
    lines = [scene.title]
    done: set[str] = set()
    above = f" {say('picture.above')}"
    stack: list[tuple[str, str, str, str]] = [(end, "", "", "") for end in reversed(ends)]  # card, indents, partial
    while stack:
        id_, first, rest, partial = stack.pop()
        if len(lines) > LINES:
            lines.append(f"{rest}{say('picture.more')}")
            break
        again = id_ in done and bool(operands.get(id_))
        done.add(id_)
        lines.append(f"{first}{_line(cards[id_])}{partial}{above if again else ''}")
        below = [] if again else operands.get(id_, [])
        if below and len(rest) >= 3 * DEPTH:
            lines.append(f"{rest}└─ …")
            below = []
        for i, edge in enumerate(reversed(below)):
            shown = edge.label and f"   {edge.tooltip if edge.counts else f'∂ {edge.label}'}"
            stack.append((edge.tail, rest + ("├─ " if i else "└─ "), rest + ("│  " if i else "   "), shown))
    return "\n".join([*lines, *(f"({note})" for note in scene.notes)])


def _line(card: Card) -> str:
    head = " ".join(filter(None, (card.name, f"[{card.symbol}]" if card.symbol else "")))
    rows = card.lines
    return "  ".join([head or say("picture.value"), *rows])
