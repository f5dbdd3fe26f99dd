"""Parts of a graph that share a card: those that `ag.group` named, and values that are computed and used alike.

The cards of all parts must form a graph without cycles, as the values do.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from itertools import count
from typing import Any

from autograd_lite.engine import Value
from autograd_lite.modes import Group


def named_parts(order: Sequence[Value]) -> dict[int, int]:
    """Return the number of the part that a value belongs to, by its id, for values in a group.

    The outermost groups are parts; where there is only one, those inside it. A group that is left and entered again is
    a part each time. Leaves that are no inputs and that only one part uses belong to it.
    """
    depth = 0
    while True:
        found = {g.path[min(depth, len(g.path) - 1)] for value in order if (g := value.group) is not None}
        deeper = any(g is not None and len(g.path) > depth + 1 for value in order if (g := value.group))
        if len(found) != 1 or not deeper:
            break
        depth += 1
    visits: dict[int, dict[Group, int]] = {}  # for each value, how often the way to it entered each group
    parts: dict[int, tuple[Group, int]] = {}
    for value in order:
        own = value.group and value.group.path[min(depth, len(value.group.path) - 1)]
        entered: dict[Group, int] = {}
        for parent in value.parents:
            for group, times in visits[id(parent)].items():
                again = group is own and parts.get(id(parent), (None,))[0] is not own
                entered[group] = max(entered.get(group, 0), times + again)
        if own is not None:
            parts[id(value)] = own, entered.setdefault(own, 1)
        visits[id(value)] = entered
    users: dict[int, set[tuple[Group, int] | None]] = defaultdict(set)
    for value in order:
        for parent in value.parents:
            users[id(parent)].add(parts.get(id(value)))
    for value in order:
        if not value.op and value.kind != "input" and len(users[id(value)]) == 1:
            (only,) = users[id(value)]
            if only is not None and not value.label:
                parts[id(value)] = only
    numbers = dict(zip(dict.fromkeys(parts.values()), count()))
    return without_cycles(order, {i: numbers[part] for i, part in parts.items()})


def alike(order: Sequence[Value], others: Collection[int] = ()) -> dict[int, int]:
    """Return the number of the kind of a value, by its id, for values that are computed and used as others are.

    Two values are alike if the same operation made them from values that are alike, and alike values use them. They
    have the same distance from the leaves, so the cards form no cycle. Those in `others` have their card already.
    """
    below: dict[int, int] = {}
    numbers: dict[Hashable, int] = {}
    height: dict[int, int] = {}
    for value in order:
        parents = [below[id(parent)] for parent in value.parents]
        height[id(value)] = level = 1 + max((height[id(parent)] for parent in value.parents), default=0)
        made = tuple(parents) if len(parents) <= 2 else frozenset(parents)
        below[id(value)] = numbers.setdefault((value.op, value.kind, level, made), len(numbers))
    uses: dict[int, set[Hashable]] = defaultdict(set)
    kinds: dict[int, int] = {}
    classes: dict[Hashable, int] = {}
    for value in reversed(order):
        kinds[id(value)] = kind = classes.setdefault((below[id(value)], frozenset(uses[id(value)])), len(classes))
        for i, parent in enumerate(value.parents):
            uses[id(parent)].add((kind, _side(value, i)))
    own = {*others, *(id(value) for value in order if value.op and value.label)}  # a result with a label is asked for
    kinds = {i: kind for i, kind in kinds.items() if i not in own}
    sizes = Counter(kinds.values())
    return {i: kind for i, kind in kinds.items() if sizes[kind] > 1}


def _side(value: Value, i: int) -> int:
    """Return where among the operands a parent stands: in which list, of a row with several; not where in a list."""
    count, row = len(value.parents), value.operation
    lists = 1 if row is None else getattr(row, "is_list", ()).count(True)
    return i if count == 2 and not lists else i * lists // count


def cards_of(order: Sequence[Value], parts: Mapping[int, Any]) -> int:
    """Return how many cards there are if the values of a part share one."""
    return len(set(parts.values())) + len(order) - len(parts)


def without_cycles(order: Sequence[Value], parts: dict[int, Any]) -> dict[int, Any]:
    """Return the parts without those that feed each other in a circle."""

    def card(value: Value) -> Any:
        return parts.get(id(value), ("value", id(value)))

    feeds: dict[Hashable, set[Hashable]] = {card(value): set() for value in order}
    waits: Counter[Hashable] = Counter()
    for value in order:
        for parent in value.parents:
            tail, head = card(parent), card(value)
            if tail != head and head not in feeds[tail]:
                feeds[tail].add(head)
                waits[head] += 1
    ready = [at for at in feeds if not waits[at]]
    done: set[Hashable] = set()
    while ready:
        at = ready.pop()
        done.add(at)
        for head in feeds[at]:
            waits[head] -= 1
            if not waits[head]:
                ready.append(head)
    return {i: part for i, part in parts.items() if part in done}
