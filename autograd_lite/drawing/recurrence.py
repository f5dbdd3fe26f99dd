"""The steps of a recurrent net, found by what they share: in each step the same leaves are read, one step later."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence

from autograd_lite.engine import Value

__all__ = ["passes_of", "steps_of"]

FEWEST = 3  # steps that are seen as such
SMALLEST = 6  # results in a step: a chain of smaller ones is read along its line


def steps_of(order: Sequence[Value]) -> dict[int, int]:
    """Return the step that each result of a recurrent computation belongs to, by its id.

    A leaf that is read at three depths or more, such as a recurrent weight, marks the results that read it: they are
    one and the same thing in each step, and so is what is made of them. Every step has to have the same ones, and
    more than a link of a chain has; else there are no steps. Only the first, which begins with numbers or leaves, may
    have others, and is then no step.

    >>> from autograd_lite.functions import dot, sum
    >>> from autograd_lite.graph import topological_order
    >>> weights, h = [[Value(0.1 * i + j) for i in range(3)] for j in range(3)], [1.0, 2.0, 3.0]
    >>> for _ in range(4):
    ...     h = [dot(w, h).sigmoid() for w in weights]
    >>> Counter(steps_of(topological_order(sum(h))).values())
    Counter({0: 6, 1: 6, 2: 6, 3: 6})
    """
    depth: dict[int, int] = {}
    users: dict[int, list[Value]] = defaultdict(list)
    for value in order:
        depth[id(value)] = 1 + max((depth[id(parent)] for parent in value.parents), default=0)
        for parent in value.parents:
            users[id(parent)].append(value)
    read_at = {i: len({depth[id(user)] for user in found}) for i, found in users.items()}
    marks = {id(value) for value in order if not value.op and read_at.get(id(value), 0) >= FEWEST}
    kinds: dict[int, Hashable] = {}
    below: dict[int, tuple[int, frozenset[int]]] = {}  # the marked leaves that it reads, and in how many operations
    same: dict[Hashable, list[Value]] = defaultdict(list)
    for value in order if marks else ():
        if value.op:
            found = 0, frozenset(id(parent) for parent in value.parents if id(parent) in marks)
            if not found[1]:
                inner = [below[id(parent)] for parent in value.parents if parent.op]
                nearest = min((steps for steps, read in inner if read), default=0)
                found = 1 + nearest, frozenset[int]().union(*(read for _, read in inner))
            below[id(value)], kinds[id(value)] = found, (value.op, *found)
            same[kinds[id(value)]].append(value)
    depths = {kind: sorted({depth[id(value)] for value in values}) for kind, values in same.items()}
    levels = {kind: found for kind, found in depths.items() if len(found) >= FEWEST}
    count = max(map(len, levels.values()), default=0)
    steps: dict[int, int] = {}
    for kind, its in levels.items():
        at = {level: step for step, level in enumerate(its, count - len(its))}
        steps |= {id(value): at[depth[id(value)]] for value in same[kind]}
    for value in reversed(order):  # what only one step reads belongs to it
        inside = {steps.get(id(user), -1) for user in users[id(value)]}
        if value.op and id(value) not in steps and len(inside) == 1 and -1 not in inside:
            steps[id(value)] = inside.pop()
    content: dict[int, Counter[Hashable]] = defaultdict(Counter)
    for i, step in steps.items():
        content[step][kinds[i]] += 1
    if content[1].total() < SMALLEST or any(content[step] != content[1] for step in range(2, count)):
        return {}
    return steps if content[0] == content[1] else {i: step for i, step in steps.items() if step}


def passes_of(order: Sequence[Value], positions: Mapping[int, tuple[int, int]]) -> dict[int, int]:
    """Return how often the way to a value led back to a layer of a net that it had left, by its id; a leaf's first use.

    `positions` are the layer and the unit of values in the net. What a recurrent net computes in one step is one pass.
    """
    passes: dict[int, int] = {}
    first: dict[int, int] = {}
    for value in order:
        layer, count = positions.get(id(value), (0, 0))[0], 0
        begins = value.role is not None and value.role.symbol == "z"
        for parent in value.parents:
            left = parent.op and parent.role is not None and (parent.role.symbol == "a" or begins)
            back = left and 0 < layer <= positions.get(id(parent), (0, 0))[0]
            count = max(count, passes[id(parent)] + bool(back) if parent.op else 0)
        passes[id(value)] = count
        for parent in value.parents:
            first[id(parent)] = min(count, first.get(id(parent), count))
    return passes | {id(value): first[id(value)] for value in order if not value.op and id(value) in first}
