"""The difference between two recordings of a function, which should be the same."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from math import copysign
from operator import is_
from typing import Any

from autograd_lite.replay.tape import Tape


def same_numbers(some: Sequence[float], others: Sequence[float]) -> bool:
    """Tell whether numbers are the same bit for bit; one nan is as good as another."""
    return array("d", some).tobytes() == array("d", others).tobytes() or all(map(same_bits, some, others))


def same_bits(a: float, b: float) -> bool:
    return (a == b and copysign(1.0, a) == copysign(1.0, b)) or (a != a and b != b)


def _identical(some: Sequence[object], others: Sequence[object]) -> bool:
    return len(some) == len(others) and all(map(is_, some, others))


def _lists(tape: Tape) -> tuple[Any, ...]:
    """Return all that tapes of the same parameters and rows can differ in."""
    return tape.row, tape.starts, tape.operands, tape.outputs, tape.constants.tobytes()


def difference(old: Tape, new: Tape) -> str:
    """Return the difference between two tapes of one branch; empty if there is none."""
    if not _identical(old.parameters, new.parameters):
        return ("it read other Values than before; a function closes over its parameters once: write p.data to change "
                "one, instead of binding a new Value to its name")  # fmt: skip
    if _identical(old.rows, new.rows) and _lists(old) == _lists(new):
        return ""
    for node, (a, b) in enumerate(zip(old.row, new.row, strict=False)):
        if old.rows[a] is not new.rows[b]:
            return f"operation {node + 1} was {old.rows[a].name}, and is {new.rows[b].name} now; {_WHY}"
        for s, t in zip(old.operands_of(node), new.operands_of(node), strict=False):
            before, now = _constant_at(old, s), _constant_at(new, t)
            if before is not None and now is not None and not same_bits(before, now):
                label = old.labels.get(old.first_node + node)
                where = f"operation {node + 1}, {old.rows[a].name}" + (f" ({label!r})" if label else "")
                return f"{where}, had the number {before}, and has {now} now; {_WHY}"
    if (old.starts, old.operands, old.outputs) != (new.starts, new.operands, new.outputs):
        return f"its graph has {old.nodes} operations, and {new.nodes} now, or other edges; {_WHY}"
    return ""  # nothing but the bits of a nan


_WHY = "if it comes from a random number, or a number that changes, pass it as an argument"


def _constant_at(tape: Tape, slot: int) -> float | None:
    index = slot - len(tape.parameters)
    return tape.constants[index] if 0 <= index < len(tape.constants) else None
