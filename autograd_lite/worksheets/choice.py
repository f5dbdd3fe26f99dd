"""Which cells of a worksheet are blanks.

A line leaves out its local derivative, its contribution, or both. A total that includes a contribution that was left
out is left out as well, and so is the gradient that it ends as: no blank's answer stands elsewhere. The first total at
a node is its first contribution, and both are one blank.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import count as counted
from random import Random

from autograd_lite.explanation.steps import Step

__all__ = ["Place", "answer", "any_lines", "left_out", "some_lines"]

Line = tuple[int, int]  # the numbers of a step and of one of its contributions
Place = tuple[int, int, str]  # a line, −1 for the gradient of the step, and what is left out there
LOCAL, CONTRIBUTION, BOTH = 0, 1, 2
TRIES, LINES = 10, 60  # at most so many choices, and so many lines in all of them: a large sheet has many numbers


def left_out(steps: Sequence[Step], lines: Mapping[Line, int]) -> dict[Place, int]:
    """Return the places that a choice for some lines leaves out, with their blanks, numbered as they are read."""
    hidden: set[int] = set()  # nodes that have got a contribution which is left out
    met: set[int] = set()  # nodes that have got a contribution
    found: dict[Place, int] = {}
    numbers = counted(1)
    for i, step in enumerate(steps):
        if id(step.node) in hidden:
            found[i, -1, "gradient"] = next(numbers)
        for j, c in enumerate(step.contributions):
            what, parent = lines.get((i, j)), id(c.parent)
            if what in (LOCAL, BOTH):
                found[i, j, "local"] = next(numbers)
            if what in (CONTRIBUTION, BOTH):
                hidden.add(parent)
                found[i, j, "contribution"] = next(numbers)
            if parent in hidden:
                found[i, j, "total"] = next(numbers) if parent in met else found[i, j, "contribution"]
            met.add(parent)
    return found


def _all(steps: Sequence[Step]) -> list[Line]:
    return [(i, j) for i, step in enumerate(steps) for j in range(len(step.contributions))]


def any_lines(steps: Sequence[Step], rng: Random) -> dict[Line, int]:
    """Choose something in every line."""
    lines = _all(steps)
    return _best(steps, lambda: {line: int(rng.random() * 3) for line in lines})


def some_lines(steps: Sequence[Step], rng: Random, count: int) -> dict[Line, int]:
    """Choose as many blanks as are asked for, anywhere; ValueError if there is no room for them."""
    lines, size = _all(steps), _Sizes(steps)
    most = size(dict.fromkeys(lines, BOTH))
    if count > most:
        raise ValueError(f"blanks: this sheet has room for {most}, got {count}")
    return _best(steps, lambda: _chosen(lines, size, rng, count))


def _best(steps: Sequence[Step], choose: Callable[[], dict[Line, int]]) -> dict[Line, int]:
    """Return the one of several choices in which the commonest answer has the smallest share of the blanks.

    Of two that are alike in that, the one with fewer ones: a 1 is the local derivative of a sum on every sheet.
    """
    tries = max(1, min(TRIES, LINES // sum([len(step.contributions) for step in steps])))
    return min((choose() for _ in range(tries)), key=lambda chosen: _shares(steps, chosen))


class _Sizes:
    """How many blanks a choice makes, counted without making them."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.parents: dict[Line, int] = {}
        self.totals: dict[Line, int] = {}  # of the parent, from this line on but for its first one, and its gradient
        arrivals: Counter[int] = Counter()
        first: dict[int, Line] = {}
        for i, step in reversed([*enumerate(steps)]):
            for j, c in reversed([*enumerate(step.contributions)]):
                arrivals[id(c.parent)] += 1
                self.parents[i, j], self.totals[i, j] = id(c.parent), arrivals[id(c.parent)] + 1
                first[id(c.parent)] = i, j
        for line in first.values():
            self.totals[line] -= 1

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


def _shares(steps: Sequence[Step], chosen: Mapping[Line, int]) -> tuple[float, float]:
    """Return the share of the blanks with the commonest answer, to the digits that are shown, and that of the ones."""
    places = {n: place for place, n in left_out(steps, chosen).items()}
    answers = Counter([f"{answer(steps, place):.6g}" for place in places.values()])
    return max(answers.values()) / len(places), answers["1"] / len(places)


def answer(steps: Sequence[Step], place: Place) -> float:
    """Return the number that belongs in a place."""
    i, j, kind = place
    if j < 0:
        return steps[i].upstream
    c = steps[i].contributions[j]
    return {"local": c.local, "contribution": c.amount, "total": c.total}[kind]
