"""Parts of a graph that share a card: those that `ag.group` named, and values that are computed and used alike.

Named parts that are equal are one. The cards of all parts must form a graph without cycles, as the values do.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from autograd_lite.engine import Value
from autograd_lite.modes import Group

DIGITS = re.compile(r"\d+")


class Part(NamedTuple):
    """Where a value of a named part is."""

    number: int  # of the part; equal parts have one number
    depth: int  # in a group's path, at which the groups that are parts stand
    names: tuple[str, ...]  # of all parts of this number
    like: int  # the same for values at the same place in equal parts


def part_of(value: Value, depth: int) -> Group | None:
    """Return the group of a value that is a part, where those at a depth are parts."""
    path = () if value.group is None else value.group.path
    return path[min(depth, len(path) - 1)] if path else None


def named_parts(order: Sequence[Value]) -> dict[int, Part]:
    """Return the part that a value belongs to, by its id, for values in a group.

    The outermost groups are parts; where there is only one, those inside it. A group that is left and entered again is
    a part each time. Leaves that are no inputs and that only one part uses belong to it.
    """
    depth = 0
    while True:
        found = {part_of(value, depth) for value in order} - {None}
        deeper = any(g is not None and len(g.path) > depth + 1 for value in order if (g := value.group))
        if len(found) != 1 or not deeper:
            break
        depth += 1
    visits: dict[int, dict[Group, int]] = {}  # for each value, how often the way to it entered each group
    parts: dict[int, tuple[Group, int]] = {}
    for value in order:
        own = part_of(value, depth)
        entered: dict[Group, int] = {}
        for parent in value.parents:
            before, again = visits[id(parent)], own is not None and parts.get(id(parent), (None,))[0] is not own
            if not again and (not entered or entered is before):  # the usual case: shared, not copied
                entered = before
                continue
            more = {group: times + (again and group is own) for group, times in before.items()}
            entered = more | {group: max(times, more.get(group, 0)) for group, times in entered.items()}
        if own is not None:
            entered = entered if own in entered else entered | {own: 1}
            parts[id(value)] = own, entered[own]
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
    parts = without_cycles(order, parts)
    like = kinds_of(order, within=parts)
    equal = _equal(order, parts, like)
    numbers = {part: (i, tuple(group.name for group, _ in same)) for i, same in enumerate(equal) for part in same}
    return {i: Part(number, depth, names, like[i]) for i, at in parts.items() for number, names in [numbers[at]]}


def _equal(
    order: Sequence[Value], parts: Mapping[int, tuple[Group, int]], like: Mapping[int, int]
) -> Iterable[list[tuple[Group, int]]]:
    """Return the parts in their order, those that are equal together.

    They are if the same operations make them and if their names differ in numbers only. They are kept apart where one
    needs another by way of values that are in neither.
    """
    made: dict[tuple[Group, int], Counter[int]] = {}
    for value in reversed(order):  # a part comes after those that it needs
        if (part := parts.get(id(value))) is not None:
            made.setdefault(part, Counter())[like[id(value)]] += bool(value.op)
    same: dict[Hashable, list[tuple[Group, int]]] = defaultdict(list)
    for part in reversed(made):
        same[DIGITS.sub("0", part[0].name), frozenset((+made[part]).items())].append(part)
    joined = {part: part for part in made}
    for several in same.values():
        trial = joined | dict.fromkeys(several, several[0])
        if len(several) > 1 and len(without_cycles(order, {i: trial[at] for i, at in parts.items()})) == len(parts):
            joined = trial
    found: dict[tuple[Group, int], list[tuple[Group, int]]] = defaultdict(list)
    for part in reversed(made):
        found[joined[part]].append(part)
    return found.values()


def alike(
    order: Sequence[Value], others: Collection[int] = (), parts: Mapping[int, Hashable] | None = None
) -> dict[int, int]:
    """Return the number of the kind of a value, by its id, for values that are computed and used as others are.

    Those in `others` have their card already. `parts` says of some of them where they are; nothing below them counts.
    """
    kinds = kinds_of(order, parts or {})
    own = {*others, *(id(value) for value in order if value.op and value.label)}  # a result with a label is asked for
    kinds = {i: kind for i, kind in kinds.items() if i not in own}
    sizes = Counter(kinds.values())
    return {i: kind for i, kind in kinds.items() if sizes[kind] > 1}


def kinds_of(
    order: Sequence[Value], known: Mapping[int, Hashable] = {}, within: Mapping[int, Hashable] | None = None
) -> dict[int, int]:
    """Return the number of the kind of each value, by its id.

    Two values are of one kind if the same operation made them from values of one kind, and values of one kind use them.
    They have the same distance from the leaves, so the cards form no cycle. With `within`, only results in the same
    part count, above and below.
    """

    def counts(value: Value, parent: Value) -> bool:
        return within is None or (bool(parent.op) and within.get(id(value)) == within.get(id(parent)))

    below: dict[int, int] = {}
    numbers: dict[Hashable, int] = {}
    height: dict[int, int] = {}
    for value in order:
        parents = [below[id(parent)] if counts(value, parent) else -1 for parent in value.parents]
        level = 1 + max((height[id(parent)] for parent in value.parents if counts(value, parent)), default=0)
        made = tuple(parents) if len(parents) <= 2 else frozenset(parents)
        own: Hashable = (value.op, value.kind, level, made)
        if id(value) in known:
            own, level = known[id(value)], 0
        height[id(value)], below[id(value)] = level, numbers.setdefault(own, len(numbers))
    uses: dict[int, set[tuple[Hashable, int]]] = defaultdict(set)
    kinds: dict[int, int] = {}
    classes: dict[Hashable, int] = {}
    for value in reversed(order):
        used: Hashable = None if id(value) in known else frozenset(uses[id(value)])
        kinds[id(value)] = kind = classes.setdefault((below[id(value)], used), len(classes))
        term: tuple[Hashable, int] | None = None  # the use of each term of a sum typed with +, whichever + it stands at
        if within is None and value.op == "+" and id(value) not in known:
            if any(parent.op == "+" for parent in value.parents):
                term = ("term", kind)
            if len(uses[id(value)]) == 1 and (use := next(iter(uses[id(value)])))[0] == "term":
                term = use
        for parent, side in zip(value.parents, _sides(value), strict=True):
            uses[id(parent)].add((term or (kind, side)) if counts(value, parent) else (None, 0))
    return kinds


def _sides(value: Value) -> Sequence[int]:
    """Return where among the operands each parent stands; in a list, which list that is."""
    is_list = getattr(value.operation, "is_list", (True,))
    lists = is_list.count(True)
    if not lists or len(is_list) == 1:
        return range(len(value.parents)) if not lists else [0] * len(value.parents)
    length = max(1, (len(value.operands) - len(is_list) + lists) // lists)
    return [
        min(i // length, len(is_list) - 1) for i, operand in enumerate(value.operands) if isinstance(operand, Value)
    ]


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
