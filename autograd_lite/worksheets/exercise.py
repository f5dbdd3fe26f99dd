"""A graph once more, on fresh leaves whose easy values keep every number of it short: something to work out by hand.

Candidates are drawn and evaluated as plain numbers along the order of the user's graph, which is only read. A draw
that leaves the domain of an operation is mended by drawing a leaf below that operation anew. Of several draws the one
is taken whose numbers are shortest, and its graph is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from math import inf, isclose, isfinite
from random import Random
from typing import Any, TypeVar

from autograd_lite.coerce import number_of
from autograd_lite.engine import Value, record
from autograd_lite.flow import gradients
from autograd_lite.idioms import has_no_formula
from autograd_lite.modes import Mode, describe, in_mode
from autograd_lite.notation.text import safe
from autograd_lite.ops import Op
from autograd_lite.view import View, rebuilt

EASY = (1.0, 2.0, 3.0, 4.0, 0.5, 1.5, 2.5, 1.0, 2.0, -1.0, -2.0, -3.0, -4.0, -0.5, -1.5, -2.5, -1.0, -2.0)
WIDE = (*(n / 2.0 for n in range(-20, 21)), 0.25, -0.25)  # for domains without an easy value
DRAWS, NODES = 28, 240  # at most so many draws, and so many values in all of them: a large graph has no short numbers
PLAIN = 5  # a draw that is no more difficult is taken at once
FAINT = 0.01  # a unit as flat as that is saturated: printed with six digits its value is a limit, and its derivative 0
SHORT = 5  # characters of a number that is easy to write: −0.25
LARGE = 1000.0  # a number beyond it is not easy, however short it is written
STEP = 1e-6  # to both sides of an operand, to see a kink

T = TypeVar("T")


def exercise(view: View, rng: Random) -> View:
    """Return a graph on fresh leaves with easy values, each within the domain of its operations.

    The user's own values are the last resort. ValueError if they fail too, or if an operation has no row.

    >>> a, b = Value(0.123, label="a"), Value(7.89, label="b")
    >>> new = exercise(View((a * b + a).log()), Random(0))
    >>> [leaf.data in EASY for leaf in new.leaves], a.data
    ([True, True], 0.123)
    """
    order = view.order
    for node in order:
        if has_no_formula(node):
            raise ValueError(
                f"worksheet: the local derivatives of {safe(describe(node))} ({safe(node.op)}) are numbers "
                "and not a rule, so there are none for other values; add the operation with define_op"
            )
    below = cache(lambda node: list(_leaves_below(node)))
    first_use: dict[int, int] = {}
    for i, node in enumerate(order):
        for x in node.parents:
            if x.operation is None:
                first_use.setdefault(id(x), i)
    draws = max(1, min(DRAWS, NODES // len(order)))
    for faint in (FAINT, 0.0):
        best, least = None, inf
        for _ in range(draws):
            found = _drawn(order, first_use, below, EASY, rng, faint)
            if found is not None and (difficulty := found.difficulty()) < least:
                best, least = found, difficulty
            if least <= PLAIN:
                break
        if best is not None:
            return _recorded(order, best)
    found = _drawn(order, first_use, below, WIDE, rng)
    if found is None:
        own = _Candidate(order, {id(leaf): number_of(leaf) for leaf in view.leaves})
        if (bad := own.evaluate()) is not None:
            raise ValueError(
                f"worksheet: no values were found for which {safe(bad.op)} ({safe(describe(bad))}) and its local "
                f"derivatives are finite; its domain is {bad.operation.domain}"  # type: ignore[union-attr]
            )
        found = own
    return _recorded(order, found)


def _drawn(
    order: Sequence[Value], first_use: Mapping[int, int], below: Callable[[Value], list[Value]],
    choices: Sequence[float], rng: Random, faint: float = 0.0,
) -> _Candidate | None:  # fmt: skip
    """Draw the leaves, by their `first_use`, and those `below` an operation outside its domain again; or None.

    So are those below a function of one operand whose local derivative is smaller than `faint`, and not 0.
    """
    start = 0  # nodes before the first use of a leaf that was drawn again stay as they are
    found = _Candidate(order, {leaf: _pick(choices, rng) for leaf in first_use})
    for _ in range(20 + 5 * len(first_use)):
        bad = found.evaluate(faint, start)
        if bad is None:
            return found
        x, leaf = _pick(choices, rng), _pick(below(bad), rng)
        found.data[id(leaf)], start = x, first_use[id(leaf)]
    return None


def _pick(choices: Sequence[T], rng: Random) -> T:
    return choices[int(rng.random() * len(choices))]  # the same in every version of Python, as `choice` need not be


def _leaves_below(root: Value) -> Iterator[Value]:
    """Yield the leaves that a node depends on, in the order of their first use."""
    stack, met = [root], set()
    while stack:
        node = stack.pop()
        if id(node) not in met:
            met.add(id(node))
            stack.extend(reversed(node.parents))
            if node.operation is None:
                yield node


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Other numbers for a graph: of the leaves and, once evaluated, of all nodes, by their ids."""

    order: Sequence[Value]
    data: dict[int, float]
    partials: dict[int, list[float]] = field(default_factory=dict)

    def operands(self, node: Value) -> list[float]:
        """Return the numbers that a node is computed from."""
        return [self.data[id(x)] if x.__class__ is Value else x for x in node.operands]

    def evaluate(self, faint: float = 0.0, start: int = 0) -> Value | None:
        """Compute all nodes from that one on; return the first that must not be, or None."""
        data = self.data
        for node in self.order[start:]:
            if (row := node.operation) is None:
                continue
            given = node.operands
            operands = [data[id(x)] if x.__class__ is Value else x for x in given]
            try:
                out, by_all = row.evaluate(operands)
            except (ArithmeticError, ValueError, IndexError):  # a class index, say, that is none
                return node
            partials = [d for x, d in zip(given, by_all, strict=True) if x.__class__ is Value]
            if not (isfinite(out) and all(map(isfinite, partials))):
                return node
            if not row.within_domain(operands):
                return node
            if len(operands) == 1 and 0.0 < abs(partials[0]) < faint:
                return node
            data[id(node)], self.partials[id(node)] = out, partials
        return None

    def difficulty(self) -> int:
        """Return how hard the graph is to work out by hand: long numbers, zeros, leaves that are alike, kinks.

        Hardest is one through whose ReLUs nothing comes back: half its table would be zeros.
        """
        order, data = self.order, self.data
        grads = gradients(order, lambda node: self.partials[id(node)])
        leaves = [node for node in order if node.operation is None]
        shown = [x for node in order for x in (data[id(node)], grads[id(node)], *self.partials.get(id(node), ()))]
        long: int = sum(map(_excess, shown))
        zero: int = sum(grads[id(leaf)] == 0.0 for leaf in leaves) + sum(data[id(node)] == 0.0 for node in order)
        equal = 2 * len(leaves) - len({data[id(x)] for x in leaves}) - len({abs(grads[id(x)]) for x in leaves})
        kinked = [node for node in order if node.operation is not None and node.operation.kinks]
        kinks = sum(has_kink(node.operation, self.operands(node)) for node in kinked)  # type: ignore[arg-type]
        back = [grads[id(node)] * d for node in kinked for d in self.partials[id(node)]]
        return long + 3 * zero + 2 * equal + 10 * kinks + 100 * (back != [] and not any(back))


@lru_cache(maxsize=4096)
def _excess(x: float) -> int:
    """Return the characters of a number beyond those of one that is easy to write; a large one is never easy."""
    return max(0, len(f"{x:.6g}") - SHORT) + 20 * (abs(x) > LARGE)


def _recorded(order: Sequence[Value], numbers: _Candidate) -> View:
    """Return the graph of a candidate, recorded."""

    def again(node: Value, operands: tuple[Any, ...]) -> Value:
        if node.operation is not None:
            return record(node.operation, operands)
        return Value(numbers.data[id(node)], kind=node.kind)

    with in_mode(Mode()):  # recorded, and without complaint, whatever mode the caller is in
        new = rebuilt(order, again)
    return View(new[id(order[-1])], [new[id(node)] for node in order])


def has_kink(row: Op, operands: Sequence[float]) -> bool:
    """Tell whether a local derivative jumps at the operands, as that of ReLU does at 0."""
    if not row.kinks:
        return False
    for i, x in enumerate(operands):
        sides = [row.evaluate([*operands[:i], x + step, *operands[i + 1 :]])[1][i] for step in (-STEP, STEP)]
        if not isclose(*sides, rel_tol=0.01, abs_tol=1e-3):
            return True
    return False
