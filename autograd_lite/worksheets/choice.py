"""Which cells of a worksheet are blanks.

A line leaves out its local derivative, its contribution, or both. A total that includes a contribution that was left
out is left out as well, and so is the gradient that it ends as: no blank's answer stands elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random

from autograd_lite.explanation.steps import Step

__all__ = ["Place", "answer", "any_lines", "left_out", "some_lines"]

Line = tuple[int, int]  # the numbers of a step and of one of its contributions
Place = tuple[int, int, str]  # a line, −1 for the gradient of the step, and what is left out there
LOCAL, CONTRIBUTION, BOTH = 0, 1, 2
TRIES, LINES = 10, 60  # at most so many choices, and so many lines in all of them: a large sheet has many numbers


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
    """Choose as many blanks as are asked for, anywhere; ValueError if there is no room for them.

    Of several choices the one is taken in which fewest blanks have one and the same answer.
    """
    lines = _all(steps)
    most = len(left_out(steps, dict.fromkeys(lines, BOTH)))
    if count > most:
        raise ValueError(f"blanks: this sheet has room for {most}, got {count}")
    sizes, tries = _Sizes(steps), max(1, min(TRIES, LINES // len(lines)))
    return min((_chosen(lines, sizes, rng, count) for _ in range(tries)), key=lambda made: _alike(steps, made))


class _Sizes:
    """How many blanks a choice makes, counted without making them."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.parents: dict[Line, int] = {}
        self.totals: dict[Line, int] = {}  # of the parent, from this line on, and its gradient
        arrivals: Counter[int] = Counter()
        for i, step in reversed([*enumerate(steps)]):
            for j, c in reversed([*enumerate(step.contributions)]):
                arrivals[id(c.parent)] += 1
                self.parents[i, j], self.totals[i, j] = id(c.parent), arrivals[id(c.parent)] + 1

    def __call__(self, chosen: Mapping[Line, int]) -> int:
        totals: dict[int, int] = {}
        blanks = 0
        for line, what in chosen.items():
            blanks += what >= LOCAL
            if what >= CONTRIBUTION:
                blanks += what == BOTH
                parent = self.parents[line]
                totals[parent] = max(totals.get(parent, 0), self.totals[line])
        return blanks + sum(totals.values())


def _chosen(lines: Sequence[Line], size: _Sizes, rng: Random, count: int) -> dict[Line, int]:
    chosen: dict[Line, int] = {}

    def fits(line: Line, what: int) -> bool:
        return size({**chosen, line: what}) <= count

    for line in sorted(lines, key=lambda line: rng.random()):
        for what in (int(rng.random() * 3), LOCAL):
            if line not in chosen and fits(line, what):
                chosen[line] = what
    for line in reversed(lines):  # a total nearer to the end leaves out least
        if fits(line, BOTH):
            chosen[line] = BOTH
    if size(chosen) < count:  # a step forward is more than one blank: as many are taken back elsewhere
        for line in lines:
            tried = {**chosen, line: BOTH}
            over = size(tried) - count
            for other in [x for x in lines if x != line and tried.get(x) in (LOCAL, BOTH)][:over]:
                tried[other] = CONTRIBUTION if tried[other] == BOTH else -1
            if size(tried) == count:
                return tried
    return chosen


def _alike(steps: Sequence[Step], chosen: Mapping[Line, int]) -> list[int]:
    """Return how many blanks have the commonest answer, to the digits that are shown, the next one, and so on."""
    answers = Counter(f"{answer(steps, place):.6g}" for place in left_out(steps, chosen))
    return sorted(answers.values(), reverse=True)


def answer(steps: Sequence[Step], place: Place) -> float:
    """Return the number that belongs in a place."""
    i, j, kind = place
    if j < 0:
        return steps[i].upstream
    c = steps[i].contributions[j]
    return {"local": c.local, "contribution": c.amount, "total": c.total}[kind]
