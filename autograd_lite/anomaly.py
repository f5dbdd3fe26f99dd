"""`with ag.anomaly():` finds the operation, or the gradient, at which nan or inf first comes from finite numbers."""

from __future__ import annotations

import linecache
import os
import sys
from dataclasses import replace
from math import isfinite, isinf
from typing import Any

from autograd_lite.coerce import number_of
from autograd_lite.flow import flow
from autograd_lite.generated import filenames
from autograd_lite.graph import topological_order
from autograd_lite.modes import Mode, current, describe, in_mode

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_PYTHON = os.path.dirname(os.__file__) + os.sep


def anomaly() -> Any:
    """Raise FloatingPointError at the first operation that makes nan or inf from finite operands.

    It names the operation, its operands with their labels, and the line of your program; in `backward()` it
    raises at the first gradient that turns so.
    """
    return in_mode(replace(current.get() or Mode(), anomaly=Anomaly()))


class Anomaly:
    """The checks of each recorded node, and of a backward pass."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        self.lines: dict[int, tuple[Any, str]] = {}  # the nodes by id, each with the user's line that made it

    def check(self, node: Any) -> None:
        """Raise FloatingPointError where a new node, or its local derivative, is not finite and its operands are."""
        line = user_line()
        self.lines[id(node)] = node, line
        if not all(isfinite(number_of(x)) for x in node.operands):
            return
        because = f"though its operands are finite{line}"
        if not isfinite(out := number_of(node)):
            raise FloatingPointError(f"{_call(node)} is {out!r}, {because}{_hint(node, out)}")
        for parent, partial in zip(node.parents, node.partials, strict=True):
            if not isfinite(partial):
                raise FloatingPointError(f"{_call(node)} has the local derivative {partial!r} by {describe(parent)}, "
                                         f"{because}{_hint(node, partial)}")  # fmt: skip

    def gradients(self, root: Any, seed: float) -> list[tuple[Any, float]]:
        """Return each node with its gradient, as in `Value.backward`; raise at the first that is not finite."""
        order, grads = topological_order(root), {id(root): seed}
        for node, parent, partial, _, total in flow(order, grads):
            grad = grads[id(node)]
            if isfinite(grad) and isfinite(partial) and not isfinite(total):
                line = self.lines.get(id(node), (node, ""))[1]
                raise FloatingPointError(
                    f"backward: the gradient of {describe(parent)} becomes {total!r} at {_call(node)}: "
                    f"{grad!r} times the local derivative {partial!r}{line}")  # fmt: skip
        return [(node, grads[id(node)]) for node in order]


def _call(node: Any) -> str:
    """Return an operation with its operands, as in `log(a = -0.2 ('margin'))`."""
    row = node.operation
    names = [f"operand {i + 1}" for i in range(len(node.operands))] if row.takes_lists else row.operands
    labels = [f" ({x.label!r})" if x.__class__ is not float and x.label else "" for x in node.operands]
    shown = [f"{n} = {number_of(x)!r}{label}" for n, x, label in zip(names, node.operands, labels, strict=True)]
    return f"{row.name}({', '.join(shown[:6])}{', …' if len(shown) > 6 else ''})"


def _hint(node: Any, found: float) -> str:
    """Return why a number is not finite: it is too large, or the operands are outside the domain."""
    row, operands = node.operation, [number_of(x) for x in node.operands]
    unlimited = row.domain == "all reals"
    if isinf(found) and (unlimited or (row.within_domain(operands) if row.conditions else 0.0 not in operands)):
        return "; it is too large for a float, which ends at 1.8e308"
    return ("" if unlimited else f"; its domain is {row.domain}") + (f"; {row.hint}" if row.hint else "")


def user_line() -> str:
    """Return ", at file:line: source" of the innermost frame outside this package, or nothing.

    A line of the user's is preferred to one of a library, such as NumPy, that the user called.
    """
    found, frame = "", sys._getframe()
    while frame is not None:
        filename = frame.f_code.co_filename
        is_library = filename.startswith(_PYTHON) or "site-packages" in filename or "dist-packages" in filename
        if not filename.startswith(_HERE) and filename not in filenames and not (found and is_library):
            text = linecache.getline(filename, frame.f_lineno).strip()
            found = f", at {filename}:{frame.f_lineno}" + (f": {text}" if text else "")
            if not is_library:
                break
        frame = frame.f_back  # type: ignore[assignment]
    return found
