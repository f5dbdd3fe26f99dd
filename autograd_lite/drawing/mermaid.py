"""A scene as a Mermaid flowchart, for Markdown pages that draw those."""

from __future__ import annotations

from autograd_lite.drawing.palette import DIM, mix
from autograd_lite.drawing.scene import Card, Scene
from autograd_lite.words import say


def mermaid(scene: Scene) -> str:
    """Return the scene as Mermaid text; viewers stop at about 500 arrows or 50,000 characters."""
    lines = [f"flowchart {scene.rankdir}", f"    accTitle: {_code(scene.title)}"]
    home = {id_: cluster.id for cluster in scene.clusters for id_ in cluster.cards}
    for cluster in scene.clusters:
        lines.append(f'    subgraph {cluster.id}["{_code(cluster.title)}"]')
        lines += [f"    {_node(card)}" for card in scene.cards if home.get(card.id) == cluster.id]
        lines.append("    end")
    lines += [_node(card) for card in scene.cards if card.id not in home]
    for edge in scene.edges:
        arrow = "-->" if edge.arrow else "---"
        label = f'|"{_code(edge.label)}"|' if edge.label else ""
        lines.append(f"    {edge.tail} {arrow}{label} {edge.head}")
    for i, edge in enumerate(scene.edges):
        stroke = edge.stroke
        colour = stroke.colour if edge.highlighted else mix(stroke.colour, scene.palette.theme.picture, DIM)
        dash = ",stroke-dasharray:6 3" if stroke.dashed else ""
        lines.append(f"    linkStyle {i} stroke:{colour},stroke-width:{stroke.width}px,color:{edge.ink}{dash}")
    for kind in sorted({card.kind for card in scene.cards}):
        paint = scene.palette.kinds[kind]
        lines.append(f"    classDef {kind}_ fill:{paint.ground},stroke:{paint.border},color:{paint.name}")
    if dimmed := [card.id for card in scene.cards if not card.highlighted]:
        lines += ["    classDef dim_ opacity:0.3", f"    class {','.join(dimmed)} dim_"]
    colours = f"{say('picture.colours', flow=scene.flow)} ({say('picture.signs')})"
    for i, note in enumerate((colours, *filter(None, (scene.legend,)), *scene.notes)):
        lines.append(f'    note{i}["{_code(note)}"]')
    return "\n".join(lines) + "\n"


def _node(card: Card) -> str:
    head = " ".join(filter(None, (f"[{card.symbol}]" if card.symbol else "", card.name)))
    rows = card.lines
    text = "<br/>".join(_code(line) for line in filter(None, (head, *rows)))
    return f'    {card.id}("{text}"):::{card.kind}_'


def _code(text: str) -> str:
    """Return text in which every character that Mermaid or HTML might read is a numeric entity.

    >>> _code('a"b')
    'a#34;b'
    """
    return "".join(c if c.isalnum() or c in " .,-" or ord(c) > 127 else f"#{ord(c)};" for c in text)
