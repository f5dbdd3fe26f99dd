"""From a graph of values to a scene: which values share a card, then the names, numbers and colours on it."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from autograd_lite.drawing.arrows import Arrows
from autograd_lite.drawing.cards import Cards, activation
from autograd_lite.drawing.context import BACKWARD, CHECKED, Context, Flow, largest
from autograd_lite.drawing.fold import Key, fold, positions_of
from autograd_lite.drawing.palette import LIGHT, Palette
from autograd_lite.drawing.recurrence import passes_of
from autograd_lite.drawing.scene import Card, Cluster, Edge, Row, Scene
from autograd_lite.drawing.shown import ALL, Shown
from autograd_lite.engine import Value
from autograd_lite.flow import dependents
from autograd_lite.notation.local_derivatives import meaning
from autograd_lite.notation.names import Names
from autograd_lite.notation.text import safe
from autograd_lite.view import View
from autograd_lite.words import say

__all__ = ["build"]

SHARED = 4  # uses of one leaf that are drawn as arrows from one card, where they lie far apart
SPREAD = 20  # cards in a picture small enough for every leaf to be drawn once
NUMBERS = {  # the words for the number on an arrow, by what is folded, and whether local derivatives are shown
    ("none", True): "picture.number_local",
    ("none", False): "",
    ("neuron", True): "picture.number_weight",
    ("neuron", False): "",
    ("part", True): "picture.number_uses_local",
    ("part", False): "picture.number_uses",
    ("layer", True): "picture.number_uses_local",
    ("layer", False): "picture.number_uses",
}
MEANINGS = 3  # functions, known only as derivatives of others, that are explained under the picture
FOLDED = {  # the words for colour and width of an arrow where neurons or layers are cards
    "neuron": "picture.neuron_flow",
    "layer": "picture.layer_flow",
    "part": "picture.layer_flow",
}


def build(
    graph: Value | Names,
    rankdir: str = "LR",
    shown: Shown = ALL,
    mode: str = "auto",
    max_nodes: int = 150,
    wrt: Value | None = None,
    highlighted: Collection[int] | None = None,
    rows: Mapping[int, tuple[Row, ...]] | None = None,
    merge: bool = True,
    flow: Flow = BACKWARD,
    palette: Palette = LIGHT,
) -> Scene:
    """Return the scene of a graph, given by its root or, where it holds no compiled calls, by the names of its nodes.

    `highlighted` holds the ids of the values that are not dimmed (without it all, or those between `wrt` and the root).
    `rows` (by id) take the place of data and grad, `flow` says what the colour and the width of the arrows stand for.
    Without `merge` every use of an operand has an arrow of its own, however many lie side by side.
    """
    if isinstance(graph, Value):
        view, wrt = View(graph).with_calls_expanded(wrt)
        graph = Names(view)
    names, order, root = graph, graph.order, graph.view.root
    if wrt is not None:
        highlighted = {id(value) for value, _ in dependents(order, wrt)}
        if not highlighted:
            raise ValueError(f"wrt: the drawn value does not depend on {wrt!r}; pass one of its operands")
    keys, mode, steps = fold(graph.view, mode, max_nodes, in_parts=rows is None)
    context = Context(names, keys, mode, steps, shown, highlighted, rows, flow, palette)
    groups: dict[Key, list[Value]] = defaultdict(list)
    for value in order:
        groups[keys.get(id(value)) or Key("value", id(value))].append(value)
    alone = [members[0] for key, members in groups.items() if key.kind == "value"]
    ends = alone + [members[-1] for members in groups.values() if len(members) > 1]
    maker = Cards(context, largest(value.grad for value in ends if value.has_grad))
    cards = [maker.card(f"n{i}", key, members) for i, (key, members) in enumerate(groups.items())]
    card_of = {id(value): f"n{i}" for i, members in enumerate(groups.values()) for value in members}
    arrows = Arrows(context, card_of, cards, merge)
    arrows.draw(groups)
    notes, uncomputed = [], ""
    if len(groups) < len(order):
        counts = {"values": say("picture.values", count=len(order)), "cards": say("picture.cards", count=len(cards))}
        notes.append(say("picture.shown_as", **counts))
    notes += _shared_leaves(context, alone, card_of, cards, arrows.edges)
    if rows is None and not root.has_grad and shown.grads:
        notes.append(uncomputed := say("picture.call_backward"))
        if any(value.has_grad for value in order if not value.op):
            notes.append(say("picture.earlier_gradients"))
    if rows is None and root.op and shown.knows(root) and root.has_grad and root.grad != 1.0:
        notes.append(say("picture.other_root", name=names.root.text))
    if rows is None and root.has_grad and root.grad == 1.0 and (others := _not_the_sum(context)):
        notes.append(say("picture.other_sum", names=others))
    if context.stale:
        notes.append(say("picture.derivatives_recorded"))
    firsts = [members[0] for key, members in groups.items() if key.kind in ("value", "alike")]
    meanings = dict.fromkeys(found.text for value in firsts if (found := meaning(value, names)) is not None)
    notes += list(meanings)[:MEANINGS]
    if wrt is not None:
        notes.append(say("picture.lit", name=names(wrt).text))
    title = say("picture.title", name=context.title(root))
    number = NUMBERS[mode, shown.partials]
    clusters = tuple(_clusters(context, groups, card_of, arrows.constants))
    return Scene(
        title,
        rankdir,
        tuple(cards),
        tuple(arrows.edges),
        clusters,
        tuple(notes),
        palette=palette,
        columns=mode != "none",
        scale=say("picture.gradient"),
        flow=say(FOLDED.get(mode, flow.legend)),
        legend=say(number) if number and any(edge.label for edge in arrows.edges) else "",
        uncomputed=uncomputed,
        card_of=card_of,
    )


def _not_the_sum(context: Context) -> str:
    """Return the names of the leaves whose gradients this pass alone did not make, as without zero_grad()."""
    leaves = {id(node): node for node in context.order if not node.op and node.has_grad and context.shown.knows(node)}
    handed: dict[int, list[float]] = defaultdict(list)
    for node in context.order if len(context.order) < CHECKED else ():
        for parent, partial in zip(node.parents, node.partials, strict=True) if node.op else ():
            handed[id(parent)].append(node.grad * partial if node.has_grad else math.nan)
    found = []
    for key, amounts in handed.items():
        known = key in leaves and math.isfinite(sum(amounts))
        if known and abs(leaves[key].grad - sum(amounts)) > 1e-9 * sum(map(abs, amounts)):
            found.append(context.name(leaves[key]))
    return ", ".join(found[:SHARED]) + f" {say('picture.others')}" * (len(found) > SHARED)


def _shared_leaves(
    context: Context, alone: Sequence[Value], card_of: Mapping[int, str], cards: list[Card], edges: list[Edge]
) -> list[str]:
    """Draw a leaf once per use where its many uses lie far apart, and return the note that says so.

    Layout programs take minutes otherwise, and arrows across the whole picture hide it.
    """
    if len(cards) <= SPREAD or context.folded:
        return []
    heads: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        heads[edge.tail].append(edge.head)
    depth: dict[str, int] = {}
    for value in reversed(context.order):
        card = card_of[id(value)]
        if card not in depth:
            depth[card] = 1 + max((depth.get(head, 0) for head in heads[card]), default=0)
    shared: dict[int, Value] = {}
    for value in alone:
        far = [depth.get(head, 0) for head in heads[card_of[id(value)]]]
        if not value.op and len(far) > SHARED and max(far) - min(far) > SHARED:
            shared[id(value)] = value
    if not shared:
        return []
    uses = Counter(id(parent) for value in context.order for parent in value.parents if id(parent) in shared)
    repeated = []
    for key, value in shared.items():
        name = context.name(value)
        repeated.append(say("picture.used", name=name, count=uses[key]))
        tooltip = f"{say('picture.again', name=name, count=uses[key])} {context.shown.numbers(value)}"
        arrows = [i for i, edge in enumerate(edges) if edge.tail == card_of[key]]
        arrows.sort(key=lambda i: -depth.get(edges[i].head, 0))
        for i in arrows[1:]:  # the use that lies furthest from the root keeps the card with the gradient
            look = {"compact": True, "dashed": True, "highlighted": edges[i].highlighted}
            copy = Card(f"u{len(cards)}", context.kind(value), name, "", (), tooltip, **look)
            cards.append(copy)
            edges[i] = replace(edges[i], tail=copy.id)
    others = f" {say('picture.others')}" * (len(repeated) > 3)
    return [say("picture.drawn_once", names=f"{', '.join(repeated[:3])}{others}")]


def _clusters(
    context: Context, groups: Mapping[Key, list[Value]], card_of: Mapping[int, str], constants: Mapping[str, str]
) -> Iterator[Cluster]:
    """Yield a panel for each neuron, or for each layer whose neurons are cards."""
    panels: dict[tuple[int, ...], list[tuple[int, str]]] = defaultdict(list)
    titles: dict[tuple[int, ...], str] = {}
    grouped = [value for value in context.order if value.group is not None and id(value) not in context.keys]
    if context.mode == "none" and grouped:
        paths = {value.group.path: None for value in grouped if value.group is not None}
        numbers = {path: i for i, path in enumerate(paths)}
        for value in grouped:
            if value.group is not None:
                number = (numbers[value.group.path],)
                panels[number].append((0, card_of[id(value)]))
                titles[number] = " · ".join(safe(group.name) for group in value.group.path)
    elif context.mode == "none" and context.has_net:
        passes = passes_of(context.order, positions_of(context.names.view))
        for value in context.order:
            role = context.names.view.roles.get(id(value))
            if role is not None and role.layer and id(value) not in context.keys:
                title, step = say("picture.layer_neuron", layer=role.layer, unit=role.unit), passes[id(value)]
                panels[step, role.layer, role.unit].append((0, card_of[id(value)]))
                titles[step, role.layer, role.unit] = _in_step(title, passes, step)
        home = {card: at for at, cards in panels.items() for _, card in cards}
        for constant, head in constants.items():
            if head in home:
                panels[home[head]].append((1, constant))
    elif context.mode == "neuron":
        layers: dict[tuple[int, int], list[Value]] = defaultdict(list)
        steps = {key: key.step for key in groups}
        for key, members in groups.items():
            if key.kind == "neuron":
                panels[key.step, key.at].append((key.unit, card_of[id(members[0])]))
                layers[key.step, key.at] += members
        for (step, layer), members in layers.items():
            name = say("picture.layer_number", layer=layer) if layer else say("picture.inputs_of")
            titles[step, layer] = _in_step(" · ".join(filter(None, (name, activation(members)))), steps, step)
    for i, (at, cards) in enumerate(sorted(panels.items())):
        inside = dict.fromkeys(card for _, card in sorted(cards, key=lambda entry: entry[0]))
        yield Cluster(f"k{i}", titles[at], tuple(inside))


def _in_step(title: str, steps: Mapping[Any, int], step: int) -> str:
    """Return the title of a panel, with its step where there are several."""
    return f"{title} · {say('picture.step', number=step + 1)}" if any(steps.values()) else title
