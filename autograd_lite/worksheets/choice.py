"""Which cells of a worksheet are blanks.

A line leaves out its local derivative, its contribution, or both. A total that includes a contribution that was left
out is left out as well, and so is the gradient that it ends as: no blank's answer stands elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from autograd_lite.explanation.steps import Step

__all__ = ["Place", "any_lines", "left_out", "some_lines"]

Line = tuple[int, int]  # the numbers of a step and of one of its contributions
Place = tuple[int, int, str]  # a line, −1 for the gradient of the step, and what is left out there
LOCAL, CONTRIBUTION, BOTH = 0, 1, 2


def left_out(steps: Sequence[Step], lines: Mapping[Line, int]) -> dict[Place, int]:
    """Return the blanks that a choice for some lines makes, numbered as they are read."""
    hidden: set[int] = set()  # nodes that have got a contribution which is left out
    found: list[Place] = []
    for i, step in enumerate(steps):
        if id(step.node) in hidden:
            found.append((i, -1, "gradient"))
        for j, c in enumerate(step.contributions):
            what = lines.get((i, j))
            if what in (LOCAL, BOTH):
                found.append((i, j, "local"))
            if what in (CONTRIBUTION, BOTH):
                hidden.add(id(c.parent))
                found.append((i, j, "contribution"))
            if id(c.parent) in hidden:
                found.append((i, j, "total"))
    return {place: n for n, place in enumerate(found, 1)}


def _all(steps: Sequence[Step]) -> list[Line]:
    return [(i, j) for i, step in enumerate(steps) for j in range(len(step.contributions))]


def any_lines(steps: Sequence[Step], rng: Random) -> dict[Line, int]:
    """Choose something in every line."""
    return {line: int(rng.random() * 3) for line in _all(steps)}


def some_lines(steps: Sequence[Step], rng: Random, count: int) -> dict[Line, int]:
    """Choose as many blanks as are asked for, anywhere; ValueError if there is no room for them."""
    lines = _all(steps)
    most = len(left_out(steps, dict.fromkeys(lines, BOTH)))
    if count > most:
        raise ValueError(f"blanks: this sheet has room for {most}, got {count}")
    chosen: dict[Line, int] = {}

    def fits(line: Line, what: int) -> bool:
        return len(left_out(steps, {**chosen, line: what})) <= count

    for line in sorted(lines, key=lambda line: rng.random()):
        for what in (int(rng.random() * 3), LOCAL):
            if line not in chosen and fits(line, what):
                chosen[line] = what
    for line in reversed(lines):  # a total nearer to the end leaves out least
        if fits(line, BOTH):
            chosen[line] = BOTH
    if len(left_out(steps, chosen)) < count:  # a step forward is more than one blank: as many are taken back elsewhere
        for line in lines:
            tried = {**chosen, line: BOTH}
            over = len(left_out(steps, tried)) - count
            for other in [x for x in lines if x != line and tried.get(x) in (LOCAL, BOTH)][:over]:
                tried[other] = CONTRIBUTION if tried[other] == BOTH else -1
            if len(left_out(steps, tried)) == count:
                return tried
    return chosen
