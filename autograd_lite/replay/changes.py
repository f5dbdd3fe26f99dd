"""What may have changed since a function was recorded: the names it reads, and what it does."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from math import copysign
from operator import is_
from types import CodeType
from typing import Any

from autograd_lite.engine import Value
from autograd_lite.replay.tape import Tape


class Surroundings:
    """The numbers and Values that a function reads by name from around it: bound anew, they end its tapes."""

    def __init__(self, function: Callable[..., Any]) -> None:
        code = getattr(function, "__code__", None)
        self.cells = [(cell, cell.cell_contents) for cell in getattr(function, "__closure__", None) or ()
                      if _is_filled(cell) and _simple(cell.cell_contents)]  # fmt: skip
        self.globals: dict[str, Any] = getattr(function, "__globals__", {})
        names = _names_in(code) if code else set()
        self.named = [(name, self.globals[name]) for name in names if _simple(self.globals.get(name))]

    def changed(self) -> bool:
        """Tell whether one of them is another object now."""
        for cell, thing in self.cells:
            if not _is_filled(cell) or cell.cell_contents is not thing:
                return True
        return any([self.globals.get(name) is not thing for name, thing in self.named])


def _simple(thing: Any) -> bool:
    return isinstance(thing, int | float | str | Value)


def _is_filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


def _names_in(code: CodeType) -> set[str]:
    """Return the global names that a function may read, those of the functions written inside it too."""
    inner = [_names_in(constant) for constant in code.co_consts if isinstance(constant, CodeType)]
    return {*code.co_names}.union(*inner)


def same_numbers(some: Sequence[float], others: Sequence[float]) -> bool:
    """Tell whether numbers are the same bit for bit; one nan is as good as another."""
    return array("d", some).tobytes() == array("d", others).tobytes() or all(map(same_bits, some, others))


def same_bits(a: float, b: float) -> bool:
    return (a == b and copysign(1.0, a) == copysign(1.0, b)) or (a != a and b != b)


def _identical(some: Sequence[object], others: Sequence[object]) -> bool:
    return len(some) == len(others) and all(map(is_, some, others))


def _lists(tape: Tape) -> tuple[Any, ...]:
    """Return by what tapes of the same parameters and rows are compared."""
    return tape.row, tape.starts, tape.operands, tape.outputs, tape.constants.tobytes()


def difference(old: Tape, new: Tape) -> str:
    """Return what two tapes of one branch differ in; empty if in nothing."""
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
    place = slot - len(tape.parameters)
    return tape.constants[place] if 0 <= place < len(tape.constants) else None
