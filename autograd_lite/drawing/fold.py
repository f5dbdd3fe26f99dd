"""Decide which values share a card: by neuron, by layer, or the middle of a graph that is too big to read.

`fold` maps the id of a value to the key of its card; a value that is not in the map has a card of its own.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from autograd_lite.drawing.parts import alike, cards_of, kinds_of, named_parts, without_cycles
from autograd_lite.drawing.recurrence import passes_of, steps_of
from autograd_lite.engine import Value
from autograd_lite.naming import Role
from autograd_lite.view import View
from autograd_lite.words import say

__all__ = ["MODES", "Key", "fold", "positions_of"]

MODES = ("auto", "none", "neuron", "layer")
KEPT = 24  # values that stay where the middle is left out: about a page of them
ASIDE = 40  # values beside a folded net, such as its loss over many examples, that are not folded in their turn
CROWD = 30  # values from which a net that several examples share is folded: their arrows would cross everywhere
WEIGHTS = 1500  # of a net that is folded by neuron: an arrow for each, and beyond that they are a grey field
LARGE = 50_000  # values in a graph that is searched for the steps of a recurrent net
MOST = 2000  # cards in any picture, even with fold="none": a layout program needs minutes beyond that


class Key(NamedTuple):
    """The content of a card: one value (by its id), a neuron, a layer, or values left out (before or behind)."""

    kind: str  # value, neuron, layer, group (that the user named), alike (others that are made and used so) or folded
    at: int  # the id, the layer, the number of the part, or 0 and 1 for the two sides
    unit: int = 0  # in a layer; of a part, the depth of its groups
    step: int = 0  # of a recurrent net
    names: tuple[str, ...] = ()  # of the equal parts that a card shows


def fold(view: View, mode: str, max_nodes: int, in_parts: bool = True) -> tuple[dict[int, Key], str, Mapping[int, int]]:
    """Return the key of each value that shares its card, the mode that `auto` has become, and steps that share a card.

    Without `in_parts` only the units of a net share cards, and what is left out.
    """
    order = view.order
    asked = mode != "auto"
    parts, steps = _parts(order, max_nodes) if in_parts and not asked else ({}, {})
    if parts:
        return _leave_out_middle(order, parts, max_nodes, min(max_nodes, KEPT), max_nodes), "part", steps
    if mode == "none" or (not asked and len(order) <= max_nodes and not (len(order) > CROWD and _is_shared(view))):
        return _leave_out_middle(order, {}, MOST, KEPT, MOST), "none", {}
    positions = positions_of(view)
    passes = passes_of(order, positions)
    if not asked:
        weights = sum(role.symbol == "w" for role in view.roles.values())
        few = len({(at, passes[i]) for i, at in positions.items()}) <= max_nodes and weights <= WEIGHTS
        mode = "none" if not positions else "neuron" if few else "layer"
    keys: dict[int, Key] = {}
    if mode != "none":
        keys = {i: Key("layer", at[0]) for i, at in positions.items()}
        if mode == "neuron":
            keys = {i: Key("neuron", *at, passes[i]) for i, at in positions.items()}
        for value in order if mode == "neuron" else ():
            inside = {keys[id(parent)] for parent in value.parents if parent.op and id(parent) in keys}
            own = positions.get(id(value), (0,))[0], passes[id(value)]
            if len(inside) > 1 and {(key.at, key.step) for key in inside} == {own}:
                del keys[id(value)]  # an output of softmax, which reads all units of its layer: it follows them
        keys = _with_alike(order, keys) if in_parts and not asked and len(order) - len(keys) > KEPT else keys
    most = MOST if asked else max_nodes  # a fold that was asked for is given, however many neurons there are
    return _leave_out_middle(order, keys, max_nodes, min(max_nodes, KEPT), most), mode, {}


def _parts(order: Sequence[Value], max_nodes: int) -> tuple[dict[int, Key], Mapping[int, int]]:
    """Return the keys of the parts that a graph consists of, where they make the picture much smaller, and its steps.

    Groups that the user named, in a graph that does not fit a page; the steps of a recurrent net; values that are
    alike, in a graph that has no units of a net, and consists of few kinds of them.
    """
    if len(order) <= CROWD:
        return {}, {}
    if any(value.group is not None for value in order):
        parts = named_parts(order)
        keys = {i: Key("group", part.number, part.depth, names=part.names) for i, part in parts.items()}
        return _with_alike(order, keys, {i: (part.number, part.like) for i, part in parts.items()}), {}
    if len(order) <= LARGE and (steps := steps_of(order)):
        names = tuple(say("picture.step", number=step + 1) for step in sorted({*steps.values()}))
        keys = {i: Key("group", 0, names=names) for i in steps}
        if len(without_cycles(order, keys)) == len(keys):
            places = kinds_of(order, within=steps)
            return _with_alike(order, keys, {i: places[i] for i in steps}), steps
    results = [value.role is not None for value in order if value.op]
    if 2 * results.count(True) > len(results):  # a net folds by its units
        return {}, {}
    kinds = alike(order)
    cards = cards_of(order, kinds)
    if 2 * cards <= len(order) and cards <= max_nodes:
        return {i: Key("alike", kind) for i, kind in kinds.items()}, {}
    return {}, {}


def _with_alike(
    order: Sequence[Value], keys: dict[int, Key], parts: Mapping[int, Hashable] | None = None
) -> dict[int, Key]:
    """Return the keys with those of values outside of them that are alike, where no cards then form a cycle."""
    more = keys | {i: Key("alike", kind) for i, kind in alike(order, keys, parts).items()}
    return more if len(without_cycles(order, more)) == len(more) else keys


def _is_shared(view: View) -> bool:
    """Tell whether several examples went through one net side by side: a neuron was computed again, not from itself."""
    below: dict[int, set[Role]] = {}  # the units that a value was computed from
    units: set[Role] = set()
    again = False
    for value in view.order:
        found = set().union(*(below[id(parent)] for parent in value.parents))
        if value.op and (unit := view.roles.get(id(value))) is not None:
            if unit in found:  # a recurrent net: its steps are read one after the other
                return False
            again = again or unit in units
            units.add(unit)
            found.add(unit)
        below[id(value)] = found
    return again


def positions_of(view: View) -> dict[int, tuple[int, int]]:
    """Return the (layer, unit) of every value in a net, by id.

    An operation without a role, all of whose users are in one neuron, is a step inside that neuron.
    """
    positions = {key: (role.layer, role.unit) for key, role in view.roles.items()}
    if not positions:
        return positions
    users: dict[int, set[tuple[int, int] | None]] = {}
    for value in reversed(view.order):
        at = positions.get(id(value))
        if at is None and value.op:
            only = users.get(id(value), {None})
            if len(only) == 1 and (one := next(iter(only))) is not None:
                at = positions[id(value)] = one
        for parent in value.parents:
            users.setdefault(id(parent), set()).add(at)
    return positions


def _leave_out_middle(
    order: Sequence[Value], keys: dict[int, Key], most: int, kept: int, groups: int
) -> dict[int, Key]:
    """Give the values between the first and the last ones a common card, where there are more than `most` cards.

    The first values of a topological order need no others, and no others need the last: so the cards still form a
    graph without cycles. What the net feeds and what feeds the net are two cards for the same reason.
    """
    cards = len(set(keys.values()))
    if cards > groups:  # layers beyond counting: they are left out like everything else
        keys, cards = {}, 0
    outside = [value for value in order if id(value) not in keys] if keys else order
    room = max(kept, min(most - cards, ASIDE if keys else most))
    if len(outside) <= room and sum(1 + len(v.operands) - len(v.parents) for v in outside) <= 2 * room:
        return keys
    first = 0 if keys else kept // 3
    last = outside[len(outside) - (kept - first) :]
    stay = {id(value) for value in chain(outside[:first], last)}
    room = kept
    for value in reversed(last):  # a leaf beside its operation costs no arrow across the picture
        for parent in value.parents:
            if room and not parent.op and id(parent) not in stay:
                stay.add(id(parent))
                room -= 1
    keys = dict(keys)
    fed: set[int] = set()  # what depends on the net
    for value in order:
        if not keys:
            break
        if id(value) in keys or any(id(parent) in fed for parent in value.parents):
            fed.add(id(value))
    before, after = Key("folded", 0), Key("folded", 1)
    keys.update({id(v): after if id(v) in fed else before for v in outside if id(v) not in stay})
    return keys
