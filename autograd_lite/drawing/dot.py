"""A scene in the lecture's look, written with `graphviz.Digraph`: records, and a small node for each operation.

The only file that imports graphviz. The text is an export, to read, change and paste elsewhere; our own pictures are
laid out and drawn without it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from autograd_lite.drawing.notebook import bundle, chosen
from autograd_lite.drawing.sanitize import cleaned
from autograd_lite.drawing.scene import Card, Scene

__all__ = ["digraph", "lecture_digraph"]

OFF = "gray70"  # of what is off the paths that `wrt` lights


def digraph(scene: Scene, kind: Any = None, **options: Any) -> Any:
    """Return the scene as a `graphviz.Digraph`, or as a subclass of it."""
    import graphviz

    drawn = (kind or graphviz.Digraph)("computation", **options)
    drawn.attr("graph", rankdir=scene.rankdir, ordering="in")  # operands in their order
    drawn.attr("node", shape="record")
    home = {id_: cluster.id for cluster in scene.clusters for id_ in cluster.cards}
    operations = {card.id: f"{card.id}_op" for card in scene.cards if card.symbol}
    cards = {card.id: card for card in scene.cards}
    for card in scene.cards:
        if card.id not in home:
            _card(drawn, card, operations)
    for cluster in scene.clusters:
        with drawn.subgraph(name=f"cluster_{cluster.id}") as panel:
            panel.attr("graph", label=_escaped(cluster.title))
            for id_ in cluster.cards:
                _card(panel, cards[id_], operations)
    for edge in scene.edges:
        look = {"label": edge.label} if edge.label else {}
        look |= {} if edge.highlighted else {"color": OFF, "fontcolor": OFF}
        drawn.edge(edge.tail, operations.get(edge.head, edge.head), **look)
    if scene.notes:
        drawn.attr("graph", label=r"\n".join(map(_escaped, scene.notes)))
    return drawn


def _card(drawn: Any, card: Card, operations: dict[str, str]) -> None:
    """Add the record of a card, and the node of its operation before it."""
    look = {} if card.highlighted else {"color": OFF, "fontcolor": OFF}
    look |= {"style": "dashed"} if card.dashed else {}
    rows = card.lines
    fields = [_escaped(text, "{}|<>") for text in (card.name, *rows)]
    drawn.node(card.id, f"{{ {' | '.join(filter(None, fields))} }}", **look)
    if card.symbol:
        drawn.node(operations[card.id], _escaped(card.symbol), shape="ellipse", **look)
        drawn.edge(operations[card.id], card.id, **look)


def _escaped(text: str, special: str = "") -> str:
    """Return text that DOT shows as it is, in a record with its special characters, too.

    >>> print(_escaped("a|b & c", "|"))
    a\\|b &amp; c
    """
    import graphviz

    text = re.sub(rf"[\\{re.escape(special)}]", r"\\\g<0>", text.replace("&", "&amp;")).replace("\n", r"\n")
    return str(graphviz.nohtml(re.sub("^ | (?= )| $", "\N{NO-BREAK SPACE}", text)))


@lru_cache(maxsize=1)
def lecture_digraph() -> Any:
    """Return the class of what `draw_dot` makes: a `graphviz.Digraph` that can do without the program `dot`."""
    import graphviz

    class DrawnDigraph(graphviz.Digraph):  # type: ignore[misc]
        """A `graphviz.Digraph`; where Graphviz's program `dot` is missing, our own picture stands in for its."""

        picture: Any = None  # the Picture that it was made from

        def _ours(self) -> Any:
            """Return our own picture, None if the user went on drawing."""
            return self.picture if self.picture is not None and self.source == self.picture.dot else None

        def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **_: Any) -> dict[str, str]:
            """Return the picture for a notebook. Never raises."""
            try:
                svg = cleaned(self.pipe("svg"), self.name or "graph")
            except Exception:  # no `dot`, or one that fails
                ours = self._ours()
                return dict(ours._repr_mimebundle_(include, exclude)) if ours else {"text/plain": self.source}
            return chosen({"text/plain": self.source, **bundle(svg, self.name or "graph")}, include, exclude)

        def render(self, filename: Any = None, *args: Any, **options: Any) -> str:
            """Save the source and the picture, as `graphviz.Digraph.render` does; return the picture's path."""
            try:
                return str(super().render(filename, *args, **options))
            except graphviz.ExecutableNotFound:
                ours = self._ours()
                if ours is None:
                    raise
                path = f"{self.save(filename, directory=options.get('directory'))}.{options.get('format', self.format)}"
                ours.save(path)
                return path

    return DrawnDigraph
