"""A graph once more, on fresh leaves whose easy values keep every number of it short: something to work out by hand.

The rows are applied again; the graph of the user is only read. A draw that leaves the domain of an operation is
mended by drawing a leaf below that operation anew. Of several draws the one is taken whose numbers are shortest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isclose, isfinite
from operator import ge, gt, le, lt, ne
from random import Random
from typing import TypeVar

from autograd_lite.engine import Value, record
from autograd_lite.graph import gradients, topological_order
from autograd_lite.lecture import has_no_formula
from autograd_lite.modes import Mode, describe, entered
from autograd_lite.notation.text import number, safe

EASY = (1.0, 2.0, 3.0, -1.0, -2.0, -3.0, 1.0, 2.0, 3.0, -1.0, -2.0, 0.5, -0.5, 1.5, -1.5, 2.5)
WIDE = (*(n / 2.0 for n in range(-20, 21)), 0.25, -0.25)  # for domains without an easy value
DRAWS = 24
FAINT = 0.01  # a unit as flat as that is saturated: printed with six digits its value is a limit, and its derivative 0
SHORT = 5  # characters of a number that is no burden: −0.25
STEP = 1e-6  # to both sides of an operand, to see a kink

T = TypeVar("T")
_COMPARED = {"<": lt, "≤": le, ">": gt, "≥": ge, "≠": ne}


def exercise(out: Value, rng: Random) -> Value:
    """Return the graph of `out` on fresh leaves with easy values, each within the domain of its operations.

    The user's own values are the last resort. ValueError if they fail too, or if an operation has no row.

    >>> a, b = Value(0.123, label="a"), Value(7.89, label="b")
    >>> new = exercise((a * b + a).log(), Random(0))
    >>> [leaf.data in EASY for leaf in topological_order(new) if not leaf.parents], a.data
    ([True, True], 0.123)
    """
    order = topological_order(out)
    for node in order:
        if has_no_formula(node):
            raise ValueError(
                f"worksheet: the local derivatives of {safe(describe(node))} ({safe(node.op)}) are numbers "
                "and not a rule, so there are none for other values; add the operation with define_op"
            )
    for faint in (FAINT, 0.0):
        drawn = [new for _ in range(DRAWS) if (new := _drawn(order, EASY, rng, faint)) is not None]
        if drawn:
            return min(drawn, key=_burden)
    new, bad = _drawn(order, WIDE, rng), None
    if new is None:
        new, bad = _again(order, {id(leaf): leaf._data for leaf in order if leaf.operation is None})
    if bad is not None and bad.operation is not None:
        raise ValueError(
            f"worksheet: no values were found for which {safe(bad.op)} ({safe(describe(bad))}) and its "
            f"local derivatives are finite; its domain is {bad.operation.domain}"
        )
    return new


def _drawn(order: Sequence[Value], choices: Sequence[float], rng: Random, faint: float = 0.0) -> Value | None:
    """Draw the leaves, and those below an operation outside its domain again; None if that does not end.

    So are those below a function of one operand whose local derivative is smaller than `faint`, and not 0.
    """
    leaves = [node for node in order if node.operation is None]
    values = {id(leaf): _pick(choices, rng) for leaf in leaves}
    for _ in range(20 + 5 * len(leaves)):
        new, bad = _again(order, values, faint)
        if bad is None:
            return new
        below = [node for node in topological_order(bad) if node.operation is None]
        values[id(_pick(below, rng))] = _pick(choices, rng)
    return None


def _pick(choices: Sequence[T], rng: Random) -> T:
    return choices[int(rng.random() * len(choices))]  # the same in every version of Python, as `choice` need not be


def _again(order: Sequence[Value], values: Mapping[int, float], faint: float = 0.0) -> tuple[Value, Value | None]:
    """Apply the rows to other values of the leaves; return the new root, and the first node that must not be."""
    made: dict[int, Value] = {}
    with entered(Mode()):  # recorded, and without complaint, whatever mode the caller is in
        for node in order:
            if node.operation is None:
                new = Value(values[id(node)])
            else:
                operands = [made[id(x)] if x.__class__ is Value else x for x in node.operands]
                try:
                    new = record(node.operation, operands)
                except (ArithmeticError, ValueError, IndexError):  # a class index, say, that is none
                    return node, node
                if not (isfinite(new._data) and all(map(isfinite, new.partials)) and _within_domain(new)):
                    return node, node
                if len(operands) == 1 and 0.0 < abs(new.partials[0]) < faint:
                    return node, node
            if node.label:
                new.label = node.label
            if node.role is not None:
                new.role = node.role
            made[id(node)] = new
    return made[id(order[-1])], None


def _within_domain(node: Value) -> bool:
    """Tell whether the operands keep to the conditions of a domain; outside of one in words nothing is finite."""
    row = node.operation
    assert row is not None
    known = dict(zip(row.operands, row.group(_numbers(node)), strict=True)) if row.conditions else {}
    return all(_COMPARED[sign](known[name], bound) for name, sign, bound in row.conditions)


def _numbers(node: Value) -> list[float]:
    return [x._data if x.__class__ is Value else x for x in node.operands]


def _burden(root: Value) -> int:
    """Return how hard a graph is to work out by hand: long numbers, zeros, equal leaves, kinks."""
    order = topological_order(root)
    grads = gradients(order)
    leaves = [node for node in order if node.operation is None]
    shown = [x for node in order for x in (node._data, grads[id(node)], *node.partials)]
    long = sum(max(0, len(number(x).text) - SHORT) for x in shown)
    zero = sum(grads[id(leaf)] == 0.0 for leaf in leaves) + sum(node._data == 0.0 for node in order)
    equal = len(leaves) - len({leaf._data for leaf in leaves})
    return long + 3 * zero + 2 * equal + 10 * sum(map(_kinked, order))


def _kinked(node: Value) -> bool:
    """Tell whether a local derivative jumps at the operands, as that of ReLU does at 0."""
    row = node.operation
    if row is None or not row.kinks:
        return False
    numbers = _numbers(node)
    for i, x in enumerate(numbers):
        sides = []
        for moved in (x - STEP, x + STEP):
            operands = row.group([*numbers[:i], moved, *numbers[i + 1 :]])
            sides.append(row.flat(row.local_derivatives(row.value(operands), operands))[i])
        if not isclose(*sides, rel_tol=0.01, abs_tol=1e-3):
            return True
    return False
